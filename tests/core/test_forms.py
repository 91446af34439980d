import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from core.forms import TypedWordsForm


class Form(TypedWordsForm):
    # Django itself ships German words for both.
    words, refusal = gettext_lazy("Monday"), gettext_lazy("Tuesday")


@pytest.mark.parametrize("typed", ["Monday", " monday ", "“MONDAY”", "'Monday'"])
def test_the_words_are_known_in_any_case_and_in_quotes(typed: str) -> None:
    assert Form({"confirmation": typed}).is_valid()


@pytest.mark.parametrize("typed", ["", "Mon", "Montag", "Monday Monday"])
def test_other_words_are_none(typed: str) -> None:
    assert not Form({"confirmation": typed}).is_valid()


def test_the_words_are_those_of_the_language() -> None:
    with translation.override("de"):
        asked = Form({"confirmation": "Monday"})
        assert asked.fields["confirmation"].label == "Type “Montag”"
        assert asked.errors == {"confirmation": ["Dienstag"]}
        assert Form({"confirmation": "montag"}).is_valid()
