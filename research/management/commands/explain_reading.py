"""`manage.py explain_reading PATH... --annotate DIR`: what the shipped model's answers rest on."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from emotion.classifier.runtime import Reading, get_classifier
from research.classify.annotate import annotate
from research.classify.sources import Still
from research.management.commands import classify
from research.training.gradcam import Explainer, lay_heat


class Command(classify.Command):
    help = "Classify, and lay over each copy what the answer rests on (Grad-CAM)."

    def handle(self, *args: Any, **options: Any) -> None:
        if options["annotate"] is None:
            raise CommandError("Name a folder for the copies: --annotate DIR.")
        super().handle(*args, **options)

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(get_classifier())

    def draw(self, still: Still, reading: Reading, target: Path, *, detect: bool) -> None:
        """A copy of a picture with a reading; of others there is nothing to explain."""
        if reading.probabilities:
            label = max(range(len(reading.probabilities)), key=reading.probabilities.__getitem__)
            heat = self.explainer.explain(still.picture, label, detect=detect)
            warm = replace(still, picture=lay_heat(still.picture, heat))
            annotate(warm, reading, target.with_name(f"{target.name}-heat"))
