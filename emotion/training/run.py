"""One training from data set to export: fit, calibrate, quantise, draw."""

from __future__ import annotations

from pathlib import Path

from emotion.classifier.spec import ModelSpec
from emotion.training.datasets import FaceSet
from emotion.training.export import export_run
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
