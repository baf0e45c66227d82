{# Rows that are read in each step lie in a row; of a matrix that lends its signs alone, with fixed magnitudes. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(matrix.dtype) %}
    const {{T}}* __restrict _from = {{get_array_name(matrix, access_data=False)}};
    {{T}}* __restrict _to = {{get_array_name(transposed, access_data=False)}};
    {% if magnitude %}
    const {{T}}* __restrict _size = {{get_array_name(magnitude, access_data=False)}};
    {% endif %}
    for (int _pre = 0; _pre < {{n_pre}}; _pre++)
        for (int _post = 0; _post < {{n_post}}; _post++)
        {
            const size_t _place = (size_t) _post * {{n_pre}} + _pre;
            const {{T}} _weight = _from[(size_t) _pre * {{n_post}} + _post];
            {% if magnitude %}
            _to[_place] = _size[_place] * ((_weight > 0) - (_weight < 0));
            {% else %}
            _to[_place] = _weight;
            {% endif %}
        }
{% endblock %}
