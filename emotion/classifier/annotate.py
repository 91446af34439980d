"""Copies of pictures with what was found drawn on them, for an operator's eye."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from emotion.classifier.runtime import Reading
from emotion.classifier.sources import Still
from emotion.labels import EXPRESSIONS, READING

_GREEN: Final = (40, 200, 90)
_AMBER: Final = (240, 170, 30)


def annotate(still: Still, reading: Reading, target: Path) -> Path:
    """Write a PNG named after `target`, with the second for a video, and return its path."""
    picture = Image.fromarray(still.picture)
    pen = ImageDraw.Draw(picture)
    color = _GREEN if reading.outcome == READING else _AMBER
    left, top, right, bottom = reading.box or (0, 0, picture.width - 1, picture.height - 1)
    pen.rectangle((left, top, right, bottom), outline=color, width=max(1, picture.width // 200))
    size = max(10, picture.width // 32)
    pen.text((left + 2, max(0, top - size - 4)), caption(reading), fill=color, font_size=size)
    moment = "" if still.seconds is None else f"-{still.seconds:.1f}s"
    target = target.with_name(f"{target.name}{moment}.png")
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(target)
    return target


def caption(reading: Reading) -> str:
    if reading.probabilities is None:
        return reading.outcome.replace("_", " ")
    best = int(np.argmax(reading.probabilities))
    doubt = "" if reading.outcome == READING else "?"
    return f"{EXPRESSIONS[best]}{doubt} {reading.probabilities[best]:.0%}"
