"""The expressions that a reading can name, and the reasons why a capture gave no reading."""

from typing import Final, Literal, get_args

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
EXPRESSIONS: Final[tuple[Expression, ...]] = get_args(Expression)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
QUALITY_REASONS: Final = OUTCOMES[1:]

READING: Final = "reading"
LOW_CONFIDENCE: Final = "low_confidence"
