// What spikes add to neurons and to the gradient of weights, and what the code of each layer is told.

// What has faded away costs a hundred times more where it is not taken for 0, as networks take it.
struct Fading {
#ifdef __SSE__
    const unsigned int before = __builtin_ia32_stmxcsr();
    Fading() { __builtin_ia32_ldmxcsr(before | 0x8040); }
    ~Fading() { __builtin_ia32_ldmxcsr(before); }
#endif
};

// Spikes of some trials, those of each from `start[trial]` to before `start[trial + 1]`, in their order in time; they
// arrive `delay` steps later.
struct Events {
    long n_trials, n_steps, n_post, delay;
    const long* start;
    const long* steps;
    const long* neurons;
    const long* first; // Of each source's synapses, where not all neurons are connected; else null.
    const int* column;
};

// Of a layer: arrays of (trials, steps, neurons) in `ports`, `spikes`, `outside`, `sent` and `history`, of
// (trials, neurons) in `states` and `across`. Where a port has `events`, these bring rows of its `weights`.
struct Call {
    long n_trials, n_steps, size, first, last;
    double tolerance;
    const double* const* constants;
    const double* const* given;
    const long* strides;
    double* const* ports;
    const unsigned char* spikes;
    const double* outside;
    double* sent;
    double* const* states;
    double* const* across;
    double* const* history;
    double* scratch;
    double* off;
    const Events* const* events;
    const double* const* weights;
};

// Add what arrives in a step, of some neurons from the one numbered `low`, and return the number of the next spike.
static inline long workbench_gather(
    const Events* events, const double* weights, long number, long stop, long step, long low, long width, double* got)
{
    for (long j = 0; j < width; ++j) got[j] = 0.0;
    for (; number < stop && events->steps[number] + events->delay <= step; ++number) {
        const double* __restrict__ row = weights + events->neurons[number] * events->n_post + low;
        for (long j = 0; j < width; ++j) got[j] += row[j];
    }
    return number;
}

#define EXPORTED extern "C" __attribute__((visibility("default"))) void

EXPORTED arrive(const Events* events, const double* weights, double* added)
{
    const long n_post = events->n_post;
    for (long trial = 0; trial < events->n_trials; ++trial)
        for (long number = events->start[trial]; number < events->start[trial + 1]; ++number) {
            const long step = events->steps[number] + events->delay, pre = events->neurons[number];
            if (step >= events->n_steps) continue;
            double* __restrict__ to = added + (trial * events->n_steps + step) * n_post;
            if (events->first) {
                for (long k = events->first[pre]; k < events->first[pre + 1]; ++k) to[events->column[k]] += weights[k];
            } else {
                const double* __restrict__ row = weights + pre * n_post;
                for (long j = 0; j < n_post; ++j) to[j] += row[j];
            }
        }
}

// Each trial's share of it; where there is a gradient for each, `apart` is how far one is from the next.
EXPORTED learn(const Events* events, const double* slopes, const double* shares, double* gradients, long apart)
{
    const long n_post = events->n_post;
    for (long trial = 0; trial < events->n_trials; ++trial) {
        const double share = shares[trial];
        double* gradient = gradients + trial * apart;
        for (long number = events->start[trial]; number < events->start[trial + 1]; ++number) {
            const long step = events->steps[number] + events->delay, pre = events->neurons[number];
            if (step >= events->n_steps) continue;
            const double* __restrict__ from = slopes + (trial * events->n_steps + step) * n_post;
            if (events->first) {
                for (long k = events->first[pre]; k < events->first[pre + 1]; ++k)
                    gradient[k] += share * from[events->column[k]];
            } else {
                double* __restrict__ row = gradient + pre * n_post;
                for (long j = 0; j < n_post; ++j) row[j] += share * from[j];
            }
        }
    }
}

EXPORTED mark(const Events* events, unsigned char* raster, unsigned char as)
{
    for (long trial = 0; trial < events->n_trials; ++trial)
        for (long number = events->start[trial]; number < events->start[trial + 1]; ++number)
            raster[(trial * events->n_steps + events->steps[number]) * events->n_post + events->neurons[number]] = as;
}
