"""Writes the recommender's report from the figures: Markdown and plots. No number in it is written by hand."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from research.recommender.mixes import EARLIER_WEEKS, WEEKS
from research.recommender.plots import draw_bars, draw_lines

_INTRO: Final = """# How well moods are found and suggestions chosen

Written by `manage.py evaluate_recommender`; every figure is measured by it on made-up people whose truth is known.
Made-up people are kinder than real ones: this shows that the arithmetic does what it says, not that it helps anybody.
"""


def write_report(figures: Mapping[str, Any], path: Path) -> None:
    """Write the Markdown to `path` and its plots to `images/` beside it. Parts without figures are left out."""
    images = path.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name, drawing in _draw(figures):
        (images / f"recommender-{name}.svg").write_text(drawing, encoding="utf-8")
    parts = (_mixes, _drops, _rankings, _rules, _off_policy, _speed)
    path.write_text("\n".join([_INTRO, *(text for part in parts for text in part(figures))]), encoding="utf-8")


def _draw(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    faces = next((figures[key] for key in _FACES if key in figures), None)
    if faces is not None:
        groups = {name: _mix_bars(by_weeks["some"][_AT]) for name, by_weeks in faces.items()}
        yield (
            "mixes",
            draw_bars(groups, title=f"Error at {_AT} readings, weeks differing", up="mean absolute error"),
        )
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


_FACES: Final = {
    "mixes_of_faces": "The shipped model's own answers on held-out faces of FER2013 (validation part, FER+ labels)",
    "mixes_of_labels": "Labels wrong as often as the shipped model's confusion matrix says",
    "mixes_of_weak_labels": "Labels wrong as often as those of a classifier trained on FER2013 alone",
}
_FACES_SHORT: Final = {
    "mixes_of_faces": "the model's own answers",
    "mixes_of_labels": "labels as wrong as its confusion matrix",
    "mixes_of_weak_labels": "labels of a weak classifier",
}
#: Figures of one simulated classifier over all populations, by variation of weeks.
_ByWeeks = Mapping[str, Mapping[str, float]]
#: Readings per window in the joint table, and the target for the error as a share of counting's.
_AT: Final = "60"
_HALF: Final = 0.5
#: Largest permitted deviation from 95 % coverage.
_OFF_MOST: Final = 0.03
_WEEKS_TEXT: Final = {
    "alike": "weeks all alike",
    "little": f"weeks a little different ({WEEKS['little']})",
    "some": f"weeks different ({WEEKS['some']})",
    "much": f"weeks very different ({WEEKS['much']})",
    "another": "a week like another person's",
}
_TOGETHER_HEAD: Final = ("faces", "first window", *_WEEKS_TEXT.values())
_MIX_HEAD: Final = (
    *("people, readings", "counted", "no mistakes", "first", "later, alike", "later, differing"),
    *("first holds", "alike holds", "differing holds"),
)


def _mixes(figures: Mapping[str, Any]) -> Iterator[str]:
    measured = {title: figures[key] for key, title in _FACES.items() if key in figures}
    if not measured:
        return
    yield "## The mix of a window\n"
    yield (
        "*Counted*: mean absolute error of the seven shares when the commonest label of each clear reading is counted. "
        "The other errors are given as parts of that one; 0.50 is half. *No mistakes*: counting what a camera that "
        "never errs would see; what is left is the chance of which moments were looked at, and where it is above 0.50 "
        "no reading of these faces alone can halve the error. *First*: ours, nothing known before. *Later*: ours with "
        f"{EARLIER_WEEKS} weeks of as many readings before it, for people whose weeks are all alike and for people "
        f"whose weeks differ (odds of each expression off by a factor, standard deviation {WEEKS['some']} of its "
        "logarithm). *Holds*: how often the 95 % interval holds the true share.\n"
    )
    yield f"All kinds of people together, at {_AT} readings: ours / counted (and how often the interval holds).\n"
    together = {
        _FACES_SHORT[key]: {differ: _together(figures[key], differ) for differ in WEEKS}
        for key in _FACES
        if key in figures
    }
    yield _table(_together_rows(together), _TOGETHER_HEAD)
    yield _what_half_needs(together)
    yield _where_intervals_miss(together)
    yield "![Error of the mix](images/recommender-mixes.svg)\n"
    for title, populations in measured.items():
        yield f"### {title}\n"
        yield _table(_mix_rows(populations), _MIX_HEAD)
        yield f"The same at {_AT} readings, later / counted and (holds), by how much weeks differ:\n"
        yield _table(_week_rows(populations), ("weeks", *populations))


def _together_rows(together: Mapping[str, _ByWeeks]) -> Iterator[Sequence[str]]:
    for name, rows in together.items():
        yield name, *(f"{error:.2f} ({_percent(held)})" for error, held in _cases(rows).values())
        yield "*counting without mistakes*", *(_part(row, "faultless") for row in (rows["alike"], *rows.values()))
        yield "*at best*", "", *(_part(row, "best") for row in rows.values())


def _together(populations: Mapping[str, Any], differ: str) -> dict[str, float]:
    """The mean over the populations, which are of equal size."""
    rows = [by_weeks[differ][_AT] for by_weeks in populations.values()]
    return {key: sum(row[key] for row in rows) / len(rows) for key in rows[0]}


def _cases(rows: _ByWeeks) -> dict[str, tuple[float, float]]:
    """Our error divided by counting's, and coverage: for a first window, then by variation of weeks."""
    new = rows["alike"]
    cases = {"a first window": (new["new"] / new["counted"], new["new_covered"])}
    later = {_WEEKS_TEXT[differ]: (row["known"] / row["counted"], row["known_covered"]) for differ, row in rows.items()}
    return cases | later


def _what_half_needs(together: Mapping[str, _ByWeeks]) -> str:
    """Cases that reach half the error of counting, and those where no estimator could."""
    reached = "; ".join(
        f"with {name} for {_listed([case for case, (error, _) in _cases(rows).items() if error <= _HALF])}"
        for name, rows in together.items()
    )
    name, rows = next(iter(together.items()))
    text = (
        f"**What half needs.** At most half the error of counting is reached {reached}. In a first window with {name}, "
        f"a camera without mistakes would itself be at {_part(rows['alike'], 'faultless')} if its answers are counted: "
        f"above half, {_AT} looks are too few and only what was known before can help. *At best* is somebody who knows "
        "a person's usual exactly and by how much weeks differ."
    )
    beyond = [_WEEKS_TEXT[differ] for differ, row in rows.items() if row["best"] > _HALF * row["counted"]]
    if beyond:
        text += f" With {name} even that is above half for {_listed(beyond)}: no arithmetic reaches half there."
    return text + "\n"


def _where_intervals_miss(together: Mapping[str, _ByWeeks]) -> str:
    """The cases whose coverage is more than 3 points off 95 %."""
    off = [
        f"{name}, {case}: {_percent(held)}"
        for name, rows in together.items()
        for case, (_, held) in _cases(rows).items()
        if abs(round(held - 0.95, 3)) > _OFF_MOST
    ]
    text = f"**Whether intervals hold.** 95 ± {100 * _OFF_MOST:.0f} % in every case of the table"
    return f"{text}, except for {'; '.join(off)}.\n" if off else f"{text}.\n"


def _listed(items: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:]))) or "none"


def _with_coverage(row: Mapping[str, float], key: str) -> str:
    return f"{_part(row, key)} ({_percent(row[f'{key}_covered'])})"


def _mix_rows(populations: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for name, by_weeks in populations.items():
        for count, alike in by_weeks["alike"].items():
            some = by_weeks["some"][count]
            errors = (_part(alike, "faultless"), _part(alike, "new"), _part(alike, "known"), _part(some, "known"))
            holds = (alike["new_covered"], alike["known_covered"], some["known_covered"])
            yield f"{name}, {count}", f"{alike['counted']:.4f}", *errors, *map(_percent, holds)


def _week_rows(populations: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for differ, spread in WEEKS.items():
        rows = [by_weeks[differ][_AT] for by_weeks in populations.values()]
        label = "this one like another person's" if spread is None else f"{differ} ({spread})"
        yield label, *(_with_coverage(row, "known") for row in rows)


def _part(row: Mapping[str, float], key: str) -> str:
    return f"{row[key] / row['counted']:.2f}"


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
    yield "How careful the question is, as administrators may set it, for stable people and drops at once:\n"
    fresh, settled = (figures["drops"][name]["curve"] for name in ("fresh", "settled"))
    careful = [
        (str(new["factor"]), *(_percent(row[key]) for row in (new, old) for key in ("stable", "caught")))
        for new, old in zip(fresh, settled, strict=True)
    ]
    who = ("just known: stable", "just known: drop", "settled: stable", "settled: drop")
    yield _table(careful, ("caution", *who))


def _rankings(figures: Mapping[str, Any]) -> Iterator[str]:
    if "rankings" not in figures:
        return
    ranked = figures["rankings"]
    yield "## What suggestions are worth\n"
    yield (
        "Made-up colleagues have tastes by category and by activity, moods that change, tire of what they did "
        "yesterday, and answer. The gain of an offer is how likely it is taken up times what it is worth then; shown "
        "is the mean of days 26 to 30, ± one standard error. No policy may break a rule. What can be set was tried on "
        "other people than those it is reported on.\n"
    )
    yield "![What an offer is worth](images/recommender-ranking.svg)\n"
    rows = [_against(label, ranked[key], ranked["ours"]) for key, label in _POLICIES.items()]
    yield _table(rows, _RANKING_HEAD)
    if ranked["mabwiser"]:
        same = ranked["ours_for_the_same"]
        rivals = [_against(f"{name} ({row['setting']})", row, same) for name, row in ranked["mabwiser"].items()]
        yield (
            "Policies of MABWiser for some of these people, learning from the same answers, each starting from what an "
            "offer gains at random and with the best of its settings:\n"
        )
        yield _table([_against("ours", same, same), *rivals], _RANKING_HEAD)
    if "worlds" in figures:
        yield "Where tastes or answers are otherwise than above, days 26 to 30:\n"
        yield _table(_world_rows(figures["worlds"]), ("world", *_POLICIES.values(), "ours / at random", "ours / table"))
    if "exploration" in figures:
        tried = figures["exploration"]
        yield (
            "How much is tried out: draws are made with a share of the true uncertainty (on the people for trying; "
            f"{tried['shipped']['share']} is shipped):\n"
        )
        yield _table(_exploration_rows(tried), ("share", "gain on days 26 to 30", "on days 86 to 90"))


_POLICIES: Final = {
    "ours": "ours",
    "random": "at random",
    "table": "a fixed lookup table",
    "all_knowing": "knowing every taste",
}
_RANKING_HEAD: Final = ("policy", "people", "gain", "by seed", "ours / this")


def _against(label: str, row: Mapping[str, Any], ours: Mapping[str, Any]) -> tuple[str, ...]:
    gain = f"{row['day_30']:.3f} ± {row['error']:.3f}"
    by_seed = ", ".join(f"{value:.3f}" for value in row["by_seed"])
    return label, str(row["people"]), gain, by_seed, f"{ours['day_30'] / row['day_30']:.2f}"


def _world_rows(worlds: Mapping[str, Mapping[str, float]]) -> Iterator[Sequence[str]]:
    for name, gains in worlds.items():
        against = (f"{gains['ours'] / gains[other]:.2f}" for other in ("random", "table"))
        yield name, *(f"{gains[policy]:.3f}" for policy in _POLICIES), *against


def _exploration_rows(tried: Mapping[str, Mapping[str, float]]) -> Iterator[Sequence[str]]:
    for share, row in tried.items():
        if share != "shipped":
            yield share, f"{row['day_30']:.3f}", f"{row['day_90']:.3f}"


def _rules(figures: Mapping[str, Any]) -> Iterator[str]:
    if "rules" in figures:
        row = figures["rules"]
        broken = ", ".join(f"{name}: {count}" for name, count in row["broken"].items()) or "none"
        yield "## Rules\n"
        yield (
            f"{row['people']} people over {row['days']} days, {row['offers']} offers; constraints and cooldowns "
            f"broken: {broken}. The largest share that one category had of anybody's offers: "
            f"{_percent(row['largest_category'])}.\n"
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


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _table(rows: Iterator[Sequence[str]] | Sequence[Sequence[str]], head: Sequence[str]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"
