"""`manage.py calibrate_classifier DATASET --name NAME`: fit the shipped network's calibration again."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from emotion.classifier.spec import SPEC_PATH, ClassifierUnavailable
from research.training.datasets import load_dataset
from research.training.plan import TrainingPlan


class Command(BaseCommand):
    help = "Fit blends, temperatures, biases and threshold of the shipped model again, on the pictures held out of it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", type=Path, help="what the network was trained on")
        parser.add_argument("--name", required=True, help="another one than it has, since its answers change")
        parser.add_argument("--split", help="the split it was trained on")
        plan = TrainingPlan(out="")
        parser.add_argument("--held-out", type=float, default=plan.held_out, help=f"its --held-out ({plan.held_out})")
        parser.add_argument("--seed", type=int, default=plan.seed, help=f"its --seed ({plan.seed})")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from research.training.run import calibrate_exported  # noqa: PLC0415 - not installed where the site is served
        except ImportError as error:
            raise CommandError("This needs more packages: pip install -r requirements/train.txt") from error
        try:
            faces = load_dataset(options["dataset"])
            if options["split"]:
                faces = faces.split(options["split"])
            spec = calibrate_exported(
                SPEC_PATH, faces, name=options["name"], share=options["held_out"], seed=options["seed"]
            )
        except (ClassifierUnavailable, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Calibrated {spec.name}: {spec.calibration}")
