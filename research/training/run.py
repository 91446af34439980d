"""One training from data set to export: fit, calibrate, quantise, plot."""

from dataclasses import replace
from pathlib import Path

from emotion.classifier.spec import ModelSpec
from research.training.batches import Pictures, hold_out
from research.training.datasets import DatasetError, FaceSet
from research.training.export import About, calibrate, export_run
from research.training.figures import draw_history
from research.training.fit import Report, train
from research.training.plan import Fingerprint, TrainingPlan
from research.training.write_spec import save_spec


def run_training(
    plan: TrainingPlan, faces: FaceSet, *, name: str, report: Report, resume: bool = False, fit: bool = True
) -> ModelSpec:
    """Train and export into `OUT/export` under a name; without `fit`, only export.

    A run that is resumed or only exported keeps its original plan.
    Raises DatasetError when it was started with other faces, or when no epoch has ended.
    """
    out = Path(plan.out)
    if not fit or (resume and (out / "plan.json").is_file()):
        plan = TrainingPlan.load(out)
    if fit:
        train(plan, faces, report=report, resume=resume)
    _check_run(out, faces)
    draw_history(out / "history.csv", out / "history.png")
    sources = tuple(part.strip() for part in plan.data.split(";") if part.strip())
    about = About(name, plan.licence, sources or (faces.name,))
    return export_run(out, faces, out / "export", size=plan.size, about=about)


def calibrate_exported(path: Path, faces: FaceSet, *, name: str, share: float, seed: int) -> ModelSpec:
    """Fit the calibration in the spec at `path` again, as `export_run` does, and write it.

    `faces`, `share` and `seed` must be those of the training, so that the same part is held out. The network does not
    change but its answers do, so it gets a new name, and resting faces learned before are no longer used. Raises
    ClassifierUnavailable without a network, DatasetError when other faces are held out, ValueError when the name is the
    same.
    """
    spec = ModelSpec.load(path)
    if name == spec.name:
        raise ValueError(f"{name} is what it is called already; its answers change, so it needs another name.")
    _, held = hold_out(faces, share, seed)
    held_faces = faces.take(held.tolist())
    _check_held_out(spec, held_faces)
    pictures = Pictures.read(held_faces, spec.input.height)
    spec = calibrate(replace(spec, name=name), spec.read_weights(path.parent), pictures)
    save_spec(spec, path)
    return spec


def _check_run(out: Path, faces: FaceSet) -> None:
    Fingerprint.of(faces).check(out)
    for name in ("best.keras", "history.csv"):
        if not (out / name).is_file():
            raise DatasetError(f"{out} has no {name}, which the first epoch leaves: go on with the run (--resume).")


def _check_held_out(spec: ModelSpec, held: FaceSet) -> None:
    """Compare their number, and their fingerprint if the spec has one: older specs do not."""
    known = spec.metrics.get("held_out", {})
    sha256 = Fingerprint.of(held).sha256
    if known.get("images") != len(held) or known.get("sha256", sha256) != sha256:
        raise DatasetError(
            f"The {len(held)} faces held out here are not the {known.get('images')} held out of {spec.name}:"
            " give the data set, --split, --held-out and --seed it was trained with."
        )
