"""`manage.py train_classifier DATASET --out DIR --name NAME`: train, calibrate and export the expression network."""

from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from django.core.management.base import BaseCommand, CommandError, CommandParser

from research.training.datasets import DatasetError, load_dataset
from research.training.plan import TrainingPlan


class Command(BaseCommand):
    help = "Train VGG16 on labelled faces and export it, with its description, into OUT/export."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", type=Path, help="class folders, FER2013 or FER+ CSV, FER+ zip, JAFFE folder")
        parser.add_argument("--out", required=True, help="folder for checkpoints, history, figures and the export")
        parser.add_argument("--name", required=True, help="of the model; one whose answers differ needs another")
        parser.add_argument("--split", help="train on this split only")
        parser.add_argument("--resume", action="store_true", help="go on with the run in OUT after a stop")
        parser.add_argument("--export-only", action="store_true", help="export the run in OUT as it is")
        _add_plan(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from research.training.run import run_training  # noqa: PLC0415 - not installed where the site is served
        except ImportError as error:
            raise CommandError("Training needs more packages: pip install -r requirements/train.txt") from error
        try:
            faces = load_dataset(options["dataset"])
            if options["split"]:
                faces = faces.split(options["split"])
            spec = run_training(
                TrainingPlan(**{item.name: options[item.name] for item in fields(TrainingPlan)}),
                faces,
                name=options["name"],
                report=self.stdout.write,
                resume=options["resume"],
                fit=not options["export_only"],
            )
        except (DatasetError, ValueError) as error:
            raise CommandError(str(error)) from error
        held = spec.metrics["held_out"]
        self.stdout.write(
            f"Exported {spec.name} to {options['out']}/export: held-out accuracy {held['accuracy']:.4f},"
            f" balanced recall {held['balanced_recall']:.4f}."
        )


def _add_plan(parser: CommandParser) -> None:
    kinds = get_type_hints(TrainingPlan)
    for item in fields(TrainingPlan):
        if not item.metadata:
            continue
        flag, text = f"--{item.name.replace('_', '-')}", f"{item.metadata['help']} ({item.default})"
        kind = float if item.name == "minutes" else kinds[item.name]
        parser.add_argument(flag, type=kind, default=item.default, choices=item.metadata["choices"], help=text)
