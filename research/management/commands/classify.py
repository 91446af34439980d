"""`manage.py classify PATH...`: classify pictures, folders and videos with the shipped model."""

import json
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from emotion.classifier.spec import ClassifierUnavailable
from emotion.labels import EXPRESSIONS, READING

if TYPE_CHECKING:
    from emotion.classifier.runtime import Reading
    from research.classify.sources import Still

UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output. `label`: the most probable expression, if there is a reading."""

    path: str
    outcome: str
    label: str | None = None
    probabilities: dict[str, float] | None = None
    box: tuple[int, int, int, int] | None = None
    model: str = ""
    quality: float = 0.0
    seconds: float | None = None

    def to_json(self) -> str:
        fields = {name: getattr(self, name) for name in self.__slots__}
        if self.seconds is None:
            del fields["seconds"]
        return json.dumps(fields)

    def to_text(self) -> str:
        place = self.path if self.seconds is None else f"{self.path} at {self.seconds:.1f} s"
        if self.label and self.probabilities:
            return f"{place}: {self.label} {self.probabilities[self.label]:.0%}"
        return f"{place}: {self.outcome.replace('_', ' ')}"


def _positive(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ArgumentTypeError("must be above 0")
    return seconds


class Command(BaseCommand):
    help = "Say which expression the shipped model sees in pictures, folders of pictures, and videos."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--no-detect", action="store_true", help="the pictures are cut to the face already")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--every", type=_positive, default=1.0, metavar="SECONDS", help="of videos (default 1)")
        parser.add_argument("--annotate", type=Path, metavar="DIR", help="write copies with box and answer here")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = self._classify(options)
        unreadable = 0
        for line in lines:
            with tqdm.external_write_mode():
                self.stdout.write(line.to_json() if options["json"] else line.to_text())
            unreadable += line.outcome == UNREADABLE
        if unreadable:
            raise CommandError(f"{unreadable} could not be read.")

    def _classify(self, options: dict[str, Any]) -> Iterator[Line]:
        from emotion.classifier.images import UnreadableImage  # noqa: PLC0415 -- slow import
        from emotion.classifier.runtime import get_classifier  # noqa: PLC0415 -- slow import
        from research.classify.sources import find_sources, read_stills  # noqa: PLC0415 -- slow import

        try:
            classifier = get_classifier()
        except ClassifierUnavailable as error:
            raise CommandError(str(error)) from error
        sources = find_sources(options["paths"])
        if not sources:
            raise CommandError("There is no picture or video in what was named.")
        if options["annotate"]:
            _refuse_twins([source.name for source in sources])
        for source in tqdm(sources, unit="file", disable=None):
            try:
                for still in read_stills(source, every=options["every"]):
                    reading = classifier.classify_array(still.picture, detect=not options["no_detect"])
                    line = _describe(source.path, reading, still.seconds)
                    if options["annotate"]:
                        self.draw(still, reading, options["annotate"] / source.name, detect=not options["no_detect"])
                    yield line
            except UnreadableImage:
                yield Line(str(source.path), UNREADABLE, model=classifier.spec.name)

    def draw(self, still: "Still", reading: "Reading", target: Path, *, detect: bool) -> None:
        """Write a copy, named after `target`. Subclasses may draw other copies."""
        from research.classify.annotate import annotate  # noqa: PLC0415 -- slow import

        annotate(still, reading, target)


def _refuse_twins(names: list[Path]) -> None:
    """Raises CommandError if two copies would have the same name: the second would replace the first."""
    twin = next((name for name, count in Counter(names).items() if count > 1), None)
    if twin:
        raise CommandError(f"Two of the files would be copied to {twin}. Name a folder above both, or one at a time.")


def _describe(path: Path, reading: "Reading", seconds: float | None) -> Line:
    shares = [round(share, 6) for share in reading.probabilities or ()]
    probabilities: dict[str, float] = dict(zip(EXPRESSIONS, shares, strict=bool(shares)))
    label = max(probabilities, key=probabilities.__getitem__) if probabilities and reading.outcome == READING else None
    return Line(
        path=str(path),
        outcome=reading.outcome,
        label=label,
        probabilities=probabilities or None,
        box=reading.box,
        model=reading.model,
        quality=round(reading.quality, 4),
        seconds=seconds,
    )
