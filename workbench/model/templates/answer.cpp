{# The first neuron of a group with the greatest value of an expression: 1 for it, 0 for all others. #}
{# USES_VARIABLES { N, answered } #}
{# ITERATE_ALL { _idx } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    double _most = -INFINITY;
    size_t _answer = 0;
    for (size_t _idx = 0; _idx < N; _idx++)
    {
        const size_t _vectorisation_idx = _idx;
        {{vector_code|autoindent}}
        if (_value > _most)
        {
            _most = _value;
            _answer = _idx;
        }
    }
    for (size_t _idx = 0; _idx < N; _idx++)
        {{answered}}[_idx] = _idx == _answer;
{% endblock %}
