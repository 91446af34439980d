"""Writes the report: one Markdown page with the tables, the paper's figures beside ours, and the plots."""

from collections.abc import Mapping, Sequence
from typing import Any

from research.training.paper.experiment import FIRST, Setup
from research.training.paper.networks import picture_side
from research.training.paper.protocol import BLOCKS, CLASSES, DEEPEST, PAPER_BASELINES, PAPER_BEST, Cell, Network
from research.training.paper.scores import FIGURES

Results = Mapping[str, Any]

_READINGS = {
    "all": "all layers trained",
    "train_last": "last {} trained",
    "freeze_last": "last {} frozen",
    "maps_of": "one layer on the maps of block {}",
}


def best_cell(results: Sequence[tuple[Cell, Results]]) -> tuple[Cell, Results]:
    """By validation accuracy with the paper's split, then by test accuracy."""
    return max(results, key=lambda pair: (_value(pair[1]["valid"]), _value(pair[1]["test"])))


def write_report(
    setup: Setup,
    results: Sequence[tuple[Cell, Results]],
    baselines: Results,
    origins: Mapping[Network, Mapping[str, str]],
    *,
    images: int,
    people: int,
    rows: int,
) -> str:
    """Markdown that refers to `curves.png`, `confusion.png` and the feature maps beside it.

    `origins`: of every network's weights, from `describe_weights`. `rows`: the final number of cells.
    """
    cell, best = best_cell(results)
    parts = [
        _head(setup, images, people),
        *([f"**So far {len(results)} of {rows} rows have been run.**"] if len(results) < rows else []),
        _against_paper(cell, best),
        *([_best_of_theirs(results)] if cell.reading == "maps_of" else []),
        *(_table(network, origins[network], results) for network in dict.fromkeys(cell.network for cell, _ in results)),
        _baselines(baselines),
        _reading(),
        _pictures(cell),
    ]
    return "\n\n".join(parts) + "\n"


def describe(cell: Cell) -> str:
    return _READINGS[cell.reading].format(cell.layers) + ("" if cell.changed else ", no changed copies")


def _head(setup: Setup, images: int, people: int) -> str:
    low_side = picture_side(Cell("vgg16", "maps_of", BLOCKS[0], "adam"), setup.size)
    return "\n".join(
        [
            "# The paper's experiment, run again",
            "",
            "Written by `manage.py reproduce_paper`.",
            "",
            f"{images} pictures of {people} people, {len(CLASSES)} expressions ({', '.join(CLASSES)}),"
            f" {'faces cut out and levelled' if setup.cut else 'whole pictures'}, {setup.size} pixels wide. Passes"
            f" learn by turns from the pictures as they are and from the next of {setup.copies} changed copies of each:"
            f" {setup.head_epochs} passes where the head alone is trained; else, after {FIRST} of the head,"
            f" {setup.epochs} at {setup.rate:g}, or {setup.whole_epochs} at {setup.whole_rate:g} where more than the"
            " last layers are trained. Where one layer is trained on lower maps, the pictures are"
            f" {low_side} pixels wide, and it is {setup.epochs} passes at {setup.rate:g}.",
            "",
            "* **random**: the paper's way. 70 % of the pictures teach, 15 % choose the epoch, 15 % judge, whoever is"
            " in them: the same face with the same expression is on both sides. The validation figures chose the epoch"
            " and so flatter; the test figures do not. Means of several such splits, since the paper does not give its"
            " own.",
            "* **people left out**: nobody is on both sides; several folds, everybody judged once.",
            "",
            "In brackets 95 % bootstrap intervals, of pictures, and of whole people where people are left out.",
        ]
    )


def _against_paper(cell: Cell, best: Results) -> str:
    lines = [
        f"## Best row: {cell.network}, {describe(cell)}, {cell.optimizer}",
        "",
        "| | the paper | random, validation | random, test | people left out |",
        "|---|---|---|---|---|",
    ]
    for name in FIGURES:
        ours = " | ".join(_cell(best[part][name]) for part in ("valid", "test", "people"))
        lines.append(f"| {name} | {PAPER_BEST[name]:g} % | {ours} |")
    valid, test = (best[part]["accuracy"] for part in ("valid", "test"))
    lines += [
        f"| test accuracy | {PAPER_BEST['test']:g} % | | {_cell(test)} | |",
        "",
        f"Single splits lie from {valid['least']:.3f} to {valid['most']:.3f} in validation and from {test['least']:.3f}"
        f" to {test['most']:.3f} in the test: on so few pictures one split says little.",
    ]
    return "\n".join(lines)


def _best_of_theirs(results: Sequence[tuple[Cell, Results]]) -> str:
    theirs = [pair for pair in results if pair[0].reading != "maps_of"]
    if not theirs:
        return "None of the paper's own rows has been run yet."
    cell, best = best_cell(theirs)
    figures = (_cell(best[part]["accuracy"]) for part in ("valid", "test", "people"))
    text = "accuracy {} in validation, {} in the test, {} with people left out".format(*figures)
    return (
        f"This row is ours. Of the paper's own the best is {cell.network}, {describe(cell)}, {cell.optimizer}: {text}."
    )


def _table(network: Network, origin: Mapping[str, str], results: Sequence[tuple[Cell, Results]]) -> str:
    lines = [
        f"## {network}",
        "",
        _origin(origin),
        "",
        "| layers | optimizer | trained | splits, folds | validation | test | test F1 | people left out | their F1 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for cell, found in results:
        if cell.network == network:
            figures = [
                _cell(found[part][name])
                for part, name in (
                    ("valid", "accuracy"),
                    ("test", "accuracy"),
                    ("test", "f1"),
                    ("people", "accuracy"),
                    ("people", "f1"),
                )
            ]
            times = f"{found['splits']}, {found['folds']}"
            row = (describe(cell), cell.optimizer, found["trained"], times, *figures)
            lines.append(f"| {' | '.join(map(str, row))} |")
    return "\n".join(lines)


def _origin(origin: Mapping[str, str]) -> str:
    if "file" not in origin:
        text = "It begins with the weights Keras fetches."
    else:
        inputs = f", fed values of {origin['inputs'].replace('..', ' to ')}" if "inputs" in origin else ""
        text = f"It begins with the weights of `{origin['file']}` (SHA-256 `{origin['sha256'][:16]}...`){inputs}."
    return f"{text} {origin.get('note', '')}".rstrip()


def _baselines(baselines: Results) -> str:
    lines = [
        "## The methods the paper compares with",
        "",
        "Cross-validated on grey pixels of the same faces. The paper's figures are, by all appearances, those of Shih,"
        " Chuang and Wang (2008) for one method, 2D-LDA before a support vector machine: leaving one picture out"
        " 95.71 %, cross-validated 94.13 %, on seven expressions and faces cut out of their pictures.",
        "",
        "| method | the paper | random folds | people left out |",
        "|---|---|---|---|",
    ]
    for name, found in baselines.items():
        ways = " | ".join(_cell(found[way]["accuracy"]) for way in ("random", "people"))
        theirs = f"about {PAPER_BASELINES[name]:g} %" if name in PAPER_BASELINES else ""
        lines.append(f"| {name} | {theirs} | {ways} |")
    return "\n".join(lines)


def _reading() -> str:
    return "\n".join(
        [
            "## How the paper was read",
            "",
            "* It says both that freezing five and that training the last four layers did best. Both readings are run:"
            ' "last n trained" leaves everything below frozen, "last n frozen" trains everything below,'
            f" n from {DEEPEST} to 1.",
            "* Layers are counted as Keras counts them. The last of VGG16 is a pooling and has nothing to train, so the"
            " last four and the last five are the same training; the last five of InceptionV3 only join branches, so"
            " for it a row trains either the head alone or everything. Rows that train the same share their figures.",
            "* It says neither how faces were cut out, nor the size of the pictures, the head, the rates and the"
            " passes: these are ours, chosen on the validation part.",
            "* It teaches with changed copies of the pictures. VGG16's last block is trained without them too.",
            "* One layer on lower maps is ours, not the paper's: upper blocks, it seems, forget where in the face"
            " something is, which is what tells expressions apart.",
            "* It names no figure for the single rows that is known here, and no split by people.",
            "* 92.86 % is 13 of 14, 26 of 28 or 39 of 42 pictures: an interval of ten to thirty points.",
        ]
    )


def _pictures(cell: Cell) -> str:
    return "\n".join(
        [
            "## Pictures",
            "",
            f"Loss and accuracy of {cell.name}, first random split: ![curves](curves.png)",
            "",
            "Confusion: ![confusion](confusion.png)",
            "",
            "## Feature maps",
            "",
            "One face of every expression, the four strongest maps of each layer. They show faces of the data set, and"
            " are not to be passed on.",
            "",
            *(f"![{name}]({name}.png)" for name in ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")),
        ]
    )


def _cell(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({low:.2f} to {high:.2f})"


def _value(part: Mapping[str, Any]) -> float:
    return float(part["accuracy"]["value"])
