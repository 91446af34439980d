"""Pleasantness (valence) and energy (arousal) of the seven expressions, both -1..1."""

from __future__ import annotations

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


def as_vector(values: Mapping[str, float]) -> Floats:
    """One number per expression, in the order of EXPRESSIONS."""
    return np.array([values[name] for name in EXPRESSIONS])
