"""A field that holds several words out of a fixed list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models


class WordsField(models.JSONField):
    """A JSON list of words out of `options` (word, label), edited as check boxes and kept in the options' order."""

    def __init__(self, *args: Any, options: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        self.options = tuple(options)
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, list):
            raise ValidationError("This must be a list of words.", code="invalid")
        known = [word for word, _ in self.options]
        unknown = [str(word) for word in value if word not in known]
        if unknown:
            message = f"Unknown: {', '.join(unknown)}. Known words: {', '.join(known)}."
            raise ValidationError(message, code="invalid_choice")

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        chosen = super().clean(value, model_instance)
        return [word for word, _ in self.options if word in chosen]

    def formfield(self, **kwargs: Any) -> forms.Field:  # type: ignore[override]
        return forms.MultipleChoiceField(
            choices=self.options,
            widget=forms.CheckboxSelectMultiple,
            required=not self.blank,
            label=str(self.verbose_name).capitalize(),
            help_text=self.help_text,
        )
