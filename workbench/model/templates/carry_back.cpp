{# Each source gets the sum of what its targets hand down, by the weights that reach them. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(matrix.dtype) %}
    const {{T}}* __restrict _by = {{get_array_name(by, access_data=False)}};
    const {{T}}* __restrict _weight = {{get_array_name(matrix, access_data=False)}};
    const int32_t* _begins = {{get_array_name(first, access_data=False)}};
    const int32_t* _column = {{get_array_name(column, access_data=False)}};
    for (int _row = 0; _row < {{n_pre}}; _row++)
    {
        {{T}} _sum = 0;
        for (int32_t _place = _begins[_row]; _place < _begins[_row + 1]; _place++)
            _sum += _weight[_place] * _by[_column[_place]];
        {{get_array_name(to, access_data=False)}}[_row] = _sum;
    }
{% endblock %}
