"""The report on the recommender: figures in, Markdown and plots out. No number in it is written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from recommender.evaluation.plots import draw_bars, draw_lines

_INTRO: Final = """# How well moods are found and suggestions chosen

Written by `manage.py evaluate_recommender`; every figure is measured by it on made-up people whose truth is known.
Made-up people are kinder than real ones: this shows that the arithmetic does what it says, not that it helps anybody.
"""


def write_report(figures: Mapping[str, Any], path: Path) -> None:
    """The Markdown at `path` and its plots in `images/` beside it. Parts that were not measured are left out."""
    images = path.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name, drawing in _draw(figures):
        (images / f"recommender-{name}.svg").write_text(drawing, encoding="utf-8")
    parts = (_mixes, _drops, _rankings, _rules, _off_policy, _speed)
    path.write_text("\n".join([_INTRO, *(text for part in parts for text in part(figures))]), encoding="utf-8")


def _draw(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "mixes_of_labels" in figures:
        groups = {name: _mix_bars(by_count["60"]) for name, by_count in figures["mixes_of_labels"].items()}
        yield "mixes", draw_bars(groups, title="Error of the mix at 60 readings", up="mean absolute error")
    if "drops" in figures:
        curve = figures["drops"]["fresh"]["curve"]
        groups = {f"x {row['factor']}": {"stable, asked": row["stable"], "low, asked": row["caught"]} for row in curve}
        yield "alarms", draw_bars(groups, title="Who is asked, by limit (1 is shipped)", up="share of people")
    if "rankings" in figures:
        ranked = figures["rankings"]
        curves = {name: ranked[name]["curve"] for name in ("ours", "table", "random")}
        curves |= {f"MABWiser {name}": row["curve"] for name, row in _best_rival(ranked)}
        yield "ranking", draw_lines(curves, title="What an offer is worth", across="day", up="expected gain")


def _mix_bars(row: Mapping[str, float]) -> dict[str, float]:
    names = {"counted": "labels counted", "new": "first window", "known": "later windows", "faultless": "no mistakes"}
    return {label: row[key] for key, label in names.items()}


def _mixes(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## The mix of a window\n"
    yield (
        "Mean absolute error of the seven shares. *Counted*: the commonest label of each clear reading, counted. "
        "*First*: ours, nothing known before. *Later*: ours, after weeks of readings. *No mistakes*: a camera that "
        "never errs; what is left is the chance of which moments were looked at. *Holds*: how often the 95 % interval "
        "holds the true share.\n"
    )
    yield "![Error of the mix](images/recommender-mixes.svg)\n"
    titles = {
        "mixes_of_weak_labels": "Labels wrong as often as those of a classifier trained on FER2013 alone",
        "mixes_of_labels": "Labels wrong as often as the shipped model's confusion matrix says",
        "mixes_of_faces": "The shipped model's own answers on held-out faces of FER2013 (validation part, FER+ labels)",
    }
    for key, title in titles.items():
        if key in figures:
            yield f"### {title}\n"
            yield _table(_mix_rows(figures[key]), _MIX_HEAD)


_MIX_HEAD: Final = (
    "people, readings",
    "counted",
    "first",
    "later",
    "later / counted",
    "no mistakes",
    "first holds",
    "later holds",
)


def _mix_rows(populations: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for name, by_count in populations.items():
        for count, row in by_count.items():
            errors = (f"{row[key]:.4f}" for key in ("counted", "new", "known"))
            holds = (_percent(row[key]) for key in ("new_covered", "known_covered"))
            yield (
                f"{name}, {count}",
                *errors,
                f"{row['known'] / row['counted']:.2f}",
                f"{row['faultless']:.4f}",
                *holds,
            )


def _drops(figures: Mapping[str, Any]) -> Iterator[str]:
    if "drops" not in figures:
        return
    yield "## Days lower than usual\n"
    yield (
        "Made-up days are alike with a correlation of 0.3 and 30 % of them are missing. *Just known*: watched from the "
        "day the usual stands on 21 observed days; *settled*: two months later. A drop is one standard deviation. "
        "*Plain*: an EWMA (weight 0.2) of the same days with a fixed limit of 3.2. An alarm only asks a question.\n"
    )
    yield "![Who is asked](images/recommender-alarms.svg)\n"
    rows = [
        (
            name,
            _percent(part["stable_alarmed_in_30_days"]),
            _percent(part["drop_caught_in_14_days"]),
            _percent(part["late_drop_caught_in_14_days"]),
            _percent(part["plain"]["stable"]),
            _percent(part["plain"]["caught"]),
        )
        for name, part in (("just known", figures["drops"]["fresh"]), ("settled", figures["drops"]["settled"]))
    ]
    head = ("usual", "stable, asked within 30 days", "drop at once, asked within 14", "drop after 10 days, within 14")
    yield _table(rows, (*head, "plain: stable, asked", "plain: drop, asked"))


def _rankings(figures: Mapping[str, Any]) -> Iterator[str]:
    if "rankings" not in figures:
        return
    ranked = figures["rankings"]
    yield "## What suggestions are worth\n"
    yield (
        "Made-up colleagues have tastes by category and by activity, moods that change, tire of what they did "
        "yesterday, and answer. The gain of an offer is how likely it is taken up times what it is worth then; shown "
        "is the mean of days 26 to 30, ± one standard error. No policy may break a rule.\n"
    )
    yield "![What an offer is worth](images/recommender-ranking.svg)\n"
    ours = ranked["ours"]["day_30"]
    names = {
        "ours": "ours",
        "random": "at random",
        "table": "a fixed lookup table",
        "all_knowing": "knowing every taste",
    }
    rows = [(label, *_gain(ranked[key]), f"{ours / ranked[key]['day_30']:.2f}") for key, label in names.items()]
    yield _table(rows, ("policy", "people", "gain", "ours / this"))
    if ranked["mabwiser"]:
        same = ranked["ours_for_the_same"]
        rivals = [
            (f"MABWiser {name}", *_gain(row), f"{same['day_30'] / row['day_30']:.2f}")
            for name, row in ranked["mabwiser"].items()
        ]
        yield "Policies of MABWiser for the first of these people, learning from the same kind of answers:\n"
        yield _table([("ours", *_gain(same), "1.00"), *rivals], ("policy", "people", "gain", "ours / this"))


def _rules(figures: Mapping[str, Any]) -> Iterator[str]:
    if "rules" in figures:
        row = figures["rules"]
        broken = ", ".join(f"{name}: {count}" for name, count in row["broken"].items()) or "none"
        yield "## Rules\n"
        yield (
            f"{row['people']} people over {row['days']} days: constraints and cooldowns broken: {broken}. The largest "
            f"share that one category had of anybody's offers: {_percent(row['largest_category'])}.\n"
        )


def _off_policy(figures: Mapping[str, Any]) -> Iterator[str]:
    if "rankings" in figures:
        yield "## Judging other policies from the log\n"
        yield "Self-normalised estimates from the logged chances, with 95 % intervals, beside what is true.\n"
        rows = [
            (row["policy"], f"{row['estimate']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}", f"{row['truth']:.3f}")
            for row in figures["rankings"]["off_policy"]
        ]
        yield _table(rows, ("policy", "estimate", "interval", "truth"))


def _speed(figures: Mapping[str, Any]) -> Iterator[str]:
    if "speed" in figures:
        speed = figures["speed"]
        counts = [key.split("_")[1] for key in speed if key.startswith("window_")]
        yield "## Speed\n"
        yield "A year's window, processor milliseconds of the quickest of several runs, intervals included.\n"
        rows = [
            (count, *(f"{speed[f'{part}_{count}_ms']}" for part in ("summarise", "rank", "window"))) for count in counts
        ]
        yield _table(rows, ("readings", "sum up", "rank", "both"))


def _best_rival(ranked: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return sorted(ranked["mabwiser"].items(), key=lambda item: -item[1]["day_30"])[:1]


def _gain(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["people"]), f"{row['day_30']:.3f} ± {row['error']:.3f}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _table(rows: Iterator[Sequence[str]] | Sequence[Sequence[str]], head: Sequence[str]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"
