"""Small plots as SVG text: lines over days and grouped bars. Colours are legible on white and on black."""

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Final

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.figure import Figure

_SIZE: Final = (7, 3.2)
_INK: Final = "#808080"
#: Text stays text, and a fixed salt keeps element ids: the same figures give the same bytes.
_STYLE: Final = {
    **{f"{part}color": _INK for part in ("text.", "axes.edge", "axes.label", "xtick.", "ytick.", "grid.")},
    "axes.prop_cycle": cycler(color=["#2f8a5f", "#b8553f", "#4c7397", "#c98f1d", "#75608f", "#8c877b", "#2f8a86"]),
    "svg.fonttype": "none",
    "svg.hashsalt": "wellbeing",
}


@mpl.rc_context(_STYLE)
def draw_lines(curves: Mapping[str, Sequence[float]], *, title: str, across: str, up: str) -> str:
    """One value per step for each curve; the first step is 1."""
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    for name, values in curves.items():
        axes.plot(range(1, len(values) + 1), values, label=name)
    axes.set(xlabel=across)
    return _write(figure, title, up)


@mpl.rc_context(_STYLE)
def draw_bars(groups: Mapping[str, Mapping[str, float]], *, title: str, up: str) -> str:
    """One group of bars per key; the bars in the order of the first group."""
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    names = list(next(iter(groups.values())))
    places, width = np.arange(len(groups)), 0.8 / len(names)
    for number, name in enumerate(names):
        axes.bar(places + number * width, [values[name] for values in groups.values()], 0.95 * width, label=name)
    axes.set_xticks(places + (0.8 - width) / 2, list(groups))
    return _write(figure, title, up)


def _write(figure: Figure, title: str, up: str) -> str:
    axes = figure.gca()
    axes.set(ylabel=up, ylim=(0, None), axisbelow=True)
    axes.set_title(title, loc="left", weight="bold")
    axes.grid(axis="y", alpha=0.35)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    text = StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Title": title})
    return text.getvalue()
