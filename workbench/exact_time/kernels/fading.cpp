// What all neurons of a layer have, or the slopes of the loss by that: both fade by themselves, forth and back.
struct Fading {
    const Layer& layer;
    const long n, k, h;
    // Of each mode, and of each variable that is held, all neurons.
    std::vector<double> z, s;
    // The neurons that have gone through an interval already, each by itself.
    std::vector<unsigned char> spiked;

    explicit Fading(const Layer& layer)
        : layer(layer), n(layer.size), k(layer.n_modes), h(layer.n_held), z(n * k), s(n * h), spiked(n)
    {
    }

    // What does not fade, of a neuron.
    virtual void grow(double duration, long i) = 0;

    void fade_one(double duration, long i)
    {
        for (long mode = 0; mode < k; ++mode) z[mode * n + i] *= std::exp(layer.rates[mode] * duration);
        if (h) grow(duration, i);
    }

    void fade(double duration)
    {
        if (duration == 0.0) return;
        for (long mode = 0; mode < k; ++mode) {
            const double faded = std::exp(layer.rates[mode] * duration);
            for (long i = 0; i < n; ++i)
                if (!spiked[i]) z[mode * n + i] *= faded;
        }
        if (h)
            for (long i = 0; i < n; ++i)
                if (!spiked[i]) grow(duration, i);
    }
};
