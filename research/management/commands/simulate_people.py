"""`manage.py simulate_people --people N --days D --out FILE`: write made-up employees with known truth."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from emotion.classifier.spec import ClassifierUnavailable, ModelSpec
from emotion.labels import EXPRESSIONS
from research.recommender.mixes import POPULATIONS
from research.recommender.people import Employee, MatrixFaces, make_employee


class Command(BaseCommand):
    help = "Made-up employees: what their faces truly showed, what the classifier would say, missing days, weekdays."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=100)
        parser.add_argument("--days", type=int, default=60)
        parser.add_argument("--like", choices=tuple(POPULATIONS), default="any", help="whose mix of expressions")
        parser.add_argument("--drop-at", type=int, metavar="DAY", help="one standard deviation worse from then on")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--format", choices=("json", "csv"), default="json", help="a person a line or a reading a row"
        )
        parser.add_argument("--out", type=Path, help="a file; the screen without it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["people"] < 1 or options["days"] < 1:
            raise CommandError("There must be at least one person and one day.")
        try:
            spec = ModelSpec.load()
        except ClassifierUnavailable as error:
            raise CommandError(str(error)) from error
        people = _make(spec, options)
        write = _write_json if options["format"] == "json" else _write_csv
        with options["out"].open("w", newline="") if options["out"] else nullcontext(sys.stdout) as target:
            write(people, target)


def _make(spec: ModelSpec, options: dict[str, Any]) -> Iterator[Employee]:
    faces = MatrixFaces.of(spec.confusion.everyday, spec.everyday_prior)
    for number in range(options["people"]):
        rng = np.random.default_rng([options["seed"], number])
        centre = POPULATIONS[options["like"]](rng)
        yield make_employee(
            number, faces=faces, rng=rng, days=options["days"], centre=centre.tolist(), drop_at=options["drop_at"]
        )


def _write_json(people: Iterator[Employee], target: TextIO) -> None:
    for person in people:
        target.write(json.dumps(person.to_json()) + "\n")


def _write_csv(people: Iterator[Employee], target: TextIO) -> None:
    writer = csv.writer(target)
    writer.writerow(["person", "date", "level", "checkin", "shown", *EXPRESSIONS])
    for person in people:
        for day in person.days:
            checkin = "" if day.checkin is None else round(day.checkin, 3)
            for shown, row in zip(day.shown, day.readings, strict=True):
                figures = [round(p, 5) for p in row]
                writer.writerow([person.number, day.date, round(day.level, 4), checkin, EXPRESSIONS[shown], *figures])
