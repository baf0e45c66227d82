{# In place of Brian2's: conditions of many neurons at a time, then the few that hold. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}
{% block maincode %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    {% set _eventspace = get_array_name(eventspace_variable) %}
    long _count = 0;
    for (size_t _first = 0; _first < N; _first += 256)
    {
        uint64_t _met[32] = {0};
        unsigned char* _flags = reinterpret_cast<unsigned char*>(_met);
        const size_t _stop = N - _first < 256 ? N - _first : 256;
        _Pragma("GCC ivdep")
        for (size_t _place = 0; _place < _stop; _place++)
        {
            const size_t _idx = _first + _place;
            const size_t _vectorisation_idx = _idx;
            {{vector_code|autoindent}}
            _flags[_place] = _cond;
        }
        for (size_t _eight = 0; 64 * _eight < _stop; _eight++)
        {
            // A bit for each of 64 neurons: no branch is taken for those in which it does not hold.
            uint64_t _bits = 0;
            for (size_t _word = 0; _word < 8; _word++)
                _bits |= ((_met[8 * _eight + _word] * UINT64_C(0x0102040810204080)) >> 56) << (8 * _word);
            for (; _bits; _bits &= _bits - 1)
            {
                const size_t _idx = _first + 64 * _eight + __builtin_ctzll(_bits);
                {{_eventspace}}[_count++] = _idx;
                {% if _uses_refractory %}
                {{not_refractory}}[_idx] = false;
                {{lastspike}}[_idx] = {{t}};
                {% endif %}
            }
        }
    }
    {{_eventspace}}[N] = _count;
{% endblock %}

{% block after_code %}
{% set _eventspace = get_array_name(eventspace_variable) %}
{{_eventspace}}[N] = 0;
{% endblock %}
