"""Annotated copies of pictures for operators: box, outcome and probabilities."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from emotion.classifier.runtime import Reading
from emotion.labels import EXPRESSIONS, READING
from research.classify.sources import Still

_GREEN: Final = (40, 200, 90)
_AMBER: Final = (240, 170, 30)
_PANEL: Final = (24, 26, 30)
_WHITE: Final = (240, 240, 240)
_BAR: Final = (90, 150, 230)
#: Narrower pictures are enlarged to at least this width, so that the text is legible.
_LEAST_WIDTH: Final = 480


def annotate(still: Still, reading: Reading, target: Path) -> Path:
    """Write a PNG named after `target`, with the time (s) for a video, and return its path.

    It shows the box, the outcome and the seven probabilities, if any.
    """
    picture, factor = _enlarge(Image.fromarray(still.picture))
    _draw_box(picture, reading, factor)
    if reading.probabilities is not None:
        picture = _add_panel(picture, reading.probabilities)
    moment = "" if still.seconds is None else f"-{still.seconds:.3f}s"
    target = target.with_name(f"{target.name}{moment}.png")
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(target)
    return target


def caption(reading: Reading) -> str:
    if reading.probabilities is None:
        return reading.outcome.replace("_", " ")
    best = int(np.argmax(reading.probabilities))
    doubt = "" if reading.outcome == READING else "? low confidence,"
    return f"{EXPRESSIONS[best]}{doubt} {reading.probabilities[best]:.0%}"


def _enlarge(picture: Image.Image) -> tuple[Image.Image, int]:
    factor = max(1, -(-_LEAST_WIDTH // picture.width))
    size = (picture.width * factor, picture.height * factor)
    return (picture.resize(size, Image.Resampling.NEAREST) if factor > 1 else picture), factor


def _draw_box(picture: Image.Image, reading: Reading, factor: int) -> None:
    pen = ImageDraw.Draw(picture)
    color = _GREEN if reading.outcome == READING else _AMBER
    whole = (0, 0, picture.width - 1, picture.height - 1)
    left, top, right, bottom = (side * factor for side in reading.box) if reading.box else whole
    pen.rectangle((left, top, right, bottom), outline=color, width=max(2, picture.width // 240))
    size = max(14, picture.width // 36)
    words = caption(reading)
    inside = pen.textbbox((left, max(0, top - size - 8)), words, font_size=size)
    pen.rectangle((inside[0] - 4, inside[1] - 3, inside[2] + 4, inside[3] + 3), fill=_PANEL)
    pen.text((left, max(0, top - size - 8)), words, fill=color, font_size=size)


def _add_panel(picture: Image.Image, probabilities: tuple[float, ...]) -> Image.Image:
    """The picture with a panel below it: one bar per expression."""
    size = max(12, picture.width // 48)
    row = size + 8
    canvas = Image.new("RGB", (picture.width, picture.height + row * len(EXPRESSIONS) + 12), _PANEL)
    canvas.paste(picture)
    pen = ImageDraw.Draw(canvas)
    start, longest = 8 * size, picture.width - 12 * size
    for place, (name, share) in enumerate(zip(EXPRESSIONS, probabilities, strict=True)):
        top = picture.height + 8 + place * row
        pen.text((8, top), name, fill=_WHITE, font_size=size)
        pen.rectangle((start, top + 2, start + max(1, round(longest * share)), top + size), fill=_BAR)
        pen.text((start + longest + size, top), f"{share:.0%}", fill=_WHITE, font_size=size)
    return canvas
