{# A spike adds the row of its neuron to the targets. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(matrix.dtype) %}
    const int32_t* _spikes = {{get_array_name(spikes, access_data=False)}};
    const int32_t _n_spikes = _spikes[{{n_pre}}];
    {{T}}* __restrict _to = {{get_array_name(to, access_data=False)}};
    {% if sent %}
    const {{T}}* __restrict _sent = {{get_array_name(sent, access_data=False)}};
    {% endif %}
    {% if column %}
    const {{T}}* __restrict _weight = {{get_array_name(matrix, access_data=False)}};
    const int32_t* _begins = {{get_array_name(first, access_data=False)}};
    const int32_t* _column = {{get_array_name(column, access_data=False)}};
    for (int32_t _k = 0; _k < _n_spikes; _k++)
        for (int32_t _place = _begins[_spikes[_k]]; _place < _begins[_spikes[_k] + 1]; _place++)
            _to[_column[_place]] += _weight[_place]{{' * _sent[_spikes[_k]]' if sent else ''}};
    {% else %}
    for (int32_t _k = 0; _k < _n_spikes; _k++)
    {
        const {{T}}* __restrict _row = {{get_array_name(matrix, access_data=False)}} + (size_t) _spikes[_k] * {{n_post}};
        for (int _post = 0; _post < {{n_post}}; _post++)
            _to[_post] += _row[_post]{{' * _sent[_spikes[_k]]' if sent else ''}};
    }
    {% endif %}
{% endblock %}
