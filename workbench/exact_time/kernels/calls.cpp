// What is called from outside.

// What reaches a layer from inputs and other layers, in the order of time.
static std::vector<Arrival> outside(const Network& net, long number, const Inputs& inputs, long trial, const std::vector<Told>& all)
{
    const Layer& layer = net.layers[number];
    std::vector<Arrival> found;
    for (long port = 0; port < layer.n_ports; ++port) {
        const Port& way = layer.ports[port];
        if (way.source == number) continue;
        if (way.source < 0)
            for (long e = inputs.start[trial]; e < inputs.start[trial + 1]; ++e)
                found.push_back({inputs.times[e] + way.delay, port, inputs.neurons[e], -1});
        else
            for (std::size_t e = 0; e < all[way.source].spikes.size(); ++e) {
                const Spike& spike = all[way.source].spikes[e];
                found.push_back({spike.time + way.delay, port, spike.neuron, (long)e});
            }
    }
    std::stable_sort(found.begin(), found.end(), [](const Arrival& a, const Arrival& b) { return a.time < b.time; });
    while (!found.empty() && found.back().time > net.duration) found.pop_back();
    return found;
}

EXPORTED Run* begin_run(const Network* net, const Inputs* inputs, double* output, long* state)
{
    Run* run = new Run;
    for (long trial = 0; trial < inputs->n_trials && !*state; ++trial) {
        run->trials.emplace_back(net->n_layers);
        std::vector<Told>& all = run->trials.back();
        for (long number = 0; number < net->n_layers && !*state; ++number) {
            Going going(*net, number, all[number]);
            going.forward(outside(*net, number, *inputs, trial, all), output + trial * net->n_read * going.n);
            *state = going.state ? 4 * number + going.state : 0;
        }
    }
    return run;
}

EXPORTED long count_spikes(const Run* run, long layer)
{
    long count = 0;
    for (const std::vector<Told>& all : run->trials) count += (long)all[layer].spikes.size();
    return count;
}

EXPORTED void tell_spikes(const Run* run, long layer, long* trials, double* times, long* neurons)
{
    for (std::size_t trial = 0; trial < run->trials.size(); ++trial)
        for (const Spike& spike : run->trials[trial][layer].spikes) {
            *trials++ = (long)trial;
            *times++ = spike.time;
            *neurons++ = spike.neuron;
        }
}

EXPORTED void go_back(Run* run, const Network* net, const double* slopes, const double* shares, double least_rise)
{
    for (std::size_t trial = 0; trial < run->trials.size(); ++trial) {
        std::vector<Told>& all = run->trials[trial];
        for (Told& told : all) told.slopes.assign(told.spikes.size(), 0.0);
        for (long number = net->n_layers - 1; number >= 0; --number) {
            const Layer& layer = net->layers[number];
            Returning returning(layer, all[number], least_rise);
            returning.back(all, (long)trial, shares[trial], slopes + trial * net->n_read * layer.size);
        }
    }
}

EXPORTED void end_run(Run* run) { delete run; }
