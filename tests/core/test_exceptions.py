from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from core.api_errors import handle_exception
from core.exceptions import TooOften, WellbeingError


class Refusal(WellbeingError):
    # Django itself ships a German word for it.
    code, status, detail = "not_today", 409, gettext_lazy("Monday")


@pytest.mark.parametrize(("language", "told"), [("en", "Monday"), ("de", "Montag")])
def test_a_refusal_speaks_the_language_of_its_moment(language: str, told: str) -> None:
    with translation.override(language):
        error: WellbeingError = Refusal()
    assert (type(error.detail), error.detail) == (str, told)


def test_the_api_answers_with_plain_text() -> None:
    response = handle_exception(Refusal(), {})
    assert response is not None
    assert (response.status_code, response.data) == (409, {"code": "not_today", "detail": "Monday"})
    assert type(response.data["detail"]) is str


def test_what_is_said_in_particular_outranks_the_rule() -> None:
    error: WellbeingError = TooOften("Wait.", code="busy", retry_after=7)
    assert (error.detail, error.code, error.retry_after) == ("Wait.", "busy", 7)
    assert (TooOften().code, TooOften().retry_after) == ("too_often", 60)
