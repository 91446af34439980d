"""Whether an entry speaks of expressions, outcomes and models that there are: the kinds know no words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from emotion.labels import EXPRESSIONS, OUTCOMES, READING
from vault.journal.kinds import Correction, Look, Neutral, Reading, RestingFace

_OUTCOMES, _EXPRESSIONS = frozenset(OUTCOMES), frozenset(EXPRESSIONS)


def _check_look(look: Look) -> str | None:
    if look.outcome not in _OUTCOMES:
        return "outcome must be one of " + ", ".join(OUTCOMES) + "."
    if look.p is None and look.outcome == READING:
        return "p must be seven shares where the outcome is reading."
    return _check_model(look)


def _check_correction(correction: Correction) -> str | None:
    known = correction.expression in _EXPRESSIONS
    return None if known else "expression must be one of " + ", ".join(EXPRESSIONS) + "."


def _check_model(data: Look | RestingFace) -> str | None:
    return None if data.model.isprintable() else "model must be the name of a model."


#: For `vault.journal.kinds.WORD_CHECKS`.
CHECKS: Final[Mapping[str, Callable[[Any], str | None]]] = {
    Reading.kind: _check_look,
    Neutral.kind: _check_look,
    Correction.kind: _check_correction,
    RestingFace.kind: _check_model,
}
