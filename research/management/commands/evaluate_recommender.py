"""`manage.py evaluate_recommender --json OUT`: measure mood estimates and suggestions on made-up people."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from emotion.classifier.spec import ClassifierUnavailable, ModelSpec
from research.recommender.catalogue import read_options
from research.recommender.drops import measure_drops
from research.recommender.mixes import measure_mixes
from research.recommender.people import ANY, WEAK, MatrixFaces, RealFaces
from research.recommender.rankings import measure_exploration, measure_rankings, measure_worlds
from research.recommender.report import write_report
from research.recommender.rules import check_rules
from research.recommender.speed import measure_speed

#: People for each measure at `--scale 1`; for `rankings` and `rivals` per seed.
PEOPLE = {"mixes": 100, "drops": 750, "rankings": 60, "rivals": 20, "rules": 1000}


class Command(BaseCommand):
    help = "Measure moods, alarms and suggestions on made-up people whose truth is known."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", type=Path, required=True, metavar="OUT", help="where to write every figure")
        parser.add_argument("--report", type=Path, help="where to write the report; its plots go beside it in images/")
        parser.add_argument(
            "--answers",
            type=Path,
            metavar="NPZ",
            help="what the model answered on labelled faces (evaluate_classifier --answers), to make people of",
        )
        parser.add_argument("--scale", type=float, default=1.0, help="a tenth of the people: 0.1")
        parser.add_argument("--days", type=int, default=100, help="days in which no rule may be broken")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--processes", type=int, default=1, help="how many to spread the people over")
        parser.add_argument("--keep", action="store_true", help="measure only what OUT does not hold yet")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            spec = ModelSpec.load()
            figures = self._measure(spec, options)
        except ClassifierUnavailable as error:
            raise CommandError(str(error)) from error
        if options["report"]:
            write_report(figures, options["report"])
            self.stdout.write(f"written: {options['report']}")

    def _measure(self, spec: ModelSpec, options: dict[str, Any]) -> dict[str, Any]:
        """Each part is written as soon as it is measured."""
        target: Path = options["json"]
        figures: dict[str, Any] = json.loads(target.read_text()) if options["keep"] and target.exists() else {}
        people = {name: max(4, round(count * options["scale"])) for name, count in PEOPLE.items()}
        seed, catalogue = options["seed"], read_options()
        many = {"seed": seed, "processes": options["processes"]}
        labels = MatrixFaces.of(spec.confusion.everyday, spec.everyday_prior)
        parts: dict[str, Callable[[], Any]] = {
            "mixes_of_weak_labels": lambda: measure_mixes(
                MatrixFaces.of(WEAK, ANY), prior=ANY, faint_below=0.0, people=people["mixes"], **many
            ),
            "mixes_of_labels": lambda: measure_mixes(
                labels, prior=spec.everyday_prior, faint_below=0.0, people=people["mixes"], **many
            ),
            "drops": lambda: measure_drops(people=people["drops"], seed=seed),
            "speed": lambda: measure_speed(catalogue, labels, prior=spec.everyday_prior),
            "rankings": lambda: measure_rankings(
                catalogue, people=people["rankings"], rivals_people=people["rivals"], **many
            ),
            "worlds": lambda: measure_worlds(catalogue, people=people["rivals"], **many),
            "exploration": lambda: measure_exploration(catalogue, people=people["rivals"], **many),
            "rules": lambda: check_rules(catalogue, people=people["rules"], days=options["days"], **many),
        }
        if options["answers"]:
            faces = _read_answers(options["answers"])
            parts["mixes_of_faces"] = lambda: measure_mixes(
                faces,
                prior=spec.everyday_prior,
                faint_below=spec.thresholds.low_confidence,
                people=people["mixes"],
                **many,
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        figures |= {"model": spec.name, "people": people, "seed": seed}
        for name, measure in parts.items():
            if name not in figures:
                self.stdout.write(f"measuring {name} ...")
                figures[name] = measure()
                target.write_text(json.dumps(figures, indent=1) + "\n")
        return figures


def _read_answers(path: Path) -> RealFaces:
    try:
        stored = np.load(path)
        return RealFaces(stored["probabilities"], stored["labels"])
    except (OSError, KeyError, ValueError) as error:
        raise CommandError(f"{path} does not hold answers; write it with evaluate_classifier --answers.") from error
