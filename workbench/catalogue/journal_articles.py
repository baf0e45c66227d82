"""Articles of journals behind what comes with the workbench."""

from workbench.declare.publication import Publication


def article(name: str, year: int, authors: str, title: str, venue: str, doi: str) -> Publication:
    """Return an article, whose authors are one text, apart by semicolons."""
    return Publication(name=name, year=year, authors=tuple(authors.split("; ")), title=title, venue=venue, doi=doi)


#: In the order of their names.
ARTICLES = (
    article(
        "bellec_2020", 2020,
        "Bellec, G.; Scherr, F.; Subramoney, A.; Hajek, E.; Salaj, D.; Legenstein, R.; Maass, W.",
        "A solution to the learning dilemma for recurrent networks of spiking neurons",
        "Nature Communications 11:3625", "10.1038/s41467-020-17236-y",
    ),
    article(
        "bienenstock_1982", 1982, "Bienenstock, E. L.; Cooper, L. N.; Munro, P. W.",
        "Theory for the development of neuron selectivity: orientation specificity and binocular interaction in visual "
        "cortex", "Journal of Neuroscience 2(1):32-48", "10.1523/JNEUROSCI.02-01-00032.1982",
    ),
    article(
        "bohnstingl_2023", 2023, "Bohnstingl, T.; Wozniak, S.; Pantazi, A.; Eleftheriou, E.",
        "Online Spatio-Temporal Learning in Deep Neural Networks", "IEEE Transactions on Neural Networks and Learning "
        "Systems 34(11):8894-8908", "10.1109/TNNLS.2022.3153985",
    ),
    article(
        "bohte_2002", 2002, "Bohte, S. M.; Kok, J. N.; La Poutré, H.",
        "Error-backpropagation in temporally encoded networks of spiking neurons", "Neurocomputing 48(1-4):17-37",
        "10.1016/S0925-2312(01)00658-0",
    ),
    article(
        "clopath_2010", 2010, "Clopath, C.; Büsing, L.; Vasilaki, E.; Gerstner, W.",
        "Connectivity reflects coding: a model of voltage-based STDP with homeostasis",
        "Nature Neuroscience 13(3):344-352", "10.1038/nn.2479",
    ),
    article(
        "diehl_2015", 2015, "Diehl, P. U.; Cook, M.",
        "Unsupervised learning of digit recognition using spike-timing-dependent plasticity",
        "Frontiers in Computational Neuroscience 9:99", "10.3389/fncom.2015.00099",
    ),
    article(
        "fiete_2006", 2006, "Fiete, I. R.; Seung, H. S.",
        "Gradient Learning in Spiking Neural Networks by Dynamic Perturbation of Conductances",
        "Physical Review Letters 97(4):048104", "10.1103/PhysRevLett.97.048104",
    ),
    article(
        "fremaux_2010", 2010, "Frémaux, N.; Sprekeler, H.; Gerstner, W.",
        "Functional Requirements for Reward-Modulated Spike-Timing-Dependent Plasticity",
        "Journal of Neuroscience 30(40):13326-13337", "10.1523/JNEUROSCI.6249-09.2010",
    ),
    article(
        "gilra_2017", 2017, "Gilra, A.; Gerstner, W.", "Predicting non-linear dynamics by stable local learning in a "
        "recurrent spiking neural network", "eLife 6:e28295", "10.7554/eLife.28295",
    ),
    article(
        "guerguiev_2017", 2017, "Guerguiev, J.; Lillicrap, T. P.; Richards, B. A.",
        "Towards deep learning with segregated dendrites", "eLife 6:e22901", "10.7554/eLife.22901",
    ),
    article(
        "guetig_2006", 2006, "Gütig, R.; Sompolinsky, H.",
        "The tempotron: a neuron that learns spike timing-based decisions", "Nature Neuroscience 9(3):420-428",
        "10.1038/nn1643",
    ),
    article(
        "izhikevich_2007", 2007, "Izhikevich, E. M.",
        "Solving the Distal Reward Problem through Linkage of STDP and Dopamine Signaling",
        "Cerebral Cortex 17(10):2443-2452", "10.1093/cercor/bhl152",
    ),
    article(
        "kaiser_2020", 2020, "Kaiser, J.; Mostafa, H.; Neftci, E.",
        "Synaptic Plasticity Dynamics for Deep Continuous Local Learning (DECOLLE)",
        "Frontiers in Neuroscience 14:424", "10.3389/fnins.2020.00424",
    ),
    article(
        "lecun_1998", 1998, "LeCun, Y.; Bottou, L.; Bengio, Y.; Haffner, P.",
        "Gradient-based learning applied to document recognition", "Proceedings of the IEEE 86(11):2278-2324",
        "10.1109/5.726791",
    ),
    article(
        "lillicrap_2016", 2016, "Lillicrap, T. P.; Cownden, D.; Tweed, D. B.; Akerman, C. J.",
        "Random synaptic feedback weights support error backpropagation for deep learning",
        "Nature Communications 7:13276", "10.1038/ncomms13276",
    ),
    article(
        "mostafa_2018", 2018, "Mostafa, H.; Ramesh, V.; Cauwenberghs, G.",
        "Deep Supervised Learning Using Local Errors", "Frontiers in Neuroscience 12:608", "10.3389/fnins.2018.00608",
    ),
    article(
        "mostafa_2018b", 2018, "Mostafa, H.", "Supervised Learning Based on Temporal Coding in Spiking Neural "
        "Networks", "IEEE Transactions on Neural Networks and Learning Systems 29(7):3227-3235",
        "10.1109/TNNLS.2017.2726060",
    ),
    article(
        "neftci_2017", 2017, "Neftci, E. O.; Augustine, C.; Paul, S.; Detorakis, G.",
        "Event-Driven Random Back-Propagation: Enabling Neuromorphic Deep Learning Machines",
        "Frontiers in Neuroscience 11:324", "10.3389/fnins.2017.00324",
    ),
    article(
        "neftci_2019", 2019, "Neftci, E. O.; Mostafa, H.; Zenke, F.",
        "Surrogate Gradient Learning in Spiking Neural Networks: Bringing the Power of Gradient-Based Optimization to "
        "Spiking Neural Networks", "IEEE Signal Processing Magazine 36(6):51-63", "10.1109/MSP.2019.2931595",
    ),
    article(
        "nicola_2017", 2017, "Nicola, W.; Clopath, C.", "Supervised learning in spiking neural networks with FORCE "
        "training", "Nature Communications 8:2208", "10.1038/s41467-017-01827-3",
    ),
    article(
        "oja_1982", 1982, "Oja, E.", "Simplified neuron model as a principal component analyzer",
        "Journal of Mathematical Biology 15(3):267-273", "10.1007/BF00275687",
    ),
    article(
        "pfister_2006", 2006, "Pfister, J.-P.; Gerstner, W.",
        "Triplets of Spikes in a Model of Spike Timing-Dependent Plasticity",
        "Journal of Neuroscience 26(38):9673-9682", "10.1523/JNEUROSCI.1425-06.2006",
    ),
    article(
        "pfister_2006b", 2006, "Pfister, J.-P.; Toyoizumi, T.; Barber, D.; Gerstner, W.",
        "Optimal Spike-Timing-Dependent Plasticity for Precise Action Potential Firing in Supervised Learning",
        "Neural Computation 18(6):1318-1348", "10.1162/neco.2006.18.6.1318",
    ),
    article(
        "ponulak_2010", 2010, "Ponulak, F.; Kasiński, A.", "Supervised Learning in Spiking Neural Networks with "
        "ReSuMe: Sequence Learning, Classification, and Spike Shifting", "Neural Computation 22(2):467-510",
        "10.1162/neco.2009.11-08-901",
    ),
    article(
        "quintana_2024", 2024,
        "Quintana, F. M.; Perez-Peña, F.; Galindo, P. L.; Neftci, E. O.; Chicca, E.; Khacef, L.",
        "ETLP: event-based three-factor local plasticity for online learning with neuromorphic hardware",
        "Neuromorphic Computing and Engineering 4(3):034006", "10.1088/2634-4386/ad6733",
    ),
    article(
        "rombouts_2015", 2015, "Rombouts, J. O.; Bohte, S. M.; Roelfsema, P. R.",
        "How Attention Can Create Synaptic Tags for the Learning of Working Memories in Sequential Tasks",
        "PLOS Computational Biology 11(3):e1004060", "10.1371/journal.pcbi.1004060",
    ),
    article(
        "song_2000", 2000, "Song, S.; Miller, K. D.; Abbott, L. F.",
        "Competitive Hebbian learning through spike-timing-dependent synaptic plasticity",
        "Nature Neuroscience 3(9):919-926", "10.1038/78829",
    ),
    article(
        "sussillo_2009", 2009, "Sussillo, D.; Abbott, L. F.", "Generating Coherent Patterns of Activity from Chaotic "
        "Neural Networks", "Neuron 63(4):544-557", "10.1016/j.neuron.2009.07.018",
    ),
    article(
        "tavanaei_2019", 2019, "Tavanaei, A.; Maida, A.",
        "BP-STDP: Approximating backpropagation using spike timing dependent plasticity", "Neurocomputing 330:39-47",
        "10.1016/j.neucom.2018.11.014",
    ),
    article(
        "tsodyks_1998", 1998, "Tsodyks, M.; Pawelzik, K.; Markram, H.", "Neural Networks with Dynamic Synapses",
        "Neural Computation 10(4):821-835", "10.1162/089976698300017502",
    ),
    article(
        "urbanczik_2014", 2014, "Urbanczik, R.; Senn, W.", "Learning by the Dendritic Prediction of Somatic Spiking",
        "Neuron 81(3):521-528", "10.1016/j.neuron.2013.11.030",
    ),
    article(
        "van_rossum_2000", 2000, "van Rossum, M. C. W.; Bi, G. Q.; Turrigiano, G. G.",
        "Stable Hebbian Learning from Spike Timing-Dependent Plasticity", "Journal of Neuroscience 20(23):8812-8821",
        "10.1523/JNEUROSCI.20-23-08812.2000",
    ),
    article(
        "vogels_2011", 2011, "Vogels, T. P.; Sprekeler, H.; Zenke, F.; Clopath, C.; Gerstner, W.",
        "Inhibitory Plasticity Balances Excitation and Inhibition in Sensory Pathways and Memory Networks",
        "Science 334(6062):1569-1573", "10.1126/science.1211095",
    ),
    article(
        "williams_1989", 1989, "Williams, R. J.; Zipser, D.",
        "A Learning Algorithm for Continually Running Fully Recurrent Neural Networks",
        "Neural Computation 1(2):270-280", "10.1162/neco.1989.1.2.270",
    ),
    article(
        "wunderlich_2021", 2021, "Wunderlich, T. C.; Pehle, C.",
        "Event-based backpropagation can compute exact gradients for spiking neural networks",
        "Scientific Reports 11:12829", "10.1038/s41598-021-91786-z",
    ),
    article(
        "zenke_2018", 2018, "Zenke, F.; Ganguli, S.", "SuperSpike: Supervised Learning in Multilayer Spiking Neural "
        "Networks", "Neural Computation 30(6):1514-1541", "10.1162/neco_a_01086",
    ),
    article(
        "zenke_2021", 2021, "Zenke, F.; Vogels, T. P.", "The Remarkable Robustness of Surrogate Gradient Learning for "
        "Instilling Complex Function in Spiking Neural Networks", "Neural Computation 33(4):899-925",
        "10.1162/neco_a_01367",
    ),
)  # fmt: skip
