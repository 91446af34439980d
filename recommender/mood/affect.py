"""Pleasantness (valence) and energy (arousal) of the seven expressions, both -1..1."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from emotion.labels import EXPRESSIONS
from recommender.mood.prevalence import Floats

#: Pleasure and arousal of six emotion words, from Russell and Mehrabian, "Evidence for a three-factor theory of
#: emotions", Journal of Research in Personality 11 (1977), doi:10.1016/0092-6566(77)90037-X. Neutral is 0/0 by
#: convention. Surprise can be good or bad, so its pleasure (.40 there) is not used.
PLEASANTNESS: Final[Mapping[str, float]] = {
    "anger": -0.51,
    "disgust": -0.60,
    "fear": -0.64,
    "happiness": 0.81,
    "neutral": 0.0,
    "sadness": -0.63,
    "surprise": 0.0,
}
ENERGY: Final[Mapping[str, float]] = {
    "anger": 0.59,
    "disgust": 0.35,
    "fear": 0.60,
    "happiness": 0.51,
    "neutral": 0.0,
    "sadness": -0.27,
    "surprise": 0.67,
}
#: Between the five levels of a day or a moment, from unpleasant or low to pleasant or high.
LEVEL_EDGES: Final = (-0.4, -0.1, 0.1, 0.4)


def level_of(value: float) -> int:
    """0 to 4 for pleasantness or energy. Raises ValueError for what is far from the scale -1..1."""
    if not -2 < value < 2:
        raise ValueError(f"{value} is neither pleasantness nor energy")
    return sum(value >= edge for edge in LEVEL_EDGES)


def as_vector(values: Mapping[str, float]) -> Floats:
    """One number per expression, in the order of EXPRESSIONS."""
    return np.array([values[name] for name in EXPRESSIONS])
