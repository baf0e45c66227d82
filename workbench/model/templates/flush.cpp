{# What has been added up since the last flush reaches every synapse; the rest is carried on, or ends with the trial. #}
{# USES_VARIABLES { N, trial_end } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    {% set T = c_data_type(estimate.dtype) %}
    {% set n_traces = traces | length %}
    {% set n_filters = accumulators | length %}
    // Powers of the whole block, which end with its last step.
    {% for row in range(n_traces) %}
    {% for column in range(n_traces) %}
    const {{T}} _carry_{{row}}_{{column}} = {{trial_end}} ? 0 : (0
        {% for k in range(n_traces) %}
        + {{get_array_name(P[row][k], access_data=False)}}[0] * {{get_array_name(U[k][column], access_data=False)}}[0]
        {% endfor %}
        );
    {% endfor %}
    {% endfor %}
    {% for row in range(n_filters) %}
    {% for column in range(n_filters) %}
    const {{T}} _keep_{{row}}_{{column}} = {{trial_end}} ? 0 : (0
        {% for k in range(n_filters) %}
        + {{get_array_name(Q[row][k], access_data=False)}}[0] * {{get_array_name(V[k][column], access_data=False)}}[0]
        {% endfor %}
        );
    {% endfor %}
    {% endfor %}
    for (int _pre = 0; _pre < {{n_pre}}; _pre++)
    {
        {% for trace in traces %}
        const {{T}} _a_{{loop.index0}} = {{get_array_name(trace, access_data=False)}}[_pre];
        {% endfor %}
        {% if column %}
        const int32_t* _column = {{get_array_name(column, access_data=False)}};
        const int32_t _begin = {{get_array_name(first, access_data=False)}}[_pre];
        const int32_t _count = {{get_array_name(first, access_data=False)}}[_pre + 1] - _begin;
        {% else %}
        const size_t _begin = (size_t) _pre * {{n_post}};
        const int _count = {{n_post}};
        {% endif %}
        {{T}}* _g = {{get_array_name(estimate, access_data=False)}} + _begin;
        {% for accumulator in accumulators %}
        {{T}}* _A_{{loop.index0}} = {{get_array_name(accumulator, access_data=False)}} + _begin;
        {% endfor %}
        _Pragma("GCC ivdep")
        for (int _place = 0; _place < _count; _place++)
        {
            const int _post = {{'_column[_begin + _place]' if column else '_place'}};
            {% for row in range(n_filters) %}
            const {{T}} _was_{{row}} = _A_{{row}}[_place];
            {% endfor %}
            _g[_place] += 0
                {% for row in range(n_filters) %}
                + {{get_array_name(F[row], access_data=False)}}[_post] * _was_{{row}}
                {% endfor %}
                {% for column in range(n_traces) %}
                + {{get_array_name(H[column], access_data=False)}}[_post] * _a_{{column}}
                {% endfor %}
                ;
            {% for row in range(n_filters) %}
            const {{T}} _now_{{row}} = _was_{{row}}
                {% for column in range(n_traces) %}
                + {{get_array_name(G[row][column], access_data=False)}}[_post] * _a_{{column}}
                {% endfor %}
                ;
            {% endfor %}
            {% for row in range(n_filters) %}
            _A_{{row}}[_place] = 0
                {% for k in range(n_filters) %}
                + _keep_{{row}}_{{k}} * _now_{{k}}
                {% endfor %}
                ;
            {% endfor %}
        }
        {% for row in range(n_traces) %}
        {{get_array_name(traces[row], access_data=False)}}[_pre] = 0
            {% for column in range(n_traces) %}
            + _carry_{{row}}_{{column}} * _a_{{column}}
            {% endfor %}
            ;
        {% endfor %}
    }
{% endblock %}
