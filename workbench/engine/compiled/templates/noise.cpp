
// Random numbers of a key, a trial, a step and an index: the statements of `workbench.common.counter_noise`.
static inline uint64_t workbench_mixed(uint64_t state)
{
    state = (state ^ (state >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    state = (state ^ (state >> 27)) * UINT64_C(0x94D049BB133111EB);
    return state ^ (state >> 31);
}

static inline double workbench_ratio(const double (&above)[8], const double (&below)[8], double x)
{
    double top = above[0], bottom = below[0];
    for (int k = 1; k < 8; k++)
    {
        top = top * x + above[k];
        bottom = bottom * x + below[k];
    }
    return top / bottom;
}

static inline double workbench_quantile(double uniform)
{
    static const double middle[2][8] = {
        {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
         13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608},
        {5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
         5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0}};
    static const double tail[2][8] = {
        {7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
         3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734},
        {1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
         0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0}};
    static const double far_out[2][8] = {
        {2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
         0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772},
        {2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
         0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0}};
    const double centred = uniform - 0.5;
    if (centred <= 0.425 && centred >= -0.425)
        return centred * workbench_ratio(middle[0], middle[1], 0.180625 - centred * centred);
    const double radius = std::sqrt(-workbench_log(centred < 0 ? uniform : 1 - uniform));
    const double size = radius <= 5 ? workbench_ratio(tail[0], tail[1], radius - 1.6)
                                    : workbench_ratio(far_out[0], far_out[1], radius - 5);
    return centred < 0 ? -size : size;
}

template<class T>
static inline void workbench_draw(T* to, int size, const int32_t* key, int64_t trial, int64_t step, bool normal)
{
    const uint64_t golden = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t state = workbench_mixed((((uint64_t) key[0] << 31) | (uint64_t) key[1]) + golden * (uint64_t) trial);
    state = workbench_mixed(state + golden * ((uint64_t) step + 1));
    // What is next to 1 in the type, since what lies beyond would be rounded to 1.
    const double most = sizeof(T) == 4 ? 0.99999994039535522 : 0.99999999999999989;
    for (int index = 0; index < size; index++)
    {
        const uint64_t mixed = workbench_mixed(state + golden * ((uint64_t) index + 1));
        double uniform = ((double) (mixed >> 11) + 0.5) * 1.1102230246251565e-16;
        uniform = uniform < most ? uniform : most;
        to[index] = (T) (normal ? workbench_quantile(uniform) : uniform);
    }
}
