{# Each spike of the trial adds what its step contributes to the row of its neuron. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(estimate.dtype) %}
    const size_t _n_spikes = {{get_array_name(spike_steps, access_data=False)}}.size();
    const int32_t* _steps = {{get_array_name(spike_steps, access_data=False)}}.data();
    const int32_t* _neurons = {{get_array_name(spike_neurons, access_data=False)}}.data();
    const {{T}}* _rows = {{get_array_name(contribution, access_data=False)}}.data();
    for (size_t _k = 0; _k < _n_spikes; _k++)
    {
        const {{T}}* __restrict _from = _rows + (size_t) _steps[_k] * {{n_post}};
        {{T}}* __restrict _to = {{get_array_name(estimate, access_data=False)}} + (size_t) _neurons[_k] * {{n_post}};
        for (int _post = 0; _post < {{n_post}}; _post++)
            _to[_post] += _from[_post];
    }
{% endblock %}
