{# Back from the end of the trial to its start: what a spike at each step contributes. A block of neurons at a time,
   whose variables stay in the nearest cache. A learning signal that nothing else reads is weighed here. #}
{# USES_VARIABLES { N, n_steps } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(contribution.dtype) %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    const int _n_steps = {{n_steps}};
    {{get_array_name(contribution, access_data=False)}}.resize((size_t) _n_steps * {{size}});
    for (int _first = 0; _first < {{size}}; _first += 64)
    {
        const int _width = {{size}} - _first < 64 ? {{size}} - _first : 64;
        {% for variable in carried %}
        {{T}} {{get_array_name(variable)}}[64] = {0};
        {% endfor %}
        for (int _step = _n_steps - 1; _step >= 0; _step--)
        {
            const size_t _place = (size_t) _step * {{size}} + _first;
            {% for name, kept in history | dictsort %}
            const {{T}}* _row_{{name}} = {{get_array_name(kept, access_data=False)}}.data() + _place;
            {% endfor %}
            {{T}}* _row = {{get_array_name(contribution, access_data=False)}}.data() + _place;
            {% if signal %}
            const {{T}}* _by = {{get_array_name(signal.history, access_data=False)}}.data() + _step * {{signal.n_rows}};
            const {{T}}* _weight = {{get_array_name(signal.matrix, access_data=False)}} + _first;
            {% for row in range(signal.n_rows) if signal.n_rows <= 16 %}
            const {{T}} _by_{{row}} = _by[{{row}}];
            {% endfor %}
            {% if signal.n_rows > 16 %}
            {{T}} _weighed[64] = {0};
            for (int _k = 0; _k < {{signal.n_rows}}; _k++)
                for (int _idx = 0; _idx < _width; _idx++)
                    _weighed[_idx] += _by[_k] * _weight[(size_t) _k * {{size}} + _idx];
            {% endif %}
            {% endif %}
            _Pragma("GCC ivdep")
            for (int _idx = 0; _idx < _width; _idx++)
            {
                const size_t _vectorisation_idx = _idx;
                {% for name in history | sort %}
                const {{T}} {{name}} = _row_{{name}}[_idx];
                {% endfor %}
                {% if signal and signal.n_rows <= 16 %}
                const {{T}} {{signal.name}} = _by_0 * _weight[_idx]
                {% for row in range(1, signal.n_rows) %}
                    + _by_{{row}} * _weight[_idx + {{row * size}}]
                {% endfor %}
                    ;
                {% elif signal %}
                const {{T}} {{signal.name}} = _weighed[_idx];
                {% endif %}
                {{vector_code|autoindent}}
                _row[_idx] = contributed;
            }
        }
    }
{% endblock %}
