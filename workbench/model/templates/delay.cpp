{# The spikes that a source had some steps ago, in this trial: those of each step wait in a row of the line. #}
{# USES_VARIABLES { N, _step, _spikespace, _line, _source_spikes } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    int32_t* _row = {{_line}} + (size_t) ({{_step}} % {{delay}}) * (N + 1);
    if ({{_step}} < {{delay}})
        {{_spikespace}}[N] = 0;
    else
        for (size_t _k = 0; _k <= N; _k++)
            {{_spikespace}}[_k] = _row[_k];
    for (size_t _k = 0; _k <= N; _k++)
        _row[_k] = {{_source_spikes}}[_k];
{% endblock %}
