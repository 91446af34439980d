"""`manage.py declare_camera`: say who answers for the camera here, before anybody's camera is used."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from emotion.models import CameraDeclaration

_QUESTIONS = {
    "who": "Who answers for it (organisation and contact)",
    "legal_basis": "Legal basis (such as: explicit consent, Art. 9(2)(a) GDPR; and why Art. 5(1)(f) AI Act allows it)",
    "region": "Country or region whose law applies",
    "dpia": "Reference of the data protection impact assessment",
}


class Command(BaseCommand):
    help = (
        "Record who answers for the use of the camera on this site, on which legal basis, under which law, and where "
        "it was assessed. Employees read it on the privacy page. Without it `check --deploy` fails. Replaces the one "
        "before, which stays on record."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        for name, question in _QUESTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", required=True, help=question)
        parser.add_argument("--date", default=None, help="When it was declared, such as 2026-03-01; today if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        said = {name: str(options[name]).strip() for name in _QUESTIONS}
        for name, text in said.items():
            if not 3 <= len(text) <= 300:
                raise CommandError(f"--{name.replace('_', '-')} must have 3 to 300 characters.")
        declaration = CameraDeclaration.objects.create(**said, declared_on=_read_date(options["date"]))
        self.stdout.write(f"Recorded, for everybody to read on the privacy page: {declaration}")


def _read_date(text: str | None) -> date:
    try:
        day = date.fromisoformat(text) if text else date.today()  # noqa: DTZ011 -- the deployer's own day
    except ValueError as error:
        raise CommandError(f"--date must look like 2026-03-01, not {text!r}.") from error
    if day > date.today():  # noqa: DTZ011 -- the deployer's own day
        raise CommandError("--date lies in the future.")
    return day
