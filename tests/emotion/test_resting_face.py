import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS
from emotion.resting_face import (
    LARGEST_SHIFT,
    STILLS,
    TYPICAL,
    VERSION,
    learn_resting_face,
    subtract_baseline,
)
from tests.entries import P
from vault.journal.kinds import RestingFace

Floats = NDArray[np.float64]

NEUTRAL, SADNESS = EXPRESSIONS.index("neutral"), EXPRESSIONS.index("sadness")
#: At rest this person's face is read as sadness with P = 0.6.
REST = np.array([0.04, 0.01, 0.03, 0.01, 0.29, 0.60, 0.02])
#: What a sad face usually looks like to the shipped network, and how far the logits of one person's same expression
#: wander from picture to picture; both as measured.
_MEASURED = json.loads((Path(__file__).parents[2] / "docs/measurements/resting-face.json").read_text())
SAD = np.array([_MEASURED["typical_sadness"][name] for name in EXPRESSIONS])
NOISE = float(_MEASURED["wandering"])


def read(faces: Floats, rng: np.random.Generator, count: int) -> Floats:
    logits = np.log(faces) + rng.normal(0, NOISE, (count, len(EXPRESSIONS)))
    weights = np.exp(logits)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def share_read_as_sad(readings: Floats) -> float:
    return float((readings.argmax(axis=1) == SADNESS).mean())


def correct(face: RestingFace, readings: Floats) -> Floats:
    return np.array([subtract_baseline(face, reading.tolist()) for reading in readings])


def test_a_face_that_looks_sad_at_rest_loses_four_in_five_false_low_readings_and_keeps_the_true_ones() -> None:
    """60 simulated people, three stills each: what sets the person apart at rest sets apart their sad face too."""
    own = np.exp(np.log(REST) - np.log(TYPICAL))
    false_before, false_after, true_before, true_after = [], [], [], []
    for person in range(60):
        rng = np.random.default_rng(person)
        face = learn_resting_face(read(REST, rng, STILLS).tolist(), model="m")
        at_rest, sad = read(REST, rng, 300), read(SAD * own, rng, 300)
        false_before.append(share_read_as_sad(at_rest))
        false_after.append(share_read_as_sad(correct(face, at_rest)))
        true_before.append(share_read_as_sad(sad))
        true_after.append(share_read_as_sad(correct(face, sad)))
    assert np.mean(false_before) > 0.6
    assert np.mean(false_after) <= 0.2 * np.mean(false_before)
    assert np.mean(true_before) - np.mean(true_after) <= 0.05


def test_a_typical_resting_face_changes_nothing() -> None:
    face = learn_resting_face([list(TYPICAL)] * STILLS, model="m")
    assert face.shift == pytest.approx([0.0] * 7)
    assert subtract_baseline(face, P) == P


def test_the_typical_face_is_the_one_that_was_measured() -> None:
    assert tuple(_MEASURED["typical_neutral"][name] for name in EXPRESSIONS) == TYPICAL


def test_the_corrected_resting_face_looks_neutral() -> None:
    face = learn_resting_face([REST.tolist()] * STILLS, model="m")
    corrected = subtract_baseline(face, REST.tolist())
    assert corrected[NEUTRAL] > 0.6 > 0.3 > corrected[SADNESS]
    assert sum(corrected) == pytest.approx(1, abs=1e-4)


def test_a_smile_stays_a_smile() -> None:
    face = learn_resting_face([REST.tolist()] * STILLS, model="m")
    smile = [0.01, 0.01, 0.01, 0.94, 0.01, 0.01, 0.01]
    assert subtract_baseline(face, smile)[EXPRESSIONS.index("happiness")] > 0.9


def test_no_expression_is_shifted_beyond_the_limit_and_zeros_do_no_harm() -> None:
    face = learn_resting_face([[0, 0, 0, 0, 0, 1, 0]] * STILLS, model="m")
    assert max(map(abs, face.shift)) == LARGEST_SHIFT
    assert sum(subtract_baseline(face, [0, 0, 0, 0, 1, 0, 0])) == pytest.approx(1, abs=1e-4)


def test_without_a_still_there_is_nothing_to_learn() -> None:
    with pytest.raises(ValueError, match="at least one still"):
        learn_resting_face([], model="m")


def test_it_is_kept_to_four_digits_with_its_model_and_version() -> None:
    face = learn_resting_face([REST.tolist()], model="m-1")
    assert (face.model, face.version) == ("m-1", VERSION)
    assert all(round(value, 4) == value for value in face.shift)
