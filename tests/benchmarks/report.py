"""Report: the results as Markdown, and as JSON for programs."""

import dataclasses
import json
from collections.abc import Sequence

from tests.benchmarks.results import SERVICE, Measure, Results

_HOW = """\
One process of each on one core; who asks, and PostgreSQL, on another. The contenders take turns in each round; a figure
is the median of its rounds. In brackets: how many times better this service is (below 1: worse), the median of the
ratios within the rounds; that says more than a figure, which is of this machine and its mood. Every answer is looked
at. The peers believe the tenant that they are told, write no journal and count no quota. The bare route answers from
memory, whatever it is asked, with the bytes of this service's answer."""
_CINDER = """\
Not measured here, for it takes a dozen processes: OpenStack Cinder 29 (REST, two API workers, MariaDB, RabbitMQ, a
driver that does nothing) on another machine: a list of 50: 77/s, one: 364/s, rename: 240/s, create: 28/s and 95 ms
until AVAILABLE; 950 MiB in 14 processes."""
_GROWTH = "A change of the same tenant before each question. In brackets: as many times the first column."
_BYTES = "Asked of the storage alone; all ends on stable storage."


def markdown(results: Results) -> str:
    """Return all tables, with what is to be known of them."""
    parts = [
        "# How fast it is",
        "\n".join(f"- {what}: {found}" for what, found in results.machine.items()),
        *results.notes,
    ]
    if results.requests:
        parts += ["## Against others", _HOW, _table(results.requests, SERVICE, in_front=True), _CINDER]
    if results.growth:
        parts += ["## By the number of a tenant's snapshots", _GROWTH]
        parts += [_table(results.growth, results.growth[0].column, in_front=False)]
    if results.bytes:
        parts += ["## Bytes", _BYTES, _table(results.bytes, SERVICE, in_front=True)]
    return "\n\n".join(parts) + "\n"


def as_json(results: Results) -> str:
    return json.dumps(dataclasses.asdict(results), indent=1, ensure_ascii=False) + "\n"


def _table(measures: Sequence[Measure], first: str, *, in_front: bool) -> str:
    """Lay measures out; each is compared with its row's first column, which is either in front or behind."""
    columns = list(dict.fromkeys([first, *(measure.column for measure in measures)]))
    cells = {(measure.row, measure.column): measure for measure in measures}
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for row in dict.fromkeys(measure.row for measure in measures):
        found = [_cell(cells.get((row, column)), cells.get((row, first)), in_front=in_front) for column in columns]
        lines.append(f"| {row} | {' | '.join(found)} |")
    return "\n".join(lines)


def _cell(measure: Measure | None, first: Measure | None, *, in_front: bool) -> str:
    if measure is None:
        return ""
    text = f"{_rounded(measure.median)}{'' if measure.unit == '/s' else ' '}{measure.unit}"
    if first is None or first is measure:
        return text
    ratio = first.ahead_of(measure) if in_front else 1 / measure.ahead_of(first)
    return f"{text} ({_rounded(ratio)}×)"


def _rounded(value: float) -> str:
    """Write three digits and no more than there are."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
