{# In place of a visit to each synapse: statements for the synapses of the neurons that spike, at either end. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    static unsigned char _visited[{{n_pre}}];
    const int32_t* _before = {{get_array_name(before, access_data=False)}};
    const int32_t* _after = {{get_array_name(after, access_data=False)}};
    // A spike at an end at which nothing grows by itself is found from the other end, where both spike.
    int32_t _n_before = {{'_before[%d]' % n_pre if at_before or not at_after else '0'}};
    {% if settles %}
    // In the first step of a trial all are, since what must hold of a weight may not hold yet; and in its last, for what
    // has added up where no weight changes before.
    const bool _all = {{get_array_name(step, access_data=False)}}[0] == 0
        || {{get_array_name(ends, access_data=False)}}[0];
    {% else %}
    const bool _all = false;
    {% endif %}
    if (_all)
        _n_before = {{n_pre}};
    for (int32_t _spike = 0; _spike < _n_before; _spike++)
    {
        const size_t _row = _all ? _spike : _before[_spike];
        if (_visited[_row])
            continue;
        _visited[_row] = 1;
        {% if column %}
        const size_t _begin = {{get_array_name(first, access_data=False)}}[_row];
        const size_t _stop = {{get_array_name(first, access_data=False)}}[_row + 1];
        {% else %}
        const size_t _begin = _row * {{n_post}}, _stop = _begin + {{n_post}};
        {% endif %}
        for (size_t _idx = _begin; _idx < _stop; _idx++)
        {
            const size_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
        }
    }
    {% if at_after %}
    for (int32_t _spike = 0; _spike < _after[{{n_post}}]; _spike++)
        {% if column %}
        for (int32_t _place = {{get_array_name(first_of_target, access_data=False)}}[_after[_spike]];
             _place < {{get_array_name(first_of_target, access_data=False)}}[_after[_spike] + 1]; _place++)
        {
            const size_t _idx = {{get_array_name(of_target, access_data=False)}}[_place];
            if (_visited[{{get_array_name(row, access_data=False)}}[_idx]])
                continue;
        {% else %}
        for (size_t _row = 0; _row < {{n_pre}}; _row++)
        {
            if (_visited[_row])
                continue;
            const size_t _idx = _row * {{n_post}} + _after[_spike];
        {% endif %}
            const size_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
        }
    {% endif %}
    for (int32_t _spike = 0; _spike < _n_before; _spike++)
        _visited[_all ? _spike : _before[_spike]] = 0;
{% endblock %}
