"""A resting face that does not look neutral: learnt from a few stills, taken out of that person's readings.

Some faces at rest read as sad or angry, and every quiet moment then counts as a low one. The stills tell how far the
person's resting face lies from the neutral face the classifier knows, on the scale of logits; the same shift is taken
off all their readings. What moves a face away from its rest stays as far away as it was. Pure; see
`docs/decisions/0033-resting-face.md` for what it costs.
"""

import math
from collections.abc import Sequence
from typing import Final

from vault.journal.kinds import RestingFace

VERSION: Final = 1
STILLS: Final = 3

#: What the shipped network says of a neutral face, in the order of EXPRESSIONS: the geometric mean over 600 clearly
#: neutral faces of FER+ (validation part), as `research/benchmarks/with_data/resting_face.py` prints it.
TYPICAL: Final = (0.0045, 0.0005, 0.0003, 0.003, 0.9556, 0.0352, 0.001)
#: The stills count as if this many typical ones had been taken with them: three noisy ones are not the whole truth.
PRIOR_STILLS: Final = 1.0
#: No expression is shifted further than this, a factor of 20 in odds: a face that cannot be read at all stays unread.
LARGEST_SHIFT: Final = 3.0
_LEAST: Final = 1e-4


def learn_resting_face(stills: Sequence[Sequence[float]], *, model: str) -> RestingFace:
    """`stills` are the probabilities of each resting still, in the order of EXPRESSIONS. Raises ValueError for none."""
    if not stills:
        raise ValueError("A resting face needs at least one still.")
    weight = len(stills) / (len(stills) + PRIOR_STILLS)
    logs = [_centre([_log(p) for p in still]) for still in stills]
    typical = _centre([_log(p) for p in TYPICAL])
    away = [sum(column) / len(logs) - usual for column, usual in zip(zip(*logs, strict=True), typical, strict=True)]
    shift = tuple(round(max(-LARGEST_SHIFT, min(LARGEST_SHIFT, weight * value)), 4) for value in away)
    return RestingFace(version=VERSION, model=model, shift=shift)


def subtract_baseline(face: RestingFace, probabilities: Sequence[float]) -> tuple[float, ...]:
    """The same reading, had the face at rest been a typical one. Sums to 1."""
    logits = [_log(p) - shift for p, shift in zip(probabilities, face.shift, strict=True)]
    top = max(logits)
    weights = [math.exp(value - top) for value in logits]
    total = sum(weights)
    return tuple(round(weight / total, 5) for weight in weights)


def _log(probability: float) -> float:
    return math.log(max(probability, _LEAST))


def _centre(values: Sequence[float]) -> list[float]:
    """Logits are known up to a constant: this picks the one that makes their mean 0."""
    mean = sum(values) / len(values)
    return [value - mean for value in values]
