{# What the sweep needs of each neuron, and of what carries its learning signal, in each step of the trial. #}
{# USES_VARIABLES { N, step, n_steps } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    const size_t _step = {{step}};
    {% for kept, variable, size in history %}
    if (_step == 0)
        {{get_array_name(kept, access_data=False)}}.resize((size_t) {{n_steps}} * {{size}});
    {{c_data_type(kept.dtype)}}* __restrict _row_{{loop.index}} = {{get_array_name(kept, access_data=False)}}.data() + _step * {{size}};
    for (int _idx = 0; _idx < {{size}}; _idx++)
        _row_{{loop.index}}[_idx] = {{get_array_name(variable, access_data=False)}}[_idx];
    {% endfor %}
{% endblock %}
