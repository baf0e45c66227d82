// A layer in a trial, while it is gone through.
struct Going : Fading {
    const Network& net;
    const long number;
    Told& told;
    std::vector<double> bound;
    std::priority_queue<Arrival> to_itself;
    std::vector<unsigned char> refractory;
    int state = WELL;

    Going(const Network& net, long number, Told& told)
        : Fading(net.layers[number]), net(net), number(number), told(told), bound(n), refractory(n)
    {
    }

    void begin()
    {
        for (long mode = 0; mode < k; ++mode) {
            double first = 0.0;
            for (long j = 0; j < k; ++j) first += layer.inverse[mode * k + j] * layer.first[j];
            std::fill_n(&z[mode * n], n, first);
        }
        for (long j = 0; j < h; ++j) std::fill_n(&s[j * n], n, layer.first[k + j]);
        if (layer.refractory) std::fill_n(&refractory[0], n, layer.refractory(layer.first, layer.numbers));
    }

    // The drive of a neuron as a sum of exponentials; how many terms it has.
    long drive_of(long i, double* a, double* rates) const
    {
        double rest = layer.drive_at_0;
        for (long j = 0; j < h; ++j) rest += layer.drive_of_held[j] * s[j * n + i];
        long terms = 0;
        for (long mode = 0; mode < k; ++mode) {
            const double b = layer.drive_of_modes[mode] * z[mode * n + i];
            if (layer.rates[mode] == 0.0) rest += b;
            else if (b != 0.0) {
                a[terms] = b;
                rates[terms++] = layer.rates[mode];
            }
        }
        if (rest != 0.0) {
            a[terms] = rest;
            rates[terms++] = 0.0;
        }
        return terms;
    }

    // When a neuron crosses threshold within an interval; beyond it where it does not.
    double crossing(long i, double until) const
    {
        const double never = 2.0 * until + 1.0;
        if (refractory[i]) return never;
        double a[16], rates[16], found[16];
        const long terms = drive_of(i, a, rates);
        // What crosses just when an interval ends is there by rounding when the next begins.
        if (sum_of_exponentials(terms, a, rates, 0.0) >= 0.0) return 0.0;
        return roots(terms, a, rates, until, found) > 0 ? found[0] : never;
    }

    // What the drive of each neuron cannot exceed within an interval.
    void bound_drives(double until)
    {
        for (long i = 0; i < n; ++i) bound[i] = layer.drive_at_0;
        for (long j = 0; j < h; ++j)
            for (long i = 0; i < n; ++i) bound[i] += layer.drive_of_held[j] * s[j * n + i];
        for (long mode = 0; mode < k; ++mode) {
            const double c = layer.drive_of_modes[mode];
            const double last = std::exp(layer.rates[mode] * until), most = std::max(1.0, last), least = std::min(1.0, last);
            for (long i = 0; i < n; ++i) {
                const double b = c * z[mode * n + i];
                bound[i] += b > 0.0 ? b * most : b * least;
            }
        }
    }

    void grow(double duration, long i) override
    {
        double before[16];
        for (long j = 0; j < h; ++j) before[j] = s[j * n + i];
        for (long j = 0; j < h; ++j) {
            double slope = layer.slope[j];
            for (long from = 0; from < h; ++from) slope += layer.growth[j * h + from] * before[from];
            s[j * n + i] = before[j] + duration * slope;
        }
    }

    void variables(long i, double* x) const
    {
        for (long row = 0; row < k; ++row) {
            x[row] = 0.0;
            for (long mode = 0; mode < k; ++mode) x[row] += layer.vectors[row * k + mode] * z[mode * n + i];
        }
        for (long j = 0; j < h; ++j) x[k + j] = s[j * n + i];
    }

    void spike(long i, double time)
    {
        double x[32], after[32];
        variables(i, x);
        layer.reset(x, layer.numbers, after);
        told.spikes.push_back({time, i});
        told.before.insert(told.before.end(), x, x + k + h);
        for (long mode = 0; mode < k; ++mode) {
            double sum = 0.0;
            for (long row = 0; row < k; ++row) sum += layer.inverse[mode * k + row] * after[row];
            z[mode * n + i] = sum;
        }
        for (long j = 0; j < h; ++j) s[j * n + i] = after[k + j];
        if (layer.refractory) refractory[i] = layer.refractory(after, layer.numbers);
        double a[16], rates[16], drive = 0.0;
        const long terms = drive_of(i, a, rates);
        for (long term = 0; term < terms; ++term) drive += a[term];
        if (!(drive < 0.0) && !refractory[i]) state = STAYS_ABOVE;
        if ((long)told.spikes.size() > net.most_spikes) state = TOO_MANY;
    }

    // Go on to a time, or to the first spike before it where neurons of the layer reach each other; return the time.
    double go_on(double from, double to)
    {
        if (!layer.spiking || to <= from) {
            fade(to - from);
            return to;
        }
        bound_drives(to - from);
        if (layer.reaches_itself) {
            double first = to - from;
            long who = -1;
            for (long i = 0; i < n; ++i) {
                if (!(bound[i] >= 0.0)) continue;
                const double t = crossing(i, first);
                if (t < first) {
                    first = t;
                    who = i;
                }
            }
            fade(first);
            if (who < 0) return to;
            spike(who, from + first);
            for (long port = 0; port < layer.n_ports; ++port)
                if (layer.ports[port].source == number)
                    to_itself.push({from + first + layer.ports[port].delay, port, who, (long)told.spikes.size() - 1});
            return from + first;
        }
        for (long i = 0; i < n && state == WELL; ++i) {
            if (!(bound[i] >= 0.0)) continue;
            double left = to - from;
            for (double t = crossing(i, left); t < left && state == WELL; t = crossing(i, left)) {
                fade_one(t, i);
                left -= t;
                spike(i, to - left);
                spiked[i] = 1;
            }
            if (spiked[i]) fade_one(left, i);
        }
        fade(to - from);
        std::fill(spiked.begin(), spiked.end(), 0);
        return to;
    }

    void arrive(const Arrival& arrival)
    {
        const double* row = layer.ports[arrival.port].weights + arrival.source * n;
        for (long mode = 0; mode < k; ++mode) {
            const double u = layer.ports[arrival.port].arriving[mode];
            for (long i = 0; i < n; ++i) z[mode * n + i] += u * row[i];
        }
        told.arrivals.push_back(arrival);
    }

    void read(double* output) const
    {
        for (long i = 0; i < n; ++i) {
            double x[32];
            variables(i, x);
            output[i] = x[layer.output];
        }
    }

    // Go through the trial, with what comes from elsewhere in the order of time; `output` has a row for each time of reading.
    void forward(const std::vector<Arrival>& outside, double* output)
    {
        begin();
        std::size_t next = 0;
        long reading = 0;
        const long n_read = layer.output < 0 ? 0 : net.n_read;
        double now = 0.0;
        while (state == WELL) {
            double to = net.duration;
            if (next < outside.size()) to = std::min(to, outside[next].time);
            if (!to_itself.empty()) to = std::min(to, to_itself.top().time);
            if (reading < n_read) to = std::min(to, net.read[reading]);
            now = go_on(now, to);
            while (next < outside.size() && outside[next].time <= now) arrive(outside[next++]);
            while (!to_itself.empty() && to_itself.top().time <= now) {
                arrive(to_itself.top());
                to_itself.pop();
            }
            long which = -1;
            if (reading < n_read && net.read[reading] <= now) {
                which = reading++;
                read(output + which * n);
            }
            told.moments.push_back({now, (long)told.arrivals.size(), (long)told.spikes.size(), which});
            if (now >= net.duration && reading >= n_read) break;
        }
    }
};
