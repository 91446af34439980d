"""`manage.py check_catalogue`: what to mend in the catalogue, or with --shipped in the starter files alone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommender.catalogue.admin_overview import get_desk
from recommender.catalogue.checks import check_contents
from recommender.catalogue.fields import further_languages
from recommender.catalogue.models import Activity
from recommender.catalogue.services.catalogue import read_shipped


class Command(BaseCommand):
    help = "Check texts, references, translations, duplicates, and that every moment has something to offer."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shipped", action="store_true", help="check the starter files; needs no database")

    def handle(self, *args: Any, **options: Any) -> None:
        contents = read_shipped()["activities"] if options["shipped"] else self._read_live()
        problems = check_contents(contents, languages=list(further_languages()))
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} to mend.")
        self.stdout.write(f"{len(contents)} activities, nothing to mend.")

    def _read_live(self) -> list[dict[str, Any]]:
        desk = get_desk(timezone.localdate())
        self.stdout.write(f"{desk.overdue.count()} reviews overdue, {desk.soon.count()} due soon.")
        self.stdout.write(f"{desk.unchecked.count()} contacts not checked in the last half year.")
        return [activity.to_content() for activity in Activity.objects.select_related("category")]
