{# Sums over the rows of a matrix, each weighted by one neuron's variable; several rows at a time. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(matrix.dtype) %}
    const {{T}}* __restrict _by = {{get_array_name(by, access_data=False)}};
    {{T}}* __restrict _to = {{get_array_name(to, access_data=False)}};
    const {{T}}* __restrict _row = {{get_array_name(matrix, access_data=False)}};
    {% macro rows(count, add) %}
        for (int _column = 0; _column < {{n_columns}}; _column++)
            _to[_column] {{'+=' if add else '='}} _by[_k] * _row[_column]
            {% for row in range(1, count) %}
                + _by[_k + {{row}}] * _row[_column + {{row * n_columns}}]
            {% endfor %}
                ;
    {% endmacro %}
    int _k = 0;
    {% if n_rows <= 16 %}
    {{rows(n_rows, false)}}
    {% else %}
    {{rows(8, false)}}
    for (_k = 8, _row += 8 * {{n_columns}}; _k + 8 <= {{n_rows}}; _k += 8, _row += 8 * {{n_columns}})
    {
        {{rows(8, true)}}
    }
    {% if n_rows % 8 %}
    {{rows(n_rows % 8, true)}}
    {% endif %}
    {% endif %}
{% endblock %}
