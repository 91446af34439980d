"""What people tell on the dashboard."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import IntegerChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from emotion.choices import Expression
from recommender.choices import ENERGY_WORDS, LEVELS, Answer, CheckInWord, Company, Felt, Helped, Limit, Place
from recommender.dashboard.selectors import get_categories
from recommender.dashboard.services.checkins import MINUTES, NOTE_LENGTH, OWN_WORD_LENGTH, OWN_WORDS
from recommender.dashboard.services.preferences import LENGTHS
from recommender.mood.affect import LEVEL_EDGES
from recommender.ranking.history import Situation

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_PLEASANTNESS = (
    ("-1", _("Very unpleasant")),
    ("-0.5", _("Unpleasant")),
    ("0", _("In between")),
    ("0.5", _("Pleasant")),
    ("1", _("Very pleasant")),
)
_YES_OR_NO = (("yes", _("Yes")), ("no", _("No")))
_UNCLEAR: "Final[dict[str, StrOrPromise]]" = dict.fromkeys(
    ("required", "invalid", "invalid_choice"),
    _("Sorry, that did not come through. Please choose one of the buttons again."),
)
_BOTH: "Final[dict[str, StrOrPromise]]" = {"required": _("Please choose both pleasantness and energy.")}
_ANY_LENGTH = ("", _("Any length"))
_ENERGY = (("-1", _("Very low")), ("-0.5", _("Low")), ("0", _("In between")), ("0.5", _("High")), ("1", _("Very high")))


def _number_field(choices: "Iterable[tuple[int | str, StrOrPromise]]", **more: Any) -> forms.TypedChoiceField:
    """A whole number of those offered, or none."""
    return forms.TypedChoiceField(choices=list(choices), coerce=int, empty_value=None, required=False, **more)


def _rating(words: type[IntegerChoices]) -> forms.TypedChoiceField:
    return _number_field([("", ""), *words.choices], error_messages=_UNCLEAR)


def _list_kinds() -> list[tuple[str, str]]:
    return [(kind.slug, kind.name) for kind in get_categories()]


class CheckInForm(forms.Form):
    """The pad sends any value from -1 to 1; without script five of them are offered."""

    pleasantness = forms.FloatField(
        min_value=-1, max_value=1, widget=forms.RadioSelect(choices=_PLEASANTNESS), error_messages=_BOTH
    )
    energy = forms.FloatField(
        min_value=-1, max_value=1, widget=forms.RadioSelect(choices=_ENERGY), error_messages=_BOTH
    )
    words = forms.MultipleChoiceField(
        choices=CheckInWord,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=_("Words that fit, if you like"),
    )
    own_words = forms.CharField(
        max_length=OWN_WORDS * (OWN_WORD_LENGTH + 2),
        required=False,
        label=_("Words of your own"),
        help_text=_("Separated by commas."),
    )
    note = forms.CharField(
        max_length=NOTE_LENGTH, required=False, label=_("A note to yourself"), widget=forms.Textarea(attrs={"rows": 2})
    )

    @property
    def levels(self) -> str:
        """The words for every place on the pad, and the edges between them, as JSON."""
        words = {"pleasantness": [word for _letter, word in LEVELS], "energy": ENERGY_WORDS}
        return json.dumps({"edges": LEVEL_EDGES} | words, cls=DjangoJSONEncoder)

    def clean_own_words(self) -> list[str]:
        return [word for word in self.cleaned_data["own_words"].split(",") if word.strip()]


class ChooseForm(forms.Form):
    """Where and how long, for somebody who looks through the catalogue."""

    place = forms.ChoiceField(
        choices=[("", _("Anywhere")), *Place.choices],
        required=False,
        label=_("I am"),
    )
    minutes = _number_field(
        [
            _ANY_LENGTH,
            *((n, format_lazy(ngettext_lazy("{count} minute", "{count} minutes", n), count=n)) for n in MINUTES),
        ],
        label=_("I have"),
    )


class MomentForm(ChooseForm):
    """Where somebody is, how long they have, and what to spare them."""

    avoid = forms.MultipleChoiceField(
        choices=Limit,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=_("Nothing, please, that asks for"),
    )

    @classmethod
    def of(cls, situation: Situation) -> "MomentForm":
        initial: dict[str, Any] = {
            "place": situation.place or "",
            "minutes": situation.minutes or "",
            "avoid": sorted(situation.avoid),
        }
        return cls(initial=initial)


class AnswerForm(forms.Form):
    """One form on the page holds the ratings and every button: ratings touched before another button are dropped."""

    suggestion = forms.UUIDField(error_messages=_UNCLEAR)
    answer = forms.ChoiceField(choices=Answer, error_messages=_UNCLEAR)
    helped = _rating(Helped)
    before = _rating(Felt)
    after = _rating(Felt)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("answer") != "did":
            cleaned |= dict.fromkeys(("helped", "before", "after"))
        return cleaned


class TasteForm(forms.Form):
    """Three questions of a first visit."""

    likes = forms.MultipleChoiceField(
        choices=_list_kinds,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=_("What usually does you good? Up to three."),
    )
    minutes = _number_field(
        [
            *(
                (n, format_lazy(ngettext_lazy("Up to {count} minute", "Up to {count} minutes", n), count=n))
                for n in LENGTHS
            ),
            _ANY_LENGTH,
        ],
        widget=forms.RadioSelect,
        initial="",
        label=_("How long may it take?"),
    )
    company = forms.ChoiceField(
        choices=Company,
        widget=forms.RadioSelect,
        initial=Company.EITHER,
        label=_("Alone or with others?"),
    )


class PickForm(forms.Form):
    """An activity that somebody chose by themselves."""

    slug = forms.SlugField(error_messages=_UNCLEAR)


class YesNoForm(forms.Form):
    said = forms.TypedChoiceField(choices=_YES_OR_NO, coerce="yes".__eq__, error_messages=_UNCLEAR)


class EntryForm(forms.Form):
    entry = forms.UUIDField(error_messages=_UNCLEAR)


class CorrectionForm(EntryForm):
    expression = forms.ChoiceField(
        choices=Expression, error_messages={"invalid_choice": _("Please choose one of the expressions.")}
    )
