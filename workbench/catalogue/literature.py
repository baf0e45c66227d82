"""The sources of what comes with the workbench; each `doi` of a rule, task and the like is that of one of them."""

from workbench.declare.publication import Publication


def _article(name: str, year: int, authors: str, title: str, venue: str, doi: str) -> Publication:
    return Publication(name=name, year=year, authors=_each(authors), title=title, venue=venue, doi=doi)


def _talk(name: str, year: int, authors: str, title: str, venue: str, doi: str) -> Publication:
    return Publication(
        name=name, year=year, authors=_each(authors), title=title, venue=venue, doi=doi, kind="inproceedings"
    )


def _other(name: str, year: int, authors: str, title: str, venue: str, doi: str) -> Publication:
    return Publication(name=name, year=year, authors=_each(authors), title=title, venue=venue, doi=doi, kind="misc")


def _each(authors: str) -> tuple[str, ...]:
    return tuple(authors.split("; "))


#: The workbench itself, as `CITATION.cff` has it.
WORKBENCH = Publication(
    name="learning_rule_workbench",
    title="Learning-rule workbench: comparative studies of biologically plausible learning rules in spiking networks",
    authors=("The learning-rule workbench developers",),
    venue="Software",
    kind="misc",
)

#: What all networks run on.
BRIAN2 = _article(
    "stimberg_2019", 2019, "Stimberg, M.; Brette, R.; Goodman, D. F. M.",
    "Brian 2, an intuitive and efficient neural simulator", "eLife 8:e47314", "10.7554/eLife.47314",
)  # fmt: skip

PUBLICATIONS = (
    WORKBENCH,
    BRIAN2,
    _other(
        "akrout_2019", 2019, "Akrout, M.; Wilson, C.; Humphreys, P. C.; Lillicrap, T.; Tweed, D.",
        "Deep Learning without Weight Transport", "arXiv:1904.05391", "10.48550/arXiv.1904.05391",
    ),
    _other(
        "alpaydin_1998", 1998, "Alpaydin, E.; Kaynak, C.", "Optical Recognition of Handwritten Digits",
        "UCI Machine Learning Repository", "10.24432/C50P49",
    ),
    _talk(
        "anwani_2015", 2015, "Anwani, N.; Rajendran, B.", "NormAD - Normalized Approximate Descent based supervised "
        "learning rule for spiking neurons", "International Joint Conference on Neural Networks (IJCNN)",
        "10.1109/IJCNN.2015.7280618",
    ),
    _article(
        "bellec_2020", 2020,
        "Bellec, G.; Scherr, F.; Subramoney, A.; Hajek, E.; Salaj, D.; Legenstein, R.; Maass, W.",
        "A solution to the learning dilemma for recurrent networks of spiking neurons",
        "Nature Communications 11:3625", "10.1038/s41467-020-17236-y",
    ),
    _other(
        "bengio_2013", 2013, "Bengio, Y.; Leonard, N.; Courville, A.", "Estimating or Propagating Gradients Through "
        "Stochastic Neurons for Conditional Computation", "arXiv:1308.3432", "10.48550/arXiv.1308.3432",
    ),
    _article(
        "bienenstock_1982", 1982, "Bienenstock, E. L.; Cooper, L. N.; Munro, P. W.",
        "Theory for the development of neuron selectivity: orientation specificity and binocular interaction in visual "
        "cortex", "Journal of Neuroscience 2(1):32-48", "10.1523/JNEUROSCI.02-01-00032.1982",
    ),
    _article(
        "bohnstingl_2023", 2023, "Bohnstingl, T.; Wozniak, S.; Pantazi, A.; Eleftheriou, E.",
        "Online Spatio-Temporal Learning in Deep Neural Networks", "IEEE Transactions on Neural Networks and Learning "
        "Systems 34(11):8894-8908", "10.1109/TNNLS.2022.3153985",
    ),
    _talk(
        "bohte_2011", 2011, "Bohte, S. M.", "Error-Backpropagation in Networks of Fractionally Predictive Spiking "
        "Neurons", "Artificial Neural Networks and Machine Learning - ICANN 2011", "10.1007/978-3-642-21735-7_8",
    ),
    _article(
        "bohte_2002", 2002, "Bohte, S. M.; Kok, J. N.; La Poutré, H.",
        "Error-backpropagation in temporally encoded networks of spiking neurons", "Neurocomputing 48(1-4):17-37",
        "10.1016/S0925-2312(01)00658-0",
    ),
    _article(
        "clopath_2010", 2010, "Clopath, C.; Büsing, L.; Vasilaki, E.; Gerstner, W.",
        "Connectivity reflects coding: a model of voltage-based STDP with homeostasis",
        "Nature Neuroscience 13(3):344-352", "10.1038/nn.2479",
    ),
    _article(
        "diehl_2015", 2015, "Diehl, P. U.; Cook, M.",
        "Unsupervised learning of digit recognition using spike-timing-dependent plasticity",
        "Frontiers in Computational Neuroscience 9:99", "10.3389/fncom.2015.00099",
    ),
    _talk(
        "fang_2021", 2021, "Fang, W.; Yu, Z.; Chen, Y.; Masquelier, T.; Huang, T.; Tian, Y.",
        "Incorporating Learnable Membrane Time Constant to Enhance Learning of Spiking Neural Networks",
        "IEEE/CVF International Conference on Computer Vision, 2661-2671", "10.1109/ICCV48922.2021.00266",
    ),
    _article(
        "fiete_2006", 2006, "Fiete, I. R.; Seung, H. S.",
        "Gradient Learning in Spiking Neural Networks by Dynamic Perturbation of Conductances",
        "Physical Review Letters 97(4):048104", "10.1103/PhysRevLett.97.048104",
    ),
    _other(
        "fisher_1936", 1936, "Fisher, R. A.", "Iris", "UCI Machine Learning Repository", "10.24432/C56C76",
    ),
    _article(
        "fremaux_2010", 2010, "Frémaux, N.; Sprekeler, H.; Gerstner, W.",
        "Functional Requirements for Reward-Modulated Spike-Timing-Dependent Plasticity",
        "Journal of Neuroscience 30(40):13326-13337", "10.1523/JNEUROSCI.6249-09.2010",
    ),
    _other(
        "huh_2018", 2018, "Huh, D.; Sejnowski, T. J.", "Gradient Descent for Spiking Neural Networks",
        "Advances in Neural Information Processing Systems 31", "10.48550/arXiv.1706.04698",
    ),
    _article(
        "gilra_2017", 2017, "Gilra, A.; Gerstner, W.", "Predicting non-linear dynamics by stable local learning in a "
        "recurrent spiking neural network", "eLife 6:e28295", "10.7554/eLife.28295",
    ),
    _article(
        "guetig_2006", 2006, "Gütig, R.; Sompolinsky, H.",
        "The tempotron: a neuron that learns spike timing-based decisions", "Nature Neuroscience 9(3):420-428",
        "10.1038/nn1643",
    ),
    _article(
        "izhikevich_2007", 2007, "Izhikevich, E. M.",
        "Solving the Distal Reward Problem through Linkage of STDP and Dopamine Signaling",
        "Cerebral Cortex 17(10):2443-2452", "10.1093/cercor/bhl152",
    ),
    _article(
        "kaiser_2020", 2020, "Kaiser, J.; Mostafa, H.; Neftci, E.",
        "Synaptic Plasticity Dynamics for Deep Continuous Local Learning (DECOLLE)",
        "Frontiers in Neuroscience 14:424", "10.3389/fnins.2020.00424",
    ),
    _other(
        "kingma_2014", 2014, "Kingma, D. P.; Ba, J.", "Adam: A Method for Stochastic Optimization",
        "arXiv:1412.6980", "10.48550/arXiv.1412.6980",
    ),
    _talk(
        "kolen_1994", 1994, "Kolen, J. F.; Pollack, J. B.", "Backpropagation without weight transport",
        "IEEE International Conference on Neural Networks, 1375-1380", "10.1109/ICNN.1994.374486",
    ),
    _other(
        "korcsak_gorzo_2025", 2025, "Korcsak-Gorzo, A.; Espinoza Valverde, J. A.; Stapmanns, J.; Plesser, H. E.; "
        "Dahmen, D.; Bolten, M.; van Albada, S. J.; Diesmann, M.", "Event-driven eligibility propagation in large "
        "sparse networks: efficiency shaped by biological realism", "arXiv:2511.21674", "10.48550/arXiv.2511.21674",
    ),
    _talk(
        "kriener_2022", 2022, "Kriener, L.; Göltz, J.; Petrovici, M. A.", "The Yin-Yang dataset",
        "Neuro-Inspired Computational Elements Conference, 107-111", "10.1145/3517343.3517380",
    ),
    _talk(
        "kunin_2020", 2020, "Kunin, D.; Nayebi, A.; Sagastuy-Brena, J.; Ganguli, S.; Bloom, J. M.; Yamins, D. L. K.",
        "Two Routes to Scalable Credit Assignment without Weight Symmetry",
        "International Conference on Machine Learning, PMLR 119:5511-5521", "10.48550/arXiv.2003.01513",
    ),
    _article(
        "lecun_1998", 1998, "LeCun, Y.; Bottou, L.; Bengio, Y.; Haffner, P.",
        "Gradient-based learning applied to document recognition", "Proceedings of the IEEE 86(11):2278-2324",
        "10.1109/5.726791",
    ),
    _other(
        "liao_2015", 2015, "Liao, Q.; Leibo, J. Z.; Poggio, T.",
        "How Important is Weight Symmetry in Backpropagation?", "arXiv:1510.05067", "10.48550/arXiv.1510.05067",
    ),
    _article(
        "lillicrap_2016", 2016, "Lillicrap, T. P.; Cownden, D.; Tweed, D. B.; Akerman, C. J.",
        "Random synaptic feedback weights support error backpropagation for deep learning",
        "Nature Communications 7:13276", "10.1038/ncomms13276",
    ),
    _other(
        "menick_2021", 2021, "Menick, J.; Elsen, E.; Evci, U.; Osindero, S.; Simonyan, K.; Graves, A.",
        "A Practical Sparse Approximation for Real Time Recurrent Learning", "arXiv:2006.07232",
        "10.48550/arXiv.2006.07232",
    ),
    _article(
        "mostafa_2018", 2018, "Mostafa, H.; Ramesh, V.; Cauwenberghs, G.",
        "Deep Supervised Learning Using Local Errors", "Frontiers in Neuroscience 12:608", "10.3389/fnins.2018.00608",
    ),
    _article(
        "mostafa_2018b", 2018, "Mostafa, H.", "Supervised Learning Based on Temporal Coding in Spiking Neural "
        "Networks", "IEEE Transactions on Neural Networks and Learning Systems 29(7):3227-3235",
        "10.1109/TNNLS.2017.2726060",
    ),
    _article(
        "neftci_2017", 2017, "Neftci, E. O.; Augustine, C.; Paul, S.; Detorakis, G.",
        "Event-Driven Random Back-Propagation: Enabling Neuromorphic Deep Learning Machines",
        "Frontiers in Neuroscience 11:324", "10.3389/fnins.2017.00324",
    ),
    _article(
        "neftci_2019", 2019, "Neftci, E. O.; Mostafa, H.; Zenke, F.",
        "Surrogate Gradient Learning in Spiking Neural Networks: Bringing the Power of Gradient-Based Optimization to "
        "Spiking Neural Networks", "IEEE Signal Processing Magazine 36(6):51-63", "10.1109/MSP.2019.2931595",
    ),
    _other(
        "nokland_2016", 2016, "Nøkland, A.", "Direct Feedback Alignment Provides Learning in Deep Neural Networks",
        "arXiv:1609.01596", "10.48550/arXiv.1609.01596",
    ),
    _article(
        "nicola_2017", 2017, "Nicola, W.; Clopath, C.", "Supervised learning in spiking neural networks with FORCE "
        "training", "Nature Communications 8:2208", "10.1038/s41467-017-01827-3",
    ),
    _article(
        "oja_1982", 1982, "Oja, E.", "Simplified neuron model as a principal component analyzer",
        "Journal of Mathematical Biology 15(3):267-273", "10.1007/BF00275687",
    ),
    _talk(
        "ortner_2023", 2023, "Ortner, T.; Pes, L.; Gentinetta, J.; Frenkel, C.; Pantazi, A.",
        "Online Spatio-Temporal Learning with Target Projection", "IEEE International Conference on Artificial "
        "Intelligence Circuits and Systems (AICAS)", "10.1109/AICAS57966.2023.10168623",
    ),
    _article(
        "pfister_2006", 2006, "Pfister, J.-P.; Gerstner, W.",
        "Triplets of Spikes in a Model of Spike Timing-Dependent Plasticity",
        "Journal of Neuroscience 26(38):9673-9682", "10.1523/JNEUROSCI.1425-06.2006",
    ),
    _article(
        "pfister_2006b", 2006, "Pfister, J.-P.; Toyoizumi, T.; Barber, D.; Gerstner, W.",
        "Optimal Spike-Timing-Dependent Plasticity for Precise Action Potential Firing in Supervised Learning",
        "Neural Computation 18(6):1318-1348", "10.1162/neco.2006.18.6.1318",
    ),
    _article(
        "ponulak_2010", 2010, "Ponulak, F.; Kasiński, A.", "Supervised Learning in Spiking Neural Networks with "
        "ReSuMe: Sequence Learning, Classification, and Spike Shifting", "Neural Computation 22(2):467-510",
        "10.1162/neco.2009.11-08-901",
    ),
    _article(
        "quintana_2024", 2024,
        "Quintana, F. M.; Perez-Peña, F.; Galindo, P. L.; Neftci, E. O.; Chicca, E.; Khacef, L.",
        "ETLP: event-based three-factor local plasticity for online learning with neuromorphic hardware",
        "Neuromorphic Computing and Engineering 4(3):034006", "10.1088/2634-4386/ad6733",
    ),
    _other(
        "shrestha_2018", 2018, "Shrestha, S. B.; Orchard, G.", "SLAYER: Spike Layer Error Reassignment in Time",
        "arXiv:1810.08646", "10.48550/arXiv.1810.08646",
    ),
    _talk(
        "shrestha_2019", 2019, "Shrestha, A.; Fang, H.; Wu, Q.; Qiu, Q.",
        "Approximating Back-propagation for a Biologically Plausible Local Learning Rule in Spiking Neural Networks",
        "International Conference on Neuromorphic Systems", "10.1145/3354265.3354275",
    ),
    _article(
        "song_2000", 2000, "Song, S.; Miller, K. D.; Abbott, L. F.",
        "Competitive Hebbian learning through spike-timing-dependent synaptic plasticity",
        "Nature Neuroscience 3(9):919-926", "10.1038/78829",
    ),
    _other(
        "tang_2017", 2017, "Tang, P. T. P.; Lin, T.-H.; Davies, M.",
        "Sparse Coding by Spiking Neural Networks: Convergence Theory and Computational Results", "arXiv:1705.05475",
        "10.48550/arXiv.1705.05475",
    ),
    _article(
        "tavanaei_2019", 2019, "Tavanaei, A.; Maida, A.",
        "BP-STDP: Approximating backpropagation using spike timing dependent plasticity", "Neurocomputing 330:39-47",
        "10.1016/j.neucom.2018.11.014",
    ),
    _article(
        "tsodyks_1998", 1998, "Tsodyks, M.; Pawelzik, K.; Markram, H.", "Neural Networks with Dynamic Synapses",
        "Neural Computation 10(4):821-835", "10.1162/089976698300017502",
    ),
    _article(
        "van_rossum_2000", 2000, "van Rossum, M. C. W.; Bi, G. Q.; Turrigiano, G. G.",
        "Stable Hebbian Learning from Spike Timing-Dependent Plasticity", "Journal of Neuroscience 20(23):8812-8821",
        "10.1523/JNEUROSCI.20-23-08812.2000",
    ),
    _article(
        "vogels_2011", 2011, "Vogels, T. P.; Sprekeler, H.; Zenke, F.; Clopath, C.; Gerstner, W.",
        "Inhibitory Plasticity Balances Excitation and Inhibition in Sensory Pathways and Memory Networks",
        "Science 334(6062):1569-1573", "10.1126/science.1211095",
    ),
    _article(
        "williams_1989", 1989, "Williams, R. J.; Zipser, D.",
        "A Learning Algorithm for Continually Running Fully Recurrent Neural Networks",
        "Neural Computation 1(2):270-280", "10.1162/neco.1989.1.2.270",
    ),
    _article(
        "wunderlich_2021", 2021, "Wunderlich, T. C.; Pehle, C.",
        "Event-based backpropagation can compute exact gradients for spiking neural networks",
        "Scientific Reports 11:12829", "10.1038/s41598-021-91786-z",
    ),
    _other(
        "xiao_2022", 2022, "Xiao, M.; Meng, Q.; Zhang, Z.; He, D.; Lin, Z.",
        "Online Training Through Time for Spiking Neural Networks", "arXiv:2210.04195", "10.48550/arXiv.2210.04195",
    ),
    _article(
        "zenke_2018", 2018, "Zenke, F.; Ganguli, S.", "SuperSpike: Supervised Learning in Multilayer Spiking Neural "
        "Networks", "Neural Computation 30(6):1514-1541", "10.1162/neco_a_01086",
    ),
    _article(
        "zenke_2021", 2021, "Zenke, F.; Vogels, T. P.", "The Remarkable Robustness of Surrogate Gradient Learning for "
        "Instilling Complex Function in Spiking Neural Networks", "Neural Computation 33(4):899-925",
        "10.1162/neco_a_01367",
    ),
    _other(
        "zhang_2019", 2019, "Zhang, W.; Li, P.", "Spike-Train Level Backpropagation for Training Deep Recurrent "
        "Spiking Neural Networks", "Advances in Neural Information Processing Systems 32", "10.48550/arXiv.1908.06378",
    ),
)  # fmt: skip
