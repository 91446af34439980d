"""Plots of a run and of an evaluation: curves, confusion, reliability."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from emotion.labels import EXPRESSIONS

mpl.use("Agg")


def draw_history(history: Path, target: Path) -> None:
    """Loss and accuracy of every epoch in `history.csv`."""
    with history.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    epochs = [int(row["epoch"]) for row in rows]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    losses, shares = figure.subplots(1, 2)
    for axes, columns in (
        (losses, ("loss", "val_loss")),
        (shares, ("agreement", "val_accuracy", "val_balanced_recall")),
    ):
        for column in columns:
            if column in rows[0]:
                axes.plot(epochs, [float(row[column]) for row in rows], marker=".", label=column.replace("_", " "))
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(target, dpi=130)


def draw_confusion(report: Mapping[str, Any], prior: str, target: Path) -> None:
    """Heat map of one prior's confusion matrix, normalised by true expression."""
    counts = np.array(report[prior]["confusion"], dtype=float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6, 5.2), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(shares.shape):
        shade = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{shares[row, column]:.2f}", ha="center", va="center", color=shade, fontsize=8)
    axes.set_xticks(range(len(EXPRESSIONS)), EXPRESSIONS, rotation=45, ha="right")
    axes.set_yticks(range(len(EXPRESSIONS)), EXPRESSIONS)
    axes.set(xlabel="said", ylabel="true", title=f"{report['dataset']}, {prior} prior")
    figure.colorbar(image)
    figure.savefig(target, dpi=130)


def draw_reliability(report: Mapping[str, Any], target: Path) -> None:
    """Accuracy against confidence under both priors; a calibrated model lies on the diagonal."""
    figure = Figure(figsize=(4.6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    for prior in ("everyday", "balanced"):
        bins = report[prior]["reliability"]
        error = report[prior]["expected_calibration_error"]
        label = f"{prior} (error {error:.3f})"
        axes.plot([b["confidence"] for b in bins], [b["accuracy"] for b in bins], marker=".", label=label)
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(target, dpi=130)
