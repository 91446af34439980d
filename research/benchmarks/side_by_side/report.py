"""Writes `docs/performance.md` from the figures of `research/benchmarks/classifier.py`; no number is typed by hand."""

from typing import Any

Figures = dict[str, Any]

TITLES = {
    "ours": "ours, from JPEG to probabilities",
    "ours_and_forget": "the same, and the picture's traces overwritten",
    "our_network": "our network alone",
    "litert": "the same file on LiteRT, network alone",
    "keras_function": "same architecture, Keras under `tf.function`, network alone",
    "keras_predict": "same architecture, Keras `predict`, network alone",
    "keras_pipeline": "ours with Keras `predict` for the network, from JPEG to probabilities",
    "fer": "`fer` from PyPI, from JPEG to probabilities",
}


def write_page(figures: Figures) -> str:
    return "\n".join([*_head(figures), *_contenders(figures), *_ratios(figures), *_stages(figures), *_memory(figures)])


def _head(figures: Figures) -> list[str]:
    machine = figures["machine"]
    lacks = [name for name, there in machine["features"].items() if not there]
    return [
        "# Speed and memory of the classifier",
        "",
        "Written by `python research/benchmarks/classifier.py --all --write`"
        " from `measurements/classifier-speed.json`.",
        "",
        f"One thread of {machine['processor']} ({machine['system']}). It has {_abilities(machine)}; it lacks"
        f" {', '.join(lacks) or 'nothing looked for'}. Model {figures['model']}, {figures['calls']} calls each, every"
        " contender in a process of its own.",
        "",
    ]


def _abilities(machine: Figures) -> str:
    return ", ".join(name for name, there in machine["features"].items() if there) or "none of those looked for"


def _contenders(figures: Figures) -> list[str]:
    lines = [
        "| | CPU, ms a face | median wall, ms | peak memory, MiB | process start to first answer, s |",
        "|---|---|---|---|---|",
    ]
    left_out = []
    for name, row in figures["contenders"].items():
        if "left_out" in row:
            left_out += [f"Left out: {TITLES[name]}, {row['left_out']}", ""]
            continue
        cells = (row["cpu_ms"], row["wall_ms"], row["peak_mib"], row["first_answer_s"])
        lines.append(f"| {TITLES[name]} | {' | '.join(str(cell) for cell in cells)} |")
    return [*lines, "", *left_out]


def _ratios(figures: Figures) -> list[str]:
    rows = {name: row for name, row in figures["contenders"].items() if "cpu_ms" in row}
    pairs = [("ours", "fer"), ("ours", "keras_pipeline"), ("our_network", "keras_predict")]
    pairs += [("our_network", "keras_function"), ("our_network", "litert")]
    return [
        *(
            f"* {TITLES[one]}: {rows[other]['cpu_ms'] / rows[one]['cpu_ms']:.1f} times the faces a second of CPU of"
            f" {TITLES[other]}"
            for one, other in pairs
            if one in rows and other in rows
        ),
        "",
    ]


def _stages(figures: Figures) -> list[str]:
    lines = [
        "## By stage",
        "",
        "A drawn person at a desk, 640 x 480, near enough that the first face detector is sure.",
        "",
    ]
    lines += ["| stage | CPU, ms |", "|---|---|"]
    return [*lines, *(f"| {name} | {row['cpu_ms']} |" for name, row in figures["stages"].items()), ""]


def _memory(figures: Figures) -> list[str]:
    growth = figures["growth"]
    lines = [
        "## Memory",
        "",
        f"Over {growth['calls']:,} calls in one process memory grew by {growth['grown_bytes_a_call']} bytes a call, to"
        f" {growth['resident_mib']} MiB resident.",
        "",
    ]
    return [*lines, *_site(figures["site"], figures["site_machine"])] if "site" in figures else lines


def _site(site: Figures, machine: Figures) -> list[str]:
    """The processes of the whole site, from the latest measurement."""
    when, processes = list(site.items())[-1]
    lines = [
        f"The processes of a running site ({when.replace('_', ' ')}) on {machine['processor']} with"
        f" {_abilities(machine)}, MiB. Resident counts every mapped page, whoever"
        " else maps it; share divides what is shared among those who share it; own is what would be freed with the"
        " process.",
        "",
        "| process | resident | share | own |",
        "|---|---|---|---|",
    ]
    rows = [
        f"| {name.replace('_', ', ')} | {row['resident']} | {row['share']} | {row['own']} |"
        for name, row in processes.items()
    ]
    return [*lines, *rows, ""]
