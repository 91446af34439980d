"""`manage.py reproduce_paper --jaffe DIR --out DIR`: reproduce the paper's tables, also with people left out."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from research.training.datasets import DatasetError, load_dataset
from research.training.paper.protocol import NETWORKS


class Command(BaseCommand):
    help = "Run the paper's grid on JAFFE; a run that was stopped goes on where it was. Writes OUT/report.md."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--jaffe", type=Path, required=True, help="the folder of KA.AN1.39.tiff and the others")
        parser.add_argument("--out", type=Path, required=True, help="folder for results, report and pictures")
        parser.add_argument(
            "--quick", action="store_true", help="minutes instead of hours: small and few of everything"
        )
        parser.add_argument("--backbone-weights", default="imagenet", help="a file of VGG16 without top")
        parser.add_argument("--inception-weights", default="imagenet", help="a file of InceptionV3 without top")
        parser.add_argument("--inception-inputs", choices=("-1..1", "0..1"), default="-1..1", help="what it was fed")
        parser.add_argument("--inception-note", default="", help="what readers should know of that file")
        parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS, help="these only")
        parser.add_argument("--publish", type=Path, metavar="DOCS", help="copy what shows no face to this folder too")
        _add_setup(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from research.training.paper.experiment import QUICK, Setup  # noqa: PLC0415 - not where the site is served
            from research.training.paper.networks import Weights  # noqa: PLC0415
            from research.training.paper.run import publish, reproduce  # noqa: PLC0415
        except ImportError as error:
            raise CommandError("This needs more packages: pip install -r requirements/train.txt") from error
        given = {name: options[name] for name in _SETUP if options[name] is not None}
        weights = Weights(options["backbone_weights"], options["inception_weights"], options["inception_inputs"])
        try:
            path = reproduce(
                load_dataset(options["jaffe"]),
                replace(QUICK if options["quick"] else Setup(), **given),
                weights,
                Path(options["out"]),
                networks=options["networks"],
                note=options["inception_note"],
                report=self.stdout.write,
            )
        except (DatasetError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Written: {path}")
        if options["publish"]:
            self.stdout.write(f"Written: {publish(path.parent, options['publish'])}")


_SETUP = {
    "size": "pixels a side",
    "copies": "changed copies of a picture",
    "epochs": "passes",
    "splits": "random splits",
    "folds": "parts of the people, each left out once",
    "whole_splits": "random splits where more than the last layers are trained",
    "whole_folds": "parts of the people there",
}


def _add_setup(parser: ArgumentParser) -> None:
    for name, text in _SETUP.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, help=text)
