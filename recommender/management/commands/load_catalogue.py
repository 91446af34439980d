"""`manage.py load_catalogue`: the starter catalogue, safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand

from recommender.catalogue.services.catalogue import load_catalogue


class Command(BaseCommand):
    help = "Load the starter activities and support contacts. Leaves whatever administrators changed as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        report = load_catalogue()
        if options["verbosity"] >= 1:
            self.stdout.write(f"{report.created} created, {report.updated} updated, {report.kept} kept as they are.")
        if report.overdue:
            self.stderr.write(f"{report.overdue} active activities are past their review date and not offered.")
