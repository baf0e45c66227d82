{# Each spike of this step changes the row of its neuron. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(estimate.dtype) %}
    const int32_t* _spikes = {{get_array_name(spikes, access_data=False)}};
    const int32_t _n_spikes = _spikes[{{n_pre}}];
    for (int32_t _k = 0; _k < _n_spikes; _k++)
    {
        const size_t _pre = _spikes[_k];
        {% for trace in traces %}
        {{get_array_name(trace, access_data=False)}}[_pre] += {{get_array_name(beta[loop.index0], access_data=False)}}[0];
        {% endfor %}
        {% if column %}
        const int32_t* _column = {{get_array_name(column, access_data=False)}};
        const int32_t _stop = {{get_array_name(first, access_data=False)}}[_pre + 1];
        for (int32_t _place = {{get_array_name(first, access_data=False)}}[_pre]; _place < _stop; _place++)
        {
            {{get_array_name(estimate, access_data=False)}}[_place] += {{get_array_name(given, access_data=False)}}[_column[_place]];
            {% for accumulator in accumulators %}
            {{get_array_name(accumulator, access_data=False)}}[_place] -= {{get_array_name(taken[loop.index0], access_data=False)}}[_column[_place]];
            {% endfor %}
        }
        {% else %}
        {{T}}* __restrict _g = {{get_array_name(estimate, access_data=False)}} + _pre * {{n_post}};
        for (int _post = 0; _post < {{n_post}}; _post++)
            _g[_post] += {{get_array_name(given, access_data=False)}}[_post];
        {% for accumulator in accumulators %}
        {{T}}* __restrict _A_{{loop.index0}} = {{get_array_name(accumulator, access_data=False)}} + _pre * {{n_post}};
        for (int _post = 0; _post < {{n_post}}; _post++)
            _A_{{loop.index0}}[_post] -= {{get_array_name(taken[loop.index0], access_data=False)}}[_post];
        {% endfor %}
        {% endif %}
    }
{% endblock %}
