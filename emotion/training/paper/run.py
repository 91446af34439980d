"""The whole of it: baselines, grid, pictures, report. What is there already is not run again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from emotion.training.datasets import FaceSet
from emotion.training.paper.baselines import SIDE, run_baselines
from emotion.training.paper.experiment import Experiment, Setup
from emotion.training.paper.networks import Weights, build_backbone
from emotion.training.paper.pictures import draw_confusions, draw_curves, draw_feature_maps
from emotion.training.paper.protocol import NETWORKS, Network, grid, select_six
from emotion.training.paper.report import best_cell, write_report


def reproduce(
    faces: FaceSet,
    setup: Setup,
    weights: Weights,
    out: Path,
    *,
    networks: Sequence[Network] | None = None,
    report: Callable[[str], object],
) -> Path:
    """Run what is missing and write `report.md` and `results.json` into `out`; returns the report's path.

    Raises DatasetError when the pictures are not JAFFE's, or weights cannot be read.
    """
    six = select_six(faces)
    experiment = Experiment(six, setup, weights, out, report)
    baselines = run_baselines(six.grey_images(SIDE), experiment.labels, experiment.people, seed=setup.seed)
    for name, found in baselines.items():
        told = {way: found[way]["accuracy"]["value"] for way in ("random", "people")}
        report(f"{name}: random folds {told['random']:.3f}, people left out {told['people']:.3f}")
    results = [(cell, experiment.run(cell)) for cell in grid(networks or NETWORKS)]
    cell, best = best_cell(results)
    draw_curves(best["history"], out / "curves.png")
    draw_confusions(best, out / "confusion.png")
    draw_feature_maps(build_backbone("vgg16", size=setup.size, weights=weights), six, setup.size, out)
    people = len(set(experiment.people))
    (out / "results.json").write_text(
        json.dumps({"best": cell.name, "cells": {cell.name: found for cell, found in results}, **baselines}, indent=1)
    )
    path = out / "report.md"
    path.write_text(write_report(setup, results, baselines, images=len(six), people=people))
    return path
