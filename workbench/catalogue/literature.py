"""The sources of what comes with the workbench; each `doi` of a rule, task and the like is that of one of them."""

from workbench.catalogue.journal_articles import ARTICLES, article
from workbench.declare.publication import Publication


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
BRIAN2 = article(
    "stimberg_2019", 2019, "Stimberg, M.; Brette, R.; Goodman, D. F. M.",
    "Brian 2, an intuitive and efficient neural simulator", "eLife 8:e47314", "10.7554/eLife.47314",
)  # fmt: skip

#: Talks, preprints, books and data, in the order of their names.
_OTHERS = (
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
    _other(
        "bengio_2013", 2013, "Bengio, Y.; Leonard, N.; Courville, A.", "Estimating or Propagating Gradients Through "
        "Stochastic Neurons for Conditional Computation", "arXiv:1308.3432", "10.48550/arXiv.1308.3432",
    ),
    _talk(
        "bohte_2011", 2011, "Bohte, S. M.", "Error-Backpropagation in Networks of Fractionally Predictive Spiking "
        "Neurons", "Artificial Neural Networks and Machine Learning - ICANN 2011", "10.1007/978-3-642-21735-7_8",
    ),
    _talk(
        "fang_2021", 2021, "Fang, W.; Yu, Z.; Chen, Y.; Masquelier, T.; Huang, T.; Tian, Y.",
        "Incorporating Learnable Membrane Time Constant to Enhance Learning of Spiking Neural Networks",
        "IEEE/CVF International Conference on Computer Vision, 2661-2671", "10.1109/ICCV48922.2021.00266",
    ),
    _other(
        "fisher_1936", 1936, "Fisher, R. A.", "Iris", "UCI Machine Learning Repository", "10.24432/C56C76",
    ),
    _other(
        "huh_2018", 2018, "Huh, D.; Sejnowski, T. J.", "Gradient Descent for Spiking Neural Networks",
        "Advances in Neural Information Processing Systems 31", "10.48550/arXiv.1706.04698",
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
    _other(
        "liao_2015", 2015, "Liao, Q.; Leibo, J. Z.; Poggio, T.",
        "How Important is Weight Symmetry in Backpropagation?", "arXiv:1510.05067", "10.48550/arXiv.1510.05067",
    ),
    _other(
        "menick_2021", 2021, "Menick, J.; Elsen, E.; Evci, U.; Osindero, S.; Simonyan, K.; Graves, A.",
        "A Practical Sparse Approximation for Real Time Recurrent Learning", "arXiv:2006.07232",
        "10.48550/arXiv.2006.07232",
    ),
    _other(
        "nokland_2016", 2016, "Nøkland, A.", "Direct Feedback Alignment Provides Learning in Deep Neural Networks",
        "arXiv:1609.01596", "10.48550/arXiv.1609.01596",
    ),
    _talk(
        "ortner_2023", 2023, "Ortner, T.; Pes, L.; Gentinetta, J.; Frenkel, C.; Pantazi, A.",
        "Online Spatio-Temporal Learning with Target Projection", "IEEE International Conference on Artificial "
        "Intelligence Circuits and Systems (AICAS)", "10.1109/AICAS57966.2023.10168623",
    ),
    _talk(
        "sacramento_2018", 2018, "Sacramento, J.; Ponte Costa, R.; Bengio, Y.; Senn, W.",
        "Dendritic cortical microcircuits approximate the backpropagation algorithm",
        "Advances in Neural Information Processing Systems 31", "10.48550/arXiv.1810.11393",
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
    _other(
        "tang_2017", 2017, "Tang, P. T. P.; Lin, T.-H.; Davies, M.",
        "Sparse Coding by Spiking Neural Networks: Convergence Theory and Computational Results", "arXiv:1705.05475",
        "10.48550/arXiv.1705.05475",
    ),
    _other(
        "xiao_2022", 2022, "Xiao, M.; Meng, Q.; Zhang, Z.; He, D.; Lin, Z.",
        "Online Training Through Time for Spiking Neural Networks", "arXiv:2210.04195", "10.48550/arXiv.2210.04195",
    ),
    _other(
        "zhang_2019", 2019, "Zhang, W.; Li, P.", "Spike-Train Level Backpropagation for Training Deep Recurrent "
        "Spiking Neural Networks", "Advances in Neural Information Processing Systems 32", "10.48550/arXiv.1908.06378",
    ),
)  # fmt: skip

PUBLICATIONS = (WORKBENCH, BRIAN2, *ARTICLES, *_OTHERS)
