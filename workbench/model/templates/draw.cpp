{# Numbers that are drawn for each neuron or synapse, from the number of the trial and of the step alone. #}
{# USES_VARIABLES { N, _step, _trial, _draws } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% for to, key, kind in noise %}
    workbench_draw({{get_array_name(to)}}, {{size}}, {{get_array_name(key)}}, {{_draws}}[{{_trial}}], {{_step}}, {{'true' if kind == 'normal' else 'false'}});
    {% endfor %}
{% endblock %}
