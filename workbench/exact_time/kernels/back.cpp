// The way back: slopes of the loss by each mode and each variable that is held.
struct Returning : Fading {
    Told& told;
    const double least_rise;
    std::vector<double> learnt, moved;

    Returning(const Layer& layer, Told& told, double least_rise)
        : Fading(layer), told(told), least_rise(least_rise), learnt(n), moved(n)
    {
    }

    void grow(double duration, long i) override
    {
        double before[16];
        for (long j = 0; j < h; ++j) before[j] = s[j * n + i];
        for (long j = 0; j < h; ++j)
            for (long to = 0; to < h; ++to) s[j * n + i] += duration * layer.growth[to * h + j] * before[to];
    }

    // How fast a neuron changes in a direction of slopes: modes fade, and what is held grows.
    double along(const double* slope_z, const double* slope_s, const double* at_z, const double* at_s) const
    {
        double sum = 0.0;
        for (long mode = 0; mode < k; ++mode) sum += change_by_mode(slope_z[mode], layer.rates[mode], at_z[mode]);
        for (long j = 0; j < h; ++j) {
            double speed = layer.slope[j];
            for (long from = 0; from < h; ++from) speed += layer.growth[j * h + from] * at_s[from];
            sum += slope_s[j] * speed;
        }
        return sum;
    }

    // Through a spike: what it sets, and what its time does, which is the drive's divided by the drive's own speed.
    void through(long number)
    {
        const long i = told.spikes[number].neuron;
        const double* x = &told.before[number * (k + h)];
        double after[32], slopes[32], back[32] = {0}, own_z[16], own_s[16], new_z[16], old_z[16], back_z[16];
        layer.reset(x, layer.numbers, after);
        for (long j = 0; j < k; ++j) {
            own_z[j] = z[j * n + i];
            new_z[j] = old_z[j] = slopes[j] = back_z[j] = 0.0;
        }
        for (long j = 0; j < h; ++j) slopes[k + j] = own_s[j] = s[j * n + i];
        for (long row = 0; row < k; ++row)
            for (long mode = 0; mode < k; ++mode) {
                slopes[row] += layer.inverse[mode * k + row] * own_z[mode];
                new_z[mode] += layer.inverse[mode * k + row] * after[row];
                old_z[mode] += layer.inverse[mode * k + row] * x[row];
            }
        layer.reset_back(x, layer.numbers, slopes, back);
        for (long row = 0; row < k; ++row)
            for (long mode = 0; mode < k; ++mode) back_z[mode] += layer.vectors[row * k + mode] * back[row];
        double speed = 0.0;
        for (long mode = 0; mode < k; ++mode)
            speed += rise_by_mode(layer.drive_of_modes[mode], layer.rates[mode], old_z[mode]);
        if (least_rise > 0.0 && speed < least_rise) speed = least_rise;
        const double later = along(own_z, own_s, new_z, after + k), sooner = along(back_z, back + k, old_z, x + k);
        const double moved_by = by_time(later, sooner, told.slopes[number], speed);
        for (long mode = 0; mode < k; ++mode)
            z[mode * n + i] = before_spike(back_z[mode], layer.drive_of_modes[mode], moved_by);
        for (long j = 0; j < h; ++j) s[j * n + i] = before_spike(back[k + j], layer.drive_of_held[j], moved_by);
    }

    // What each neuron's slopes make of a weight that arrives, and of when it does.
    void reckon(const Port& port)
    {
        std::fill(learnt.begin(), learnt.end(), 0.0);
        std::fill(moved.begin(), moved.end(), 0.0);
        for (long mode = 0; mode < k; ++mode) {
            const double u = port.arriving[mode], rate = layer.rates[mode];
            for (long i = 0; i < n; ++i) {
                learnt[i] += by_weight(u, z[mode * n + i]);
                moved[i] += by_arrival(u, rate, z[mode * n + i]);
            }
        }
    }

    // Back through what arrives at a moment: to the weights, and to the times of the spikes that brought it.
    void arrivals(long first, long last, std::vector<Told>& all, long trial, double share)
    {
        const double* reckoned = nullptr;
        for (long number = first; number < last; ++number) {
            const Arrival& arrival = told.arrivals[number];
            const Port& port = layer.ports[arrival.port];
            if (port.arriving != reckoned) reckon(port);
            reckoned = port.arriving;
            double* gradient = port.gradient + trial * port.apart + arrival.source * n;
            for (long i = 0; i < n; ++i) gradient[i] += share * learnt[i];
            if (port.source < 0) continue;
            const double* row = port.weights + arrival.source * n;
            double sum = 0.0;
            for (long i = 0; i < n; ++i) sum += by_source(row[i], moved[i]);
            all[port.source].slopes[arrival.spike] += sum;
        }
    }

    void back(std::vector<Told>& all, long trial, double share, const double* slopes)
    {
        for (long m = (long)told.moments.size() - 1; m >= 0; --m) {
            const Moment& moment = told.moments[m];
            const Moment before = m ? told.moments[m - 1] : Moment{0.0, 0, 0, -1};
            if (moment.read >= 0) {
                const double* slope = slopes + moment.read * n;
                for (long i = 0; i < n; ++i) {
                    if (layer.output >= k) s[(layer.output - k) * n + i] += slope[i];
                    else
                        for (long mode = 0; mode < k; ++mode)
                            z[mode * n + i] += by_output(layer.vectors[layer.output * k + mode], slope[i]);
                }
            }
            arrivals(before.arrivals_end, moment.arrivals_end, all, trial, share);
            if (layer.reaches_itself) {
                for (long number = moment.spikes_end - 1; number >= before.spikes_end; --number) through(number);
                fade(moment.time - before.time);
                continue;
            }
            // Those of a neuron stand side by side.
            for (long number = moment.spikes_end - 1; number >= before.spikes_end;) {
                const long i = told.spikes[number].neuron;
                double time = moment.time;
                for (; number >= before.spikes_end && told.spikes[number].neuron == i; --number) {
                    fade_one(time - told.spikes[number].time, i);
                    through(number);
                    time = told.spikes[number].time;
                }
                fade_one(time - before.time, i);
                spiked[i] = 1;
            }
            fade(moment.time - before.time);
            std::fill(spiked.begin(), spiked.end(), 0);
        }
    }
};
