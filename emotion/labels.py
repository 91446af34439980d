"""The expressions that a reading can name, and the reasons why a capture gave no reading."""

from __future__ import annotations

from typing import Final, Literal

Expression = Literal["anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
Outcome = Literal[
    "reading",
    "no_face",
    "several_faces",
    "too_small",
    "too_dark",
    "too_bright",
    "blurred",
    "turned_away",
    "low_confidence",
]

#: The order of every vector of seven probabilities.
EXPRESSIONS: Final[tuple[Expression, ...]] = (
    "anger",
    "disgust",
    "fear",
    "happiness",
    "neutral",
    "sadness",
    "surprise",
)

READING: Final = "reading"
NO_FACE: Final = "no_face"
SEVERAL_FACES: Final = "several_faces"
TOO_SMALL: Final = "too_small"
TOO_DARK: Final = "too_dark"
TOO_BRIGHT: Final = "too_bright"
BLURRED: Final = "blurred"
TURNED_AWAY: Final = "turned_away"
LOW_CONFIDENCE: Final = "low_confidence"

QUALITY_REASONS: Final[tuple[Outcome, ...]] = (
    NO_FACE,
    SEVERAL_FACES,
    TOO_SMALL,
    TOO_DARK,
    TOO_BRIGHT,
    BLURRED,
    TURNED_AWAY,
    LOW_CONFIDENCE,
)
OUTCOMES: Final[tuple[Outcome, ...]] = (READING, *QUALITY_REASONS)
