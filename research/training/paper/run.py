"""The whole reproduction: baselines, grid, plots, report. Existing results are not computed again."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from research.training.datasets import FaceSet
from research.training.paper.baselines import SIDE, run_baselines
from research.training.paper.experiment import Experiment, Setup
from research.training.paper.networks import Weights, build_backbone, describe_weights
from research.training.paper.pictures import draw_confusions, draw_curves, draw_feature_maps
from research.training.paper.protocol import NETWORKS, Cell, Network, grid, select_six
from research.training.paper.report import best_cell, write_report

Report = Callable[[str], object]

#: Plots that show no face, and so may be published with the report.
FACELESS = ("curves.png", "confusion.png")


def reproduce(
    faces: FaceSet,
    setup: Setup,
    weights: Weights,
    out: Path,
    *,
    networks: Sequence[Network] = NETWORKS,
    note: str = "",
    report: Report,
) -> Path:
    """Run what is missing; `report.md` and `results.json` in `out` are rewritten after every cell.

    `note`: a remark on InceptionV3's weights.
    Returns the report's path. Raises DatasetError when the pictures are not JAFFE's, or weights cannot be read.
    """
    experiment = Experiment(select_six(faces), setup, weights, out, report)
    baselines = _run_baselines(experiment)
    cells = list(grid(networks))
    draw_feature_maps(build_backbone("vgg16", size=setup.size, weights=weights), experiment.faces, setup.size, out)
    origins = {network: describe_weights(network, weights) for network in networks}
    if note and "inceptionv3" in origins:
        origins["inceptionv3"]["note"] = note
    results: list[tuple[Cell, dict[str, Any]]] = []
    for cell in cells:
        results.append((cell, experiment.run(cell)))
        _keep(experiment, results, baselines, origins, rows=len(cells))
    return out / "report.md"


def publish(out: Path, docs: Path) -> Path:
    """Copy the report without feature maps, its plots and figures to a documentation folder; returns the page."""
    for name in FACELESS:
        shutil.copyfile(out / name, docs / "images" / f"paper-{name}")
    figures = json.loads((out / "results.json").read_text())
    for found in figures["cells"].values():
        del found["history"]
    (docs / "measurements" / "paper.json").write_text(json.dumps(figures, indent=1) + "\n")
    text = (out / "report.md").read_text().split("\n## Feature maps\n")[0]
    page = docs / "paper.md"
    page.write_text(
        text.replace("](curves.png)", "](images/paper-curves.png)").replace(
            "](confusion.png)", "](images/paper-confusion.png)"
        )
    )
    return page


def _run_baselines(experiment: Experiment) -> dict[str, Any]:
    pixels = experiment.faces.grey_images(SIDE)
    baselines = run_baselines(pixels, experiment.labels, experiment.people, seed=experiment.setup.seed)
    for name, found in baselines.items():
        shares = {way: found[way]["accuracy"]["value"] for way in ("random", "people")}
        experiment.report(f"{name}: random folds {shares['random']:.3f}, people left out {shares['people']:.3f}")
    return baselines


def _keep(
    experiment: Experiment,
    results: Sequence[tuple[Cell, dict[str, Any]]],
    baselines: dict[str, Any],
    origins: Mapping[Network, dict[str, str]],
    *,
    rows: int,
) -> None:
    cell, best = best_cell(results)
    draw_curves(best["history"], experiment.out / "curves.png")
    draw_confusions(best, experiment.out / "confusion.png")
    figures = {
        "best": cell.name,
        "setup": asdict(experiment.setup),
        "weights": origins,
        "cells": {cell.name: found for cell, found in results},
        "baselines": baselines,
    }
    (experiment.out / "results.json").write_text(json.dumps(figures, indent=1))
    images, people = len(experiment.faces), len(set(experiment.people))
    text = write_report(experiment.setup, results, baselines, origins, images=images, people=people, rows=rows)
    (experiment.out / "report.md").write_text(text)
