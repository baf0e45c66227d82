{# The sum of a variable over a group. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {{c_data_type(of.dtype)}} _sum = 0;
    for (int _idx = 0; _idx < {{size}}; _idx++)
        _sum += {{get_array_name(of, access_data=False)}}[_idx];
    {{get_array_name(to, access_data=False)}}[0] = _sum;
{% endblock %}
