"""Results: what was measured, as values by round."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

SERVICE = "this service"
ON_SQLITE = "this service, SQLite"


@dataclass(frozen=True)
class Measure:
    """A row and a column of a table, and the values there, one a round. More is better only of what is per second."""

    row: str
    column: str
    unit: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def ahead_of(self, other: "Measure") -> float:
        """Return how many times better this is: the median over rounds that were measured one after the other."""
        pairs = zip(self.values, other.values, strict=True)
        ratios = [mine / theirs if self.unit == "/s" else theirs / mine for mine, theirs in pairs]
        return statistics.median(ratios)


@dataclass
class Results:
    """All of a run. `curves`: by load, what each contender answers a second, with the p50 and the p99 in ms."""

    machine: dict[str, str]
    requests: list[Measure] = field(default_factory=list)
    growth: list[Measure] = field(default_factory=list)
    bytes: list[Measure] = field(default_factory=list)
    curves: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
