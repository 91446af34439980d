"""The activity form with its translations, and the made-up person of the preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils import timezone

from recommender.fields import further_languages
from recommender.models import Activity
from recommender.ranking import LIMITS, PLACES
from recommender.wording import LIMIT_NAMES, NAMES, PLACE_NAMES

TRANSLATED = ("title", "body", "effect_note")


class BaseActivityForm(forms.ModelForm):  # type: ignore[type-arg]
    """Fields named `title_de` and so on hold the translations. A draft need not be ready to go live."""

    class Meta:
        model = Activity
        exclude: tuple[str, ...] = ("translations",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keeps_draft = "_draft" in self.data
        for language, told in self.instance.translations.items():
            for text, words in told.items():
                if f"{text}_{language}" in self.fields:
                    self.initial.setdefault(f"{text}_{language}", words)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = [text for text in TRANSLATED if cleaned.get(text)]
        translations = {}
        for language in further_languages():
            told = {text: cleaned.get(f"{text}_{language}") for text in TRANSLATED}
            told = {text: words for text, words in told.items() if words}
            if told:
                translations[language] = told
            for text in wanted:
                if told and text not in told:
                    self.add_error(f"{text}_{language}", "Translate all of it, or nothing.")
        self.instance.translations = translations
        return cleaned

    def _post_clean(self) -> None:
        if not self.keeps_draft:
            super()._post_clean()  # type: ignore[misc]
            return
        active = self.cleaned_data.pop("active", False)
        self.instance.active = False
        super()._post_clean()  # type: ignore[misc]
        self.instance.active = self.cleaned_data["active"] = active


def _translated_field(text: str, name: str) -> forms.CharField:
    field = Activity._meta.get_field(text)
    widget = forms.Textarea(attrs={"rows": 4}) if isinstance(field, models.TextField) else forms.TextInput()
    widget.attrs["class"] = "vLargeTextField" if isinstance(field, models.TextField) else "vTextField"
    label = f"{text.replace('_', ' ').capitalize()} in {name}"
    return forms.CharField(required=False, label=label, max_length=getattr(field, "max_length", None), widget=widget)


TRANSLATION_FIELDS = tuple(f"{text}_{language}" for language in further_languages() for text in TRANSLATED)
ActivityForm: Any = type(
    "ActivityForm",
    (BaseActivityForm,),
    {
        f"{text}_{language}": _translated_field(text, name)
        for language, name in further_languages().items()
        for text in TRANSLATED
    },
)

_SAID = [("", "Nothing said"), ("-0.8", "Unpleasant"), ("0", "In between"), ("0.8", "Pleasant")]
_ENERGY = [("-0.8", "Low"), ("0", "In between"), ("0.8", "High")]


class PreviewForm(forms.Form):
    """A made-up person at a made-up moment. Nothing typed here is kept."""

    expression = forms.ChoiceField(
        choices=[("", "Nothing known yet"), *NAMES.items()], required=False, label="Their face often looked"
    )
    percent = forms.IntegerField(min_value=5, max_value=100, initial=40, label="In so many of 100 snapshots")
    pleasantness = forms.ChoiceField(choices=_SAID, required=False, label="Their check-ins said")
    energy = forms.ChoiceField(choices=_ENERGY, initial="0", label="With energy")
    at = forms.DateTimeField(
        label="The moment",
        initial=timezone.localtime,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place = forms.ChoiceField(
        choices=[("", "Anywhere"), *((place, PLACE_NAMES[place]) for place in PLACES)], required=False, initial="desk"
    )
    minutes = forms.IntegerField(min_value=1, max_value=90, required=False, label="Minutes they have")
    avoid = forms.MultipleChoiceField(
        choices=[(limit, LIMIT_NAMES[limit]) for limit in LIMITS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Asked to be spared",
    )
    draw = forms.IntegerField(min_value=1, max_value=1_000_000, initial=1, widget=forms.HiddenInput)
