"""What the way back through spikes multiplies and adds, formula by formula: EventProp in continuous time.

`back.cpp` says when each is needed and of what; Wunderlich and Pehle (2021), doi:10.1038/s41598-021-91786-z, have them
in table 1. Slopes are those of the loss.
"""

from dataclasses import dataclass

from workbench.text.cpp import in_cpp


@dataclass(frozen=True)
class Formula:
    """A number that the way back computes of others.

    Attributes
    ----------
    name : str
        Of the function in C++.
    reads : tuple of str
        Its arguments.
    text : str
        What it returns.
    """

    name: str
    reads: tuple[str, ...]
    text: str

    def cpp(self) -> str:
        """Return the function."""
        arguments = ", ".join(f"double {name}" for name in self.reads)
        told = in_cpp(self.text, {name: name for name in self.reads})
        return f"static inline double {self.name}({arguments}) {{ return {told}; }}"


FORMULAS = (
    # What the loss makes of the time of a spike: what its neuron does later and sooner, and what others see of it.
    Formula("by_time", ("later", "sooner", "elsewhere", "rise"), "(later - sooner + elsewhere) / rise"),
    # Of a mode or variable just before a spike: what the reset leaves of it, and how it moves the spike.
    Formula("before_spike", ("left", "drive", "time"), "left + drive * time"),
    # How fast the drive rises, and the loss changes, by one mode that fades.
    Formula("rise_by_mode", ("drive", "rate", "mode"), "drive * rate * mode"),
    Formula("change_by_mode", ("slope", "rate", "mode"), "slope * rate * mode"),
    # By one mode, of a weight that arrives, of when it arrives, and of that for the spike that brought it.
    Formula("by_weight", ("arriving", "slope"), "arriving * slope"),
    Formula("by_arrival", ("arriving", "rate", "slope"), "arriving * rate * slope"),
    Formula("by_source", ("weight", "slope"), "weight * slope"),
    # By one mode, of what the readout puts out.
    Formula("by_output", ("part", "slope"), "part * slope"),
)
