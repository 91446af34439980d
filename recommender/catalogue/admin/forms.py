"""Forms with translations, drafts of an activity, and the made-up person of the preview."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, cast

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core import serializers
from django.db import models
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from emotion.choices import Expression
from recommender.catalogue.fields import further_languages
from recommender.catalogue.models import ActivityDraft
from recommender.choices import Limit, Place


class UnchangedForm(forms.ModelForm):
    """Notices when what it shows was saved by somebody else since the page was opened. Saving again then overrides."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.read_saved()

    def read_saved(self) -> str:
        """A digest of what is in the database now; empty for what is new."""
        return self.digest_rows(type(self.instance)._default_manager.filter(pk=self.instance.pk))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        before, now = cleaned.pop("seen", ""), self.initial["seen"]
        if before and self.was_changed(before, now):
            self.data = cast("QueryDict", self.data).copy()
            self.data["seen"] = now
            raise forms.ValidationError(
                _("Somebody else saved this since you opened it. Here is what you typed: save again to replace theirs.")
            )
        return cleaned

    def was_changed(self, before: str, now: str) -> bool:
        return before != now

    def digest_rows(self, rows: "models.QuerySet[Any]") -> str:
        """Nobody else saves them between the comparison and the end of a request that saves."""
        text = serializers.serialize("json", rows.select_for_update() if self.is_bound else rows)
        return hashlib.sha256(text.encode()).hexdigest()[:16] if text != "[]" else ""


class TranslatedForm(UnchangedForm):
    """Fields named `title_de` and so on hold what the model keeps in `translations`."""

    texts: tuple[str, ...] = ()
    find_problem: Callable[[str], str | None]
    translated: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language, told in self.instance.translations.items():
            for text, words in told.items():
                if f"{text}_{language}" in self.fields:
                    self.initial.setdefault(f"{text}_{language}", words)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.translations = {}
        for language in further_languages():
            told = {text: words for text in self.texts if (words := cleaned.get(f"{text}_{language}"))}
            if not told:
                continue
            self.instance.translations[language] = told
            for text in self.texts:
                if cleaned.get(text) and text not in told:
                    self.add_error(f"{text}_{language}", _("Translate all of it, or nothing."))
                elif problem := self.find_problem(told.get(text, "")):
                    self.add_error(f"{text}_{language}", problem)
        return cleaned


class DraftForm(TranslatedForm):
    """A draft need not be ready to go live; whoever saves has seen what it replaces, a draft or what is live."""

    shows_draft = False

    def read_saved(self) -> str:
        return f"{super().read_saved()}:{self.digest_rows(ActivityDraft.objects.filter(activity_id=self.instance.pk))}"

    def was_changed(self, before: str, now: str) -> bool:
        """A draft leaves what is live alone, and a direct save leaves the draft alone unless it began with it."""
        live, draft = (
            one != other for one, other in zip(before.partition(":")[::2], now.partition(":")[::2], strict=True)
        )
        keeps_draft = "_draft" in self.data
        return draft if keeps_draft else live or (draft and self.shows_draft)

    def _post_clean(self) -> None:
        if "_draft" not in self.data:
            super()._post_clean()  # type: ignore[misc]
            return
        active = self.cleaned_data.pop("active", False)
        self.instance.active = False
        super()._post_clean()  # type: ignore[misc]
        self.instance.active = self.cleaned_data["active"] = active


def make_translated_form(model: type[models.Model], base: type[TranslatedForm] = TranslatedForm) -> Any:
    """One field for each text of `model` in each further language; the administration adds all but `translations`."""
    field: Any = model._meta.get_field("translations")
    texts: tuple[str, ...] = field.texts
    fields = {
        f"{text}_{code}": _make_field(model, text, language)
        for code, language in further_languages().items()
        for text in texts
    }
    meta = type("Meta", (), {"exclude": ("translations",)})
    further = {
        "texts": texts,
        "find_problem": staticmethod(field.find_problem),
        "translated": tuple(fields),
        "Meta": meta,
    }
    return type(f"{model.__name__}Form", (base,), fields | further)


def _make_field(model: type[models.Model], text: str, language: str) -> Any:
    field: Any = model._meta.get_field(text)
    long = isinstance(field, models.TextField)
    widget = AdminTextareaWidget({"rows": 4}) if long else AdminTextInputWidget()
    label = f"{str(field.verbose_name).capitalize()} in {language}"
    return field.formfield(required=False, label=label, widget=widget, help_text="")


_SAID = [("", _("Nothing said")), ("-0.8", _("Unpleasant")), ("0", _("In between")), ("0.8", _("Pleasant"))]
_ENERGY = [("-0.8", _("Low")), ("0", _("In between")), ("0.8", _("High"))]
#: The preview looks back from its moment, and calendars end.
_YEARS: Final = (2000, 2100)


class PreviewForm(forms.Form):
    """A made-up person at a made-up moment. Nothing typed here is kept."""

    expression = forms.ChoiceField(
        choices=[("", _("Nothing known yet")), *((look.value, capfirst(look.label)) for look in Expression)],
        required=False,
        label=_("Their face often looked"),
    )
    percent = forms.IntegerField(min_value=5, max_value=100, initial=40, label=_("In so many of 100 snapshots"))
    pleasantness = forms.ChoiceField(choices=_SAID, required=False, label=_("Their check-ins said"))
    energy = forms.ChoiceField(choices=_ENERGY, initial="0", label=_("With energy"))
    at = forms.DateTimeField(
        label=_("The moment"),
        initial=timezone.localtime,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place = forms.ChoiceField(choices=[("", _("Anywhere")), *Place.choices], required=False, initial="desk")
    minutes = forms.IntegerField(min_value=1, max_value=90, required=False, label=_("Minutes they have"))
    avoid = forms.MultipleChoiceField(
        choices=Limit,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=_("Asked to be spared"),
    )
    draw = forms.IntegerField(min_value=1, max_value=1_000_000, initial=1, widget=forms.HiddenInput)

    def clean_at(self) -> datetime:
        """Raises ValidationError outside of the years that can be looked at."""
        at: datetime = self.cleaned_data["at"]
        first, last = _YEARS
        if not first <= at.year <= last:
            told = gettext("Please choose a year from %(first)d to %(last)d.")
            raise forms.ValidationError(told % {"first": first, "last": last})
        return at
