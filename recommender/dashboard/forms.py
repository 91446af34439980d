"""What people tell on the dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from emotion.labels import EXPRESSIONS
from recommender.dashboard.services.checkins import MINUTES, NOTE_LENGTH, OWN_WORD_LENGTH, OWN_WORDS
from recommender.dashboard.services.preferences import LENGTHS
from recommender.dashboard.wording import CHECKIN_WORDS, FELT, HELPED, LIMIT_NAMES, NAMES, PLACE_NAMES
from recommender.ranking.history import Situation
from recommender.ranking.suggest import LIMITS, PLACES
from vault.journal.kinds import ANSWERS

_PLEASANTNESS = (
    ("-1", "Very unpleasant"),
    ("-0.5", "Unpleasant"),
    ("0", "In between"),
    ("0.5", "Pleasant"),
    ("1", "Very pleasant"),
)
_ENERGY = (("-1", "Very low"), ("-0.5", "Low"), ("0", "In between"), ("0.5", "High"), ("1", "Very high"))


class CheckInForm(forms.Form):
    """The pad sends any value from -1 to 1; without script five of them are offered."""

    pleasantness = forms.FloatField(min_value=-1, max_value=1, widget=forms.RadioSelect(choices=_PLEASANTNESS))
    energy = forms.FloatField(min_value=-1, max_value=1, widget=forms.RadioSelect(choices=_ENERGY))
    words = forms.MultipleChoiceField(
        choices=[(word, word) for word in CHECKIN_WORDS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Words that fit, if you like",
    )
    own_words = forms.CharField(
        max_length=OWN_WORDS * (OWN_WORD_LENGTH + 2),
        required=False,
        label="Words of your own",
        help_text="Separated by commas.",
    )
    note = forms.CharField(
        max_length=NOTE_LENGTH, required=False, label="A note to yourself", widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_own_words(self) -> list[str]:
        return [word for word in self.cleaned_data["own_words"].split(",") if word.strip()]


class MomentForm(forms.Form):
    """Where somebody is, how long they have, and what to spare them."""

    place = forms.ChoiceField(
        choices=[("", "Anywhere"), *((place, PLACE_NAMES[place]) for place in PLACES)], required=False, label="I am"
    )
    minutes = forms.TypedChoiceField(
        choices=[("", "Any length"), *((str(minutes), f"{minutes} minutes") for minutes in MINUTES)],
        coerce=int,
        empty_value=None,
        required=False,
        label="I have",
    )
    avoid = forms.MultipleChoiceField(
        choices=[(limit, LIMIT_NAMES[limit]) for limit in LIMITS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Nothing, please, that asks for",
    )

    @classmethod
    def of(cls, situation: Situation) -> MomentForm:
        initial: dict[str, Any] = {
            "place": situation.place or "",
            "minutes": situation.minutes or "",
            "avoid": sorted(situation.avoid),
        }
        return cls(initial=initial)


def _rating(labels: Mapping[int, str]) -> forms.TypedChoiceField:
    choices = [("", ""), *((str(value), label) for value, label in labels.items())]
    return forms.TypedChoiceField(choices=choices, coerce=int, empty_value=None, required=False)


class AnswerForm(forms.Form):
    """One form on the page holds the ratings and every button: ratings touched before another button are dropped."""

    answer = forms.ChoiceField(choices=[(word, word) for word in ANSWERS])
    helped = _rating(HELPED)
    before = _rating(FELT)
    after = _rating(FELT)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("answer") != "did":
            cleaned |= dict.fromkeys(("helped", "before", "after"))
        return cleaned


class TasteForm(forms.Form):
    """Three questions of a first visit."""

    likes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label="What usually does you good? Up to three."
    )
    minutes = forms.TypedChoiceField(
        choices=[*((str(minutes), f"Up to {minutes} minutes") for minutes in LENGTHS), ("", "Any length")],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        initial="",
        label="How long may it take?",
    )
    company = forms.ChoiceField(
        choices=[("alone", "Alone"), ("with", "With others"), ("either", "Either")],
        widget=forms.RadioSelect,
        initial="either",
        label="Alone or with others?",
    )

    def __init__(self, *args: Any, kinds: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["likes"].choices = list(kinds)  # type: ignore[attr-defined]


class ChooseForm(forms.Form):
    """Where and how long, for somebody who looks through the catalogue."""

    place = forms.ChoiceField(
        choices=[("", "Anywhere"), *((place, PLACE_NAMES[place]) for place in PLACES)], required=False, label="I am"
    )
    minutes = forms.TypedChoiceField(
        choices=[("", "Any length"), *((str(minutes), f"{minutes} minutes") for minutes in MINUTES)],
        coerce=int,
        empty_value=None,
        required=False,
        label="I have",
    )


class CorrectionForm(forms.Form):
    expression = forms.ChoiceField(choices=[(name, NAMES[name]) for name in EXPRESSIONS])
