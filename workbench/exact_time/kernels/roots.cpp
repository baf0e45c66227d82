// Where a sum of exponentials is 0.

static double sum_of_exponentials(long n, const double* a, const double* rates, double t)
{
    double total = 0.0;
    for (long k = 0; k < n; ++k) total += a[k] * std::exp(rates[k] * t);
    return total;
}

// The root of a sum of exponentials between two times at which it has different signs.
static double root_between(long n, const double* a, const double* rates, double low, double high, bool rising)
{
    double t = 0.5 * (low + high);
    for (int turn = 0; turn < 200; ++turn) {
        double value = 0.0, slope = 0.0;
        for (long k = 0; k < n; ++k) {
            const double term = a[k] * std::exp(rates[k] * t);
            value += term;
            slope += rates[k] * term;
        }
        if (value == 0.0) return t;
        ((value < 0.0) == rising ? low : high) = t;
        double next = t - value / slope;
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        if (next == t || next <= low || next >= high) return next;
        if (std::fabs(next - t) <= 1e-16 * high && turn > 3) return next;
        t = next;
    }
    return t;
}

// The roots between 0 and `until`, in their order, of a sum of exponentials. Divided by one of its terms it has a
// derivative with a term less, whose roots lie between those of the sum.
static long roots(long n, const double* a, const double* rates, double until, double* found)
{
    if (n < 2) return 0;
    if (n == 2) {
        const double share = -a[1] / a[0], t = std::log(share) / (rates[0] - rates[1]);
        if (!(share > 0.0) || !(t > 0.0 && t < until)) return 0;
        found[0] = t;
        return 1;
    }
    double less[16], slower[16], between[16];
    long m = 0;
    for (long k = 0; k + 1 < n; ++k) {
        const double b = a[k] * (rates[k] - rates[n - 1]);
        if (b == 0.0) continue;
        less[m] = b;
        slower[m++] = rates[k] - rates[n - 1];
    }
    long count = roots(m, less, slower, until, between), many = 0;
    between[count++] = until;
    double low = 0.0, at_low = sum_of_exponentials(n, a, rates, 0.0);
    for (long k = 0; k < count; ++k) {
        const double at_high = sum_of_exponentials(n, a, rates, between[k]);
        if ((at_low < 0.0) != (at_high < 0.0)) found[many++] = root_between(n, a, rates, low, between[k], at_low < 0.0);
        low = between[k];
        at_low = at_high;
    }
    return many;
}
