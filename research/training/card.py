"""Writes the model card from the spec and the evaluations' JSON; no figure in it is typed by hand."""

from collections.abc import Sequence

from emotion.classifier.measured import Report, is_on
from emotion.classifier.spec import ModelSpec
from emotion.labels import EXPRESSIONS

SUMMARY = ("accuracy", "macro_recall", "macro_f1", "expected_calibration_error")


def write_card(spec: ModelSpec, reports: Sequence[Report]) -> str:
    """Markdown for a spec and the reports of `evaluate_classifier`.

    Raises ValueError when a report belongs to other weights or another spec.
    """
    for report in reports:
        if not is_on(report, spec):
            raise ValueError(f"The report on {report['dataset']} was measured on another model than {spec.name}.")
    parts = [_head(spec), _use(spec), _made(spec), *(_measured(report) for report in reports), _limits(reports)]
    return "\n\n".join(parts) + "\n"


def _head(spec: ModelSpec) -> str:
    return "\n".join(
        [
            f"# Model card: {spec.name}",
            "",
            "Written by `manage.py write_model_card` from the model's description and its measurements.",
            "",
            "| | |",
            "|---|---|",
            f"| network | VGG16 up to `block5_conv3`, one hidden layer, {spec.readouts} x 7 logits |",
            f"| input | one {spec.input.color} face, {spec.input.width} x {spec.input.height} |",
            f"| expressions | {', '.join(spec.labels)} |",
            f"| file | `{spec.weights}`, {spec.metrics.get('quantisation', 'quantised')} |",
            f"| SHA-256 | `{spec.sha256}` |",
            f"| licence of the weights | {spec.licence} |",
        ]
    )


def _use(spec: ModelSpec) -> str:
    return "\n".join(
        [
            "## Intended use",
            "",
            spec.intended_use,
            "",
            "An expression is what a face looked like in one picture, as a crowd of strangers would name it. It is not"
            " what the person felt. The use of such estimates by an employer is forbidden in the European Union"
            " (Regulation 2024/1689, Article 5(1)(f)); here only the person photographed can read them.",
        ]
    )


def _made(spec: ModelSpec) -> str:
    shares = ", ".join(f"{name} {share:.1%}" for name, share in zip(spec.labels, spec.everyday_prior, strict=True))
    held = spec.metrics.get("held_out", {})
    lines = [
        "## How it was made",
        "",
        f"Data: {'; '.join(spec.data)}.",
        "",
        "The votes of the FER+ crowd are soft targets of one readout, FER2013's own labels those of a second on the"
        " same features. The loss is logit-adjusted, so the logits answer under an even prior and any other can be read"
        " from them:",
        "",
        f"* **everyday**: {shares}. This is how often the crowd named each in the training pictures; readings use it.",
        "* **balanced**: every expression equally likely; for posed or rare expressions.",
        "",
        _calibration(spec),
        "",
        f"Readings whose confidence is under {spec.thresholds.low_confidence:.2f} are withheld (`low_confidence`).",
    ]
    if held:
        lines += [
            "",
            f"When it was exported, the quantised file and the float network agreed on {held['same_answer']:.1%} of the"
            f" {held['images']:,} held-out pictures: accuracy {held['accuracy']:.1%} against"
            f" {held['float_accuracy']:.1%}, balanced recall {held['balanced_recall']:.1%} against"
            f" {held['float_balanced_recall']:.1%}.",
        ]
    return "\n".join(lines)


def _calibration(spec: ModelSpec) -> str:
    """Blend and temperature of both readings in words."""
    each = [
        f"the {prior} reading takes {calibration.second:.0%} of the second readout, at a temperature of"
        f" {calibration.temperature:.3f}"
        for prior, calibration in (("everyday", spec.calibration.everyday), ("balanced", spec.calibration.balanced))
    ]
    return (
        f"Chosen on pictures held out of training: {' and '.join(each)}. The everyday reading has seven biases besides."
        " The rule for the balanced share was set after looking at JAFFE. FER+'s validation pictures were looked at to"
        " choose among networks and to say how much faces without a majority count in the calibration. So the figures"
        " on both flatter a little ([decision 9](decisions/0009-two-priors-from-one-network.md),"
        " [decision 17](decisions/0017-mixed-with-what-it-began-as.md))."
    )


def _measured(report: Report) -> str:
    lines = [f"## Measured on {_title(report)}", "", _counts(report), "", _summary(report)]
    if "majority_only" in report:
        part = report["majority_only"]
        lines += [
            "",
            f"On the {part['images']:,} faces where more than half of the votes agree, as the authors of FER+ measure:",
            "",
            _summary(part),
        ]
    selective = report["selective"]
    lines += [
        "",
        f"At the shipped threshold {selective['coverage']:.1%} of the pictures get a reading, of which"
        f" {selective['accuracy'] or 0:.1%} are right.",
    ]
    for prior in ("everyday", "balanced"):
        lines += ["", f"### {prior.capitalize()} prior", "", _classes(report[prior]), "", _confusion(report[prior])]
    return "\n".join(lines)


def _title(report: Report) -> str:
    way = "whole pictures through the face detector" if report.get("detect") else "pictures cut to the face"
    split = f" ({report['split']})" if report.get("split") else ""
    return f"{report['dataset']}{split}, {way}"


def _counts(report: Report) -> str:
    outcomes = ", ".join(f"{name} {count:,}" for name, count in report["outcomes"].items())
    boot = report["bootstrap"]
    return (
        f"{report['images']:,} pictures, {report['answered']:,} with an answer ({outcomes}). A picture without one"
        f" counts as wrong. In brackets 95 % intervals, {boot['resamples']:,} bootstrap draws of {boot['of']}."
    )


def _summary(report: Report) -> str:
    lines = ["| | everyday prior | balanced prior |", "|---|---|---|"]
    for name in SUMMARY:
        cells = [_with_interval(report[prior], name) for prior in ("everyday", "balanced")]
        lines.append(f"| {name.replace('_', ' ')} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def _with_interval(measured: Report, name: str) -> str:
    low, high = measured["intervals"][name]
    return f"{measured[name]:.3f} ({low:.3f} to {high:.3f})"


def _classes(measured: Report) -> str:
    lines = ["| expression | precision | recall | F1 | pictures |", "|---|---|---|---|---|"]
    for name in EXPRESSIONS:
        row = measured["per_class"][name]
        shown = [_figure(row[key]) for key in ("precision", "recall", "f1")]
        lines.append(f"| {name} | {' | '.join(shown)} | {row['images']:,} |")
    return "\n".join(lines)


def _confusion(measured: Report) -> str:
    lines = [f"| true, said: | {' | '.join(EXPRESSIONS)} |", "|---" * 8 + "|"]
    for name, row in zip(EXPRESSIONS, measured["confusion"], strict=True):
        lines.append(f"| {name} | {' | '.join(str(count) for count in row)} |")
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _limits(reports: Sequence[Report]) -> str:
    lines = [
        "## Limits",
        "",
        "* The pictures are small, grey, found on the web, and named by a crowd that often disagrees with itself. The"
        " figures say how well the model repeats that crowd, not how well it knows a person.",
        "* Ages, skin tones and cultures are not labelled in the data, so no claim of equal quality is made.",
        "* Faces turned away, very dark, blurred or very small get a reason instead of a reading; those just within the"
        " limits are read less well. There is no check for a covered face: one whose mouth is hidden is often read, and"
        " worse ([what it costs](face-quality.md)).",
    ]
    for report in reports:
        classes = report["balanced"]["per_class"]
        known = {name: row["recall"] for name, row in classes.items() if row["recall"] is not None}
        weakest = sorted(known, key=lambda name: known[name])[:2]
        named = " and ".join(f"{name} ({known[name]:.0%} found)" for name in weakest)
        lines.append(f"* Weakest on {report['dataset']} under the balanced prior: {named}.")
    return "\n".join(lines)
