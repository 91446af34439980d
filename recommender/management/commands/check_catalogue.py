"""`manage.py check_catalogue`: what to mend in the catalogue, or with --shipped in the starter files alone."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommender.catalogue.admin_overview import get_desk
from recommender.catalogue.checks import check_contents, read_candidate
from recommender.catalogue.fields import further_languages
from recommender.catalogue.models import Activity
from recommender.catalogue.services.catalogue import read_shipped
from recommender.choices import Place
from recommender.mood.patterns import daypart_of
from recommender.ranking.bound import FACTOR
from recommender.ranking.exposure import measure_exposure
from recommender.ranking.history import Situation


class Command(BaseCommand):
    help = (
        "Check texts, references, translations, duplicates, that every moment has something to offer, and that no "
        "offer tells the mood it was made in."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shipped", action="store_true", help="check the starter files; needs no database")

    def handle(self, *args: Any, **options: Any) -> None:
        contents = read_shipped()["activities"] if options["shipped"] else self._read_live()
        problems = [*check_contents(contents, languages=list(further_languages())), *self._check_exposure(contents)]
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} to mend.")
        self.stdout.write(f"{len(contents)} activities, nothing to mend.")

    def _check_exposure(self, contents: list[dict[str, Any]]) -> Iterator[str]:
        """Says how far the chance of an activity differs between two moods; yields what to mend where it is too far."""
        worst = measure_exposure([read_candidate(content) for content in contents], self._list_situations())
        if worst is None:
            return
        when = f"{worst.situation.place or 'anywhere'}, {worst.situation.daypart}"
        told = f"{worst.activity}: {worst.factor:.2f} times likelier at {worst.likeliest} than at {worst.unlikeliest}"
        self.stdout.write(f"No chance differs more between two moods than that of {told} ({when}).")
        if worst.factor > FACTOR * (1 + 1e-9):
            yield f"{told}, more than {FACTOR:.0f} times"

    def _list_situations(self) -> list[Situation]:
        hours = {daypart_of(hour): timezone.localtime().replace(hour=hour) for hour in range(24)}
        combined = product(hours.values(), (None, *Place.values), (None, 5))
        return [Situation(now, place, minutes) for now, place, minutes in combined]

    def _read_live(self) -> list[dict[str, Any]]:
        desk = get_desk(timezone.localdate())
        self.stdout.write(f"{desk.overdue.count()} reviews overdue, {desk.soon.count()} due soon.")
        self.stdout.write(f"{desk.unchecked.count()} contacts not checked in the last half year.")
        return [activity.to_content() for activity in Activity.objects.select_related("category")]
