{# Rows that are read in each step lie in a row. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(matrix.dtype) %}
    const {{T}}* __restrict _from = {{get_array_name(matrix, access_data=False)}};
    {{T}}* __restrict _to = {{get_array_name(transposed, access_data=False)}};
    for (int _pre = 0; _pre < {{n_pre}}; _pre++)
        for (int _post = 0; _post < {{n_post}}; _post++)
            _to[(size_t) _post * {{n_pre}} + _pre] = _from[(size_t) _pre * {{n_post}} + _post];
{% endblock %}
