from typing import Any

import pytest

from recommender.wording import reasons
from recommender.wording.reasons import put_into_words

FITTING: dict[str, Any] = {"rule": "variety", "days": 7, "grade": "B"}


def test_a_reason_that_fits_is_put_into_words() -> None:
    assert put_into_words(FITTING) == (
        "Nothing seen or said in the last 7 days points to this one in particular; it is here for variety. "
        "The evidence: some good studies support it (grade B)."
    )


@pytest.mark.parametrize(
    "reason",
    [
        {},
        FITTING | {"rule": "none that we know"},
        FITTING | {"grade": "E"},
        FITTING | {"rule": ["few"]},
        FITTING | {"rule": "said", "pleasantness": "high", "energy": 0.2},
        FITTING | {"tried": 2, "helped": None},
        FITTING | {"tried": 2, "helped": 99},
    ],
    ids=str,
)
def test_a_reason_without_a_sentence_is_none_and_no_error(reason: dict[str, Any]) -> None:
    assert put_into_words(reason) is None


def test_a_value_that_cannot_be_told_is_none_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise ValueError

    monkeypatch.setattr(reasons, "explain", refuse)
    assert put_into_words(FITTING) is None
