"""`manage.py evaluate_classifier DATASET --json OUT`: measure the shipped model."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from emotion.classifier.runtime import get_classifier
from emotion.classifier.spec import ClassifierUnavailable
from research.training.datasets import DatasetError, load_dataset
from research.training.evaluate import ask_classifier, collect_answers, evaluate, posteriors


class Command(BaseCommand):
    help = "Measure the shipped model on labelled faces: class folders, FER2013 or FER+ CSV, FER+ zip, JAFFE folder."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", type=Path)
        parser.add_argument("--split", help="train, valid or test, where the data set is split")
        parser.add_argument("--no-detect", action="store_true", help="the pictures are cut to the face already")
        parser.add_argument("--json", type=Path, metavar="OUT", help="where to write the whole report")
        parser.add_argument(
            "--pictures",
            type=Path,
            metavar="DIR",
            help="where to draw confusions, reliability, mean heat maps and the faces that were misread",
        )
        parser.add_argument(
            "--answers",
            type=Path,
            metavar="NPZ",
            help="where to write probabilities and labels, for evaluate_recommender",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["pictures"] and not all(map(importlib.util.find_spec, ("tensorflow", "matplotlib"))):
            raise CommandError("--pictures needs more packages: pip install -r requirements/train.txt")
        try:
            faces = load_dataset(options["dataset"])
            if options["split"]:
                faces = faces.split(options["split"])
            classifier = get_classifier()
            ask = ask_classifier(classifier, detect=not options["no_detect"])
            with tqdm(total=len(faces), unit="face", disable=None) as bar:
                answers = collect_answers(faces, ask, progress=bar.update)
            report = evaluate(faces, answers, classifier.spec)
        except (DatasetError, ClassifierUnavailable) as error:
            raise CommandError(str(error)) from error
        if options["answers"]:
            options["answers"].parent.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(
                options["answers"],
                probabilities=posteriors(answers.logits, classifier.spec, "everyday"),
                labels=answers.labels[answers.rows],
            )
        report |= {"split": options["split"], "detect": not options["no_detect"]}
        if options["json"]:
            options["json"].parent.mkdir(parents=True, exist_ok=True)
            options["json"].write_text(json.dumps(report, indent=1) + "\n")
        self.stdout.write(f"{report['images']} pictures, {report['answered']} answered, model {report['model']}")
        for prior in ("everyday", "balanced"):
            part = report[prior]
            self.stdout.write(
                f"{prior:>9}: accuracy {part['accuracy']:.4f}  macro recall {part['macro_recall']:.4f}"
                f"  macro F1 {part['macro_f1']:.4f}  calibration error {part['expected_calibration_error']:.4f}"
            )
        if options["pictures"]:
            _draw(options["pictures"], report, faces, answers, classifier, detect=not options["no_detect"])


def _draw(folder: Path, report: dict[str, Any], faces: Any, answers: Any, classifier: Any, *, detect: bool) -> None:
    from research.training.figures import draw_confusion, draw_reliability  # noqa: PLC0415 - not where it is served
    from research.training.gradcam import Explainer  # noqa: PLC0415 - not where it is served
    from research.training.mistakes import PRIOR, draw_mistakes  # noqa: PLC0415 - not where it is served

    folder.mkdir(parents=True, exist_ok=True)
    for prior in ("everyday", "balanced"):
        draw_confusion(report, prior, folder / f"confusion-{prior}.png")
    draw_reliability(report, folder / "reliability.png")
    draw_mistakes(faces, answers, Explainer(classifier, PRIOR), folder, detect=detect)
