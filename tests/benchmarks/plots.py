"""Plots: latency against load, and growth, as SVG that reads in the light and in the dark and is the same each time."""

import io
from collections import defaultdict
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from tests.benchmarks.results import Measure, Results

_GREY = "#808890"
_COLOURS = ("#2f81f7", "#8957e5", "#3fb950", "#d29922", "#f85149", _GREY)
_STYLE: Any = {
    "svg.hashsalt": "volume-snapshots",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "text.color": _GREY,
    "axes.labelcolor": _GREY,
    "axes.edgecolor": _GREY,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "legend.frameon": False,
    "legend.fontsize": "small",
}


def latency(results: Results) -> str:
    """Draw the median latency of a page by the answers a second; each point of a line is one more load."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        for colour, (name, points) in zip(_COLOURS, results.curves.items(), strict=False):
            rates, medians, _ = zip(*points, strict=True)
            axes.plot(rates, medians, marker="o", markersize=4, color=colour, label=name)
        axes.set(xscale="log", yscale="log", xlabel="pages of 50 snapshots, a second", ylabel="latency, p50, ms")
        return _svg(figure)


def growth(results: Results) -> str:
    """Draw the median latency by the number of a tenant's snapshots; a flat line is what is wanted."""
    lines: dict[str, list[Measure]] = defaultdict(list)
    for measure in results.growth:
        lines[measure.row].append(measure)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        half = -(-len(lines) // 2)
        for number, (row, measures) in enumerate(lines.items()):
            numbers = [int(measure.column.replace(",", "")) for measure in measures]
            medians = [measure.median for measure in measures]
            style = "-" if number < half else "--"
            axes.plot(numbers, medians, style, marker="o", markersize=4, color=_COLOURS[number % half], label=row)
        axes.set(xscale="log", ylim=(0, None), xlabel="a tenant's snapshots", ylabel="latency, p50, ms")
        return _svg(figure)


def _svg(figure: Figure) -> str:
    """Return the figure with a legend beside it, and nothing behind."""
    for axes in figure.axes:
        axes.grid(visible=True, color=_GREY, alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.patch.set_visible(False)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,g}" if value < 1e6 else f"{value:,.0f}")
            axis.set_minor_formatter(NullFormatter())
    figure.legend(loc="outside right upper")
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    return drawn.getvalue()
