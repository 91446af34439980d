"""One training from data set to export: fit, calibrate, quantise, draw."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emotion.classifier.spec import ModelSpec
from emotion.training.batches import Pictures, hold_out
from emotion.training.datasets import FaceSet
from emotion.training.export import About, calibrate, export_run
from emotion.training.figures import draw_history
from emotion.training.fit import Report, train
from emotion.training.plan import TrainingPlan


def run_training(
    plan: TrainingPlan, faces: FaceSet, *, report: Report, resume: bool = False, fit: bool = True
) -> ModelSpec:
    """Train and export into `OUT/export`; with `fit` off, export what is there.

    A run that is gone on with or only exported keeps the plan it was started with.
    """
    out = Path(plan.out)
    if not fit or (resume and (out / "plan.json").is_file()):
        plan = TrainingPlan.load(out)
    if fit:
        train(plan, faces, report=report, resume=resume)
    draw_history(out / "history.csv", out / "history.png")
    return export_run(out, faces, out / "export", size=plan.size)


def calibrate_exported(path: Path, faces: FaceSet, *, share: float, seed: int) -> ModelSpec:
    """Fit what the description at `path` says of its network's answers again, as `export_run` does, and write it.

    `faces`, `share` and `seed` must be those the network was trained with, so that the same part was held out. The
    network stays; the name becomes that of the newest description, since answers change.
    Raises ClassifierUnavailable when there is no network, DatasetError when too few faces are given.
    """
    spec = ModelSpec.load(path)
    content = spec.read_weights(path.parent)
    _, held = hold_out(faces, share, seed)
    pictures = Pictures.read(faces.take(held.tolist()), spec.input.height)
    spec = calibrate(replace(spec, name=About().name), content, pictures)
    spec.save(path)
    return spec
