{# The greatest value of an expression over a group. #}
{# USES_VARIABLES { N, greatest } #}
{# ITERATE_ALL { _idx } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    {{c_data_type(variables['greatest'].dtype)}} _most = -INFINITY;
    for (size_t _idx = 0; _idx < N; _idx++)
    {
        const size_t _vectorisation_idx = _idx;
        {{vector_code|autoindent}}
        if (_value > _most)
            _most = _value;
    }
    {{greatest}} = _most;
{% endblock %}
