"""What the vault's pages ask for. How strong a passphrase must be is the service's rule."""

from __future__ import annotations

import hmac
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from vault.crypto import split_groups
from vault.crypto.passphrases import MAX_LENGTH

ERASE_WORDS = "erase everything"
_KEEP_DAYS = {30: "a month", 90: "three months", 182: "half a year", 365: "a year"}


def _passphrase_field(label: str, *, is_new: bool, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput(
        attrs={"autocomplete": "new-password" if is_new else "current-password", "maxlength": MAX_LENGTH}
    )
    return forms.CharField(label=label, max_length=MAX_LENGTH, strip=False, widget=widget, help_text=help_text)


class _Form(forms.Form):
    """Labels without a colon, as everywhere on the site."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class NewPassphraseForm(_Form):
    new_passphrase = _passphrase_field("New passphrase", is_new=True, help_text="A few unrelated words work well.")
    again = _passphrase_field("The same once more", is_new=True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("again") and cleaned.get("new_passphrase") != cleaned["again"]:
            raise ValidationError({"again": "The two are not the same."})
        return cleaned


class OpenForm(_Form):
    passphrase = _passphrase_field("Passphrase", is_new=False)


class ChangeForm(NewPassphraseForm):
    passphrase = _passphrase_field("Passphrase until now", is_new=False)
    field_order = ["passphrase", "new_passphrase", "again"]


class RecoverForm(NewPassphraseForm):
    code = forms.CharField(
        label="Recovery code",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text="13 groups of four. Capitals, blanks and dashes do not matter.",
    )
    field_order = ["code", "new_passphrase", "again"]


class CodeCheckForm(_Form):
    """Two groups of the recovery code, typed back from the paper."""

    def __init__(self, *args: Any, recovery_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = split_groups(recovery_code)
        for place in asked_places(recovery_code):
            self.fields[f"group_{place}"] = forms.CharField(
                label=f"Group {place}",
                max_length=8,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, typed in list(cleaned.items()):
            wanted = self._groups[int(name.removeprefix("group_")) - 1]
            if not hmac.compare_digest(typed.strip().upper().encode(), wanted.encode()):
                self.add_error(name, "This is not what the code says here. Please look again.")
        return cleaned


class KeepForm(_Form):
    """How long entries are kept: the site's rule, or one of the shorter times."""

    days = forms.TypedChoiceField(label="Keep entries for", coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = settings.KEEP_DAYS
        days = [days for days in _KEEP_DAYS if days < longest]
        chosen = self.initial.get("days")
        kept = sorted({*days, longest} | ({chosen} if chosen else set()))
        self.fields["days"].choices = [(days, _in_words(days)) for days in kept]  # type: ignore[attr-defined]


class EraseForm(_Form):
    confirmation = forms.CharField(
        label=f"Type “{ERASE_WORDS}”",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"].strip().lower().strip("“”\"'")
        if typed != ERASE_WORDS:
            raise ValidationError("Nothing was erased: the words are not the same.")
        return typed


def asked_places(recovery_code: str) -> tuple[int, int]:
    """Which two of the 13 groups, counted from 1, are asked back: the same for one code, whatever is reloaded."""
    groups = split_groups(recovery_code)
    number = int.from_bytes(recovery_code.encode(), "big")
    first = number % len(groups)
    second = (first + 1 + number // len(groups) % (len(groups) - 1)) % len(groups)
    low, high = sorted((first + 1, second + 1))
    return low, high


def _in_words(days: int) -> str:
    return _KEEP_DAYS.get(days, f"{days} days")
