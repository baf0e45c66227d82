// Layers of linear neurons in continuous time: their spikes, one after the other, and the way back through them.
//
// Between spikes each mode of a neuron fades by itself. A trial of a layer is cut into moments, at which spikes arrive or
// the output is read; what a neuron does between two moments it does alone, unless its layer reaches itself: there its own
// spikes are moments as well.

#include <algorithm>
#include <cmath>
#include <queue>
#include <vector>

#define EXPORTED extern "C" __attribute__((visibility("default")))

typedef void (*Reset)(const double* before, const double* numbers, double* after);
// Whether a neuron is refractory, by variables that stay as they are between its spikes.
typedef bool (*Refractory)(const double* variables, const double* numbers);
typedef void (*ResetBack)(const double* before, const double* numbers, const double* after, double* slopes);

// Of a projection: `source` is the number of the layer it comes from, -1 for inputs; `weights` have a row for each source.
struct Port {
    long source, n_pre;
    double delay;
    const double* arriving; // What a weight of 1 adds to each mode.
    const double* weights;
    double* gradient;
    long apart;
};

struct Layer {
    long size, n_modes, n_held, spiking, reaches_itself, output, n_ports;
    const double *rates, *vectors, *inverse, *growth, *slope, *first, *drive_of_modes, *drive_of_held, *numbers;
    double drive_at_0;
    Reset reset;
    ResetBack reset_back;
    Refractory refractory; // None where a neuron may always spike.
    const Port* ports;
};

// `read` are the times at which the output is read, in their order.
struct Network {
    long n_layers, n_read, most_spikes;
    double duration;
    const Layer* layers;
    const double* read;
};

// Spikes of inputs, those of each trial from `start[trial]` to before `start[trial + 1]`, in the order of their times.
struct Inputs {
    long n_trials;
    const long* start;
    const double* times;
    const long* neurons;
};

struct Arrival {
    double time;
    long port, source, spike;
    bool operator<(const Arrival& other) const { return time > other.time; } // The first is the greatest.
};

struct Spike {
    double time;
    long neuron;
};

// What ends an interval: what arrives and whether the output is read; the spikes are those of the interval before.
struct Moment {
    double time;
    long arrivals_end, spikes_end;
    long read;
};

// Of a layer in a trial; `before` has what each neuron was just before each of its spikes.
struct Told {
    std::vector<Arrival> arrivals;
    std::vector<Spike> spikes;
    std::vector<double> before;
    std::vector<Moment> moments;
    std::vector<double> slopes;
};

struct Run {
    std::vector<std::vector<Told>> trials;
};

enum { WELL = 0, TOO_MANY = 1, STAYS_ABOVE = 2 };
