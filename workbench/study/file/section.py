"""What the tables of a study file have in common: how they are read, and the kinds of their values."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

Value = str | int | float
Values = tuple[tuple[str, Value], ...]


def as_tuple(value: object) -> object:
    """Return a list as a tuple, and all else as it is."""
    return tuple(value) if isinstance(value, list) else value


def _pairs(value: object) -> object:
    return tuple(sorted(value.items())) if isinstance(value, dict) else as_tuple(value)


#: Parameters by name: pairs, so that they can be hashed; a table in TOML and JSON.
Parameters = Annotated[Values, BeforeValidator(_pairs), PlainSerializer(dict, when_used="json")]
TABLE = Field(default=(), description="a table of numbers and quantities such as '20 ms'")
Size = Annotated[int, Field(ge=1, le=1_000_000)]
Name = Annotated[str, Field(max_length=200)]
#: Of epochs and trials: far beyond what is ever done, and within the numbers of a machine.
MOST = 1_000_000_000
#: Of weights: beyond, float32 has no digit left for what is learned.
HEAVIEST = 1e9


class Section(BaseModel):
    """A table of a study file. The description of each key says what it must be; the error messages repeat it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)
