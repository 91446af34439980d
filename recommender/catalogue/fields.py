"""Fields that hold several words out of a fixed list, and texts in further languages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from core.wording_lint import find_judgements
from recommender.catalogue.addresses import find_addresses


class WordsField(models.JSONField):
    """A JSON list of words out of `options` (word, label), edited as check boxes and kept in the options' order."""

    def __init__(self, *args: Any, options: Sequence[tuple[str, Any]] = (), **kwargs: Any) -> None:
        self.options = tuple(options)
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, list):
            raise ValidationError(_("This must be a list of words."), code="invalid")
        known = [word for word, _ in self.options]
        unknown = [str(word) for word in value if word not in known]
        if unknown:
            message = _("Unknown: %(unknown)s. Known words: %(known)s.")
            told = {"unknown": ", ".join(unknown), "known": ", ".join(known)}
            raise ValidationError(message % told, code="invalid_choice")

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        chosen = super().clean(value, model_instance)
        return [word for word, _ in self.options if word in chosen]

    def formfield(self, **kwargs: Any) -> forms.Field:
        return forms.MultipleChoiceField(
            choices=self.options,
            widget=forms.CheckboxSelectMultiple,
            required=not self.blank,
            label=str(self.verbose_name).capitalize(),
            help_text=self.help_text,
        )


def find_judging_problem(text: str) -> str | None:
    """What to tell whoever wrote a text that diagnoses or judges."""
    phrases = ", ".join(phrase for _line, phrase in find_judgements(text))
    told = _("Say what was seen or said, not what somebody is: %(phrases)s.")
    return told % {"phrases": phrases} if phrases else None


def find_offered_problem(text: str) -> str | None:
    """As `find_judging_problem`, and nothing that is offered leads to where somebody could see who follows it."""
    told = _("Leave out addresses and numbers to call, and put a blank after each full stop: %(addresses)s.")
    addresses = ", ".join(find_addresses(text))
    return find_judging_problem(text) or (told % {"addresses": addresses} if addresses else None)


def further_languages() -> dict[str, str]:
    """Code and English name of every language but the first, which the other fields are written in."""
    codes = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return {code: str(get_language_info(code)["name"]) for code in codes}


class TranslationsField(models.JSONField):
    """`{language: {text: translation}}` of the fields named `texts`; a language is there whole or not at all.

    `find_problem` says what is wrong with a text, if anything.
    """

    def __init__(
        self,
        *args: Any,
        texts: Sequence[str] = (),
        find_problem: Callable[[str], str | None] = find_offered_problem,
        **kwargs: Any,
    ) -> None:
        self.texts, self.find_problem = tuple(texts), find_problem
        kwargs |= {"default": dict, "blank": True}
        super().__init__(*args, **kwargs)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, Mapping):
            raise ValidationError(_("This must map languages to texts."), code="invalid")
        problems = [problem for code, told in value.items() for problem in self._check(code, told, model_instance)]
        if problems:
            raise ValidationError(problems, code="invalid")

    def _check(self, language: str, told: Any, instance: models.Model | None) -> Iterator[str]:
        if language not in further_languages() or not isinstance(told, Mapping):
            yield _("Unknown language: %(language)s.") % {"language": language}
            return
        for text in [text for text in told if text not in self.texts]:
            yield _("%(language)s: unknown text %(text)s.") % {"language": language, "text": text}
        for text in self.texts:
            words, limit = told.get(text, ""), getattr(self.model._meta.get_field(text), "max_length", None) or 0
            name = {"language": language, "text": text.replace("_", " "), "most": limit}
            if not isinstance(words, str) or len(words) > limit:
                yield _("%(language)s: %(text)s must be a text of at most %(most)d characters.") % name
            elif problem := self.find_problem(words):
                yield f"{language}: {problem}"
            if not words and getattr(instance, text, None):
                yield _("%(language)s: %(text)s is not translated.") % name

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        cleaned = super().clean(value, model_instance)
        return {
            language: {text: told[text] for text in self.texts if told.get(text)} for language, told in cleaned.items()
        }
