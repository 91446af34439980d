"""`manage.py write_model_card`: write the shipped model's card from its spec and measurements."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from emotion.classifier.measured import MEASURED_DIR, read_reports
from emotion.classifier.spec import ClassifierUnavailable, ModelSpec
from research.training.card import write_card


class Command(BaseCommand):
    help = "Write the model card from the model's description and the reports of evaluate_classifier beside it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--measured", type=Path, default=MEASURED_DIR, help="folder of the reports")
        parser.add_argument("--out", type=Path, default=Path("docs/model-card.md"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = write_card(ModelSpec.load(), read_reports(options["measured"]))
        except (ValueError, KeyError, ClassifierUnavailable) as error:
            raise CommandError(f"The card cannot be written: {error}") from error
        options["out"].write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {options['out']}.")
