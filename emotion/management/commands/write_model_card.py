"""`manage.py write_model_card REPORT... --out docs/model-card.md`: the card of the shipped model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from emotion.classifier.spec import ClassifierUnavailable, ModelSpec
from emotion.training.card import write_card


class Command(BaseCommand):
    help = "Write the model card from the model's description and the JSON reports of evaluate_classifier."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reports", nargs="+", type=Path)
        parser.add_argument("--out", type=Path, default=Path("docs/model-card.md"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = [json.loads(path.read_text()) for path in options["reports"]]
            text = write_card(ModelSpec.load(), reports)
        except (OSError, ValueError, KeyError, ClassifierUnavailable) as error:
            raise CommandError(f"The card cannot be written: {error}") from error
        options["out"].write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {options['out']}.")
