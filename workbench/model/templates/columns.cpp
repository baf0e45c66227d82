{# Sums of an expression over the columns of a matrix, row by row. #}
{# USES_VARIABLES { N } #}
{# ITERATE_ALL { _idx } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    {{c_data_type(to.dtype)}}* __restrict _to = {{get_array_name(to, access_data=False)}};
    for (size_t _column = 0; _column < {{n_columns}}; _column++)
        _to[_column] = 0;
    {% if column %}
    const int32_t* _places = {{get_array_name(column, access_data=False)}};
    for (size_t _idx = 0; _idx < N; _idx++)
    {
        const size_t _vectorisation_idx = _idx;
        {{vector_code|autoindent}}
        _to[_places[_idx]] += _value;
    }
    {% else %}
    for (size_t _first = 0; _first < N; _first += {{n_columns}})
        for (size_t _column = 0; _column < {{n_columns}}; _column++)
        {
            const size_t _idx = _first + _column;
            const size_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
            _to[_column] += _value;
        }
    {% endif %}
{% endblock %}
