{# The spikes of the trial: steps and neurons. #}
{# USES_VARIABLES { N, step } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    const int32_t* _spikes = {{get_array_name(spikes, access_data=False)}};
    const int32_t _n_spikes = _spikes[{{n_pre}}];
    if ({{step}} == 0)
    {
        {{get_array_name(spike_steps, access_data=False)}}.clear();
        {{get_array_name(spike_neurons, access_data=False)}}.clear();
    }
    for (int32_t _k = 0; _k < _n_spikes; _k++)
    {
        {{get_array_name(spike_steps, access_data=False)}}.push_back({{step}});
        {{get_array_name(spike_neurons, access_data=False)}}.push_back(_spikes[_k]);
    }
{% endblock %}
