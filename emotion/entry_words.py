"""Whether an entry speaks of expressions, outcomes and endings that there are: the kinds of entries know no words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from emotion.choices import Ending, Trigger
from emotion.labels import EXPRESSIONS, OUTCOMES, READING
from vault.journal.kinds import Camera, Correction, Look, Neutral, Reading, RestingFace

_OUTCOMES, _EXPRESSIONS = frozenset(OUTCOMES), frozenset(EXPRESSIONS)
_NO_MODEL: Final = "model must be the name of a model."


def _check_look(look: Look) -> str | None:
    if look.outcome not in _OUTCOMES:
        return "outcome must be one of " + ", ".join(OUTCOMES) + "."
    if look.p is None and look.outcome == READING:
        return "p must be seven shares where the outcome is reading."
    return None if look.model.isprintable() else _NO_MODEL


def _check_correction(correction: Correction) -> str | None:
    known = correction.expression in _EXPRESSIONS
    return None if known else "expression must be one of " + ", ".join(EXPRESSIONS) + "."


def _check_face(face: RestingFace) -> str | None:
    return None if face.model.isprintable() else _NO_MODEL


def _check_camera(use: Camera) -> str | None:
    known = use.trigger in Trigger.values and use.ended in Ending.values
    return None if known else "trigger and ended must be those of a camera."


#: For `vault.journal.kinds.WORD_CHECKS`.
CHECKS: Final[Mapping[str, Callable[[Any], str | None]]] = {
    Reading.kind: _check_look,
    Neutral.kind: _check_look,
    Correction.kind: _check_correction,
    RestingFace.kind: _check_face,
    Camera.kind: _check_camera,
}
