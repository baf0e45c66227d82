{# Back from the end of the trial to its start: what a spike at each step contributes, which each spike of the trial then
   adds to the row of its neuron. A block of neurons at a time, whose contributions stay in the nearest cache. A learning
   signal that nothing else reads is weighed here. #}
{# USES_VARIABLES { N, n_steps } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(contribution.dtype) %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    const int _n_steps = {{n_steps}};
    {{get_array_name(contribution, access_data=False)}}.resize((size_t) _n_steps * {{block}});
    {{T}}* _contribution = {{get_array_name(contribution, access_data=False)}}.data();
    {% for variable in differing %}
    const {{T}}* _each_{{loop.index}} = {{get_array_name(variable)}};
    {% endfor %}
    for (int _first = 0; _first < {{size}}; _first += {{block}})
    {
        {% for variable in differing %}
        const {{T}}* __restrict {{get_array_name(variable)}} = _each_{{loop.index}} + _first;
        {% endfor %}
        {% if size < 32 %}
        const int _width = {{size}};
        {% else %}
        const int _width = {{size}} - _first < {{block}} ? {{size}} - _first : {{block}};
        {% endif %}
        {% for variable in carried %}
        {{T}} {{get_array_name(variable)}}[{{block}}] = {0};
        {% endfor %}
        for (int _step = _n_steps - 1; _step >= 0; _step--)
        {
            {% for name, kept in history | dictsort %}
            const {{T}}* _row_{{name}} = {{get_array_name(kept, access_data=False)}}.data() + (size_t) _step * {{size}} + _first;
            {% endfor %}
            {% for name, kept in history | dictsort %}
            if (_step > 3)
                for (int _idx = 0; _idx < _width; _idx += 64 / (int) sizeof({{T}}))
                    __builtin_prefetch(_row_{{name}} - 4 * {{size}} + _idx);
            {% endfor %}
            {{T}}* __restrict _row = _contribution + (size_t) _step * {{block}};
            {% if signal %}
            const {{T}}* _by = {{get_array_name(signal.history, access_data=False)}}.data() + _step * {{signal.n_rows}};
            const {{T}}* _weight = {{get_array_name(signal.matrix, access_data=False)}} + _first;
            {% for row in range(signal.n_rows) if signal.n_rows <= 16 %}
            const {{T}} _by_{{row}} = _by[{{row}}];
            {% endfor %}
            {% if signal.n_rows > 16 %}
            {{T}} _weighed[{{block}}] = {0};
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
        {% for estimate, spike_steps, spike_neurons, n_pre, first, column in incoming %}
        {% if column %}
        {
            {{T}}* __restrict _estimate = {{get_array_name(estimate, access_data=False)}};
            const int32_t* _begins = {{get_array_name(first, access_data=False)}};
            const int32_t* _column = {{get_array_name(column, access_data=False)}};
            // The synapses of a neuron are ordered by target: where those of each block begin, found once.
            static std::vector<int32_t> _edges;
            if (_edges.empty())
            {
                _edges.assign(_begins, _begins + {{n_pre}});
                for (int _stop = {{block}}; _stop < {{size}} + {{block}}; _stop += {{block}})
                    for (int _row = 0; _row < {{n_pre}}; _row++)
                    {
                        int32_t _place = _edges[_edges.size() - {{n_pre}}];
                        while (_place < _begins[_row + 1] && _column[_place] < _stop)
                            _place++;
                        _edges.push_back(_place);
                    }
            }
            const int32_t* _from_here = _edges.data() + (size_t) (_first / {{block}}) * {{n_pre}};
            const int32_t* _to_here = _from_here + {{n_pre}};
            const size_t _n_spikes = {{get_array_name(spike_steps, access_data=False)}}.size();
            const int32_t* _steps = {{get_array_name(spike_steps, access_data=False)}}.data();
            const int32_t* _neurons = {{get_array_name(spike_neurons, access_data=False)}}.data();
            for (size_t _k = 0; _k < _n_spikes; _k++)
            {
                const {{T}}* __restrict _from = _contribution + (size_t) _steps[_k] * {{block}};
                const int32_t _stop = _to_here[_neurons[_k]];
                for (int32_t _place = _from_here[_neurons[_k]]; _place < _stop; _place++)
                    _estimate[_place] += _from[_column[_place] - _first];
            }
        }
        {% else %}
        {
            {{T}}* _estimate = {{get_array_name(estimate, access_data=False)}} + _first;
            const size_t _n_spikes = {{get_array_name(spike_steps, access_data=False)}}.size();
            const int32_t* _steps = {{get_array_name(spike_steps, access_data=False)}}.data();
            const int32_t* _neurons = {{get_array_name(spike_neurons, access_data=False)}}.data();
            for (size_t _k = 0; _k < _n_spikes; _k++)
            {
                const {{T}}* __restrict _from = _contribution + (size_t) _steps[_k] * {{block}};
                {{T}}* __restrict _to = _estimate + (size_t) _neurons[_k] * {{size}};
                {% if size > block %}
                // The rows lie anywhere in memory: each is asked for some spikes ahead.
                const {{T}}* _ahead = _estimate + (size_t) _neurons[_k + 4 < _n_spikes ? _k + 4 : _k] * {{size}};
                for (int _idx = 0; _idx < _width; _idx += 64 / (int) sizeof({{T}}))
                    __builtin_prefetch(_ahead + _idx, 1);
                {% endif %}
                for (int _idx = 0; _idx < _width; _idx++)
                    _to[_idx] += _from[_idx];
            }
        }
        {% endif %}
        {% endfor %}
    }
{% endblock %}
