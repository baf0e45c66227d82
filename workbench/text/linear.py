"""Linear equations as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LinearSystem:
    """The equations ``dx/dt = A x + f``, with A of constants.

    Attributes
    ----------
    states : tuple of str
        The variables x.
    matrix : tuple of tuple of str
        A, as expressions of constants; "0" where there is none.
    rest : dict of str to str
        f of each state, "0" where there is none.
    """

    states: tuple[str, ...]
    matrix: tuple[tuple[str, ...], ...]
    rest: dict[str, str]

    def reaches(self) -> list[list[bool]]:
        """Return which entries of exp(A t) can differ from 0: (row, column) where column reaches row."""
        size = len(self.states)
        reach = [[row == column or self.matrix[row][column] != "0" for column in range(size)] for row in range(size)]
        for via in range(size):
            for row in range(size):
                for column in range(size):
                    reach[row][column] = reach[row][column] or (reach[row][via] and reach[via][column])
        return reach
