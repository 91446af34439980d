"""What the vault's pages ask for. How strong a passphrase must be is the service's rule."""

import hmac
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.forms import SiteForm, TypedWordsForm
from vault.crypto.passphrases import MAX_LENGTH, suggest_passphrase
from vault.crypto.recovery import split_groups

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_KEEP_DAYS: Final = {30: _("a month"), 90: _("three months"), 182: _("half a year"), 365: _("a year")}


def passphrase_field(label: "StrOrPromise", *, is_new: bool = True, **more: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password" if is_new else "current-password"})
    return forms.CharField(label=label, max_length=MAX_LENGTH, strip=False, widget=widget, **more)


def secret_field() -> forms.CharField:
    """What shows that it is the owner who ends their vault; left empty by who has waited instead."""
    return passphrase_field(_("Passphrase or recovery code"), is_new=False, required=False)


class NewPassphraseForm(SiteForm):
    """The six words offered, unless somebody types a passphrase of their own; typed back once in any case."""

    offered = forms.CharField(
        max_length=MAX_LENGTH,
        required=False,
        initial=suggest_passphrase,
        widget=forms.HiddenInput(attrs={"autocomplete": "off"}),
    )
    new_passphrase = passphrase_field(
        _("A passphrase of my own"),
        required=False,
        help_text=_("At least five words that have nothing to do with each other, or with you."),
    )
    again = passphrase_field(_("Your passphrase, typed once"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.get("new_passphrase") or cleaned.get("offered", "")
        typed = cleaned.get("again", "")
        if typed and chosen.strip() != typed.strip():
            raise ValidationError({"again": _("This is not the passphrase above. Please look again.")})
        return cleaned | {"new_passphrase": chosen}


class HiddenSecret(forms.PasswordInput):
    """Filled in by a script, and never sent back."""

    input_type = "hidden"


class PasskeyForm(SiteForm):
    """What a passkey says: its id, and the secret of its lock. Scripts fill it in."""

    credential = forms.CharField(max_length=1400, required=False, widget=forms.HiddenInput)
    secret = forms.CharField(max_length=64, required=False, widget=HiddenSecret(attrs={"autocomplete": "off"}))


class OpenForm(PasskeyForm):
    """Or a passphrase."""

    passphrase = passphrase_field(_("Passphrase"), is_new=False, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("secret") and not cleaned.get("passphrase") and "passphrase" not in self.errors:
            raise ValidationError({"passphrase": forms.Field.default_error_messages["required"]})
        return cleaned


class ChangeForm(NewPassphraseForm):
    passphrase = passphrase_field(_("Passphrase until now"), is_new=False)
    field_order = ["passphrase", "offered", "new_passphrase", "again"]


class RecoverForm(NewPassphraseForm):
    code = forms.CharField(
        label=_("Recovery code"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("13 groups of four. Capitals, blanks and dashes do not matter."),
    )
    field_order = ["code", "offered", "new_passphrase", "again"]


class CodeCheckForm(SiteForm):
    """Two groups of the recovery code, typed back from the paper."""

    def __init__(self, *args: Any, recovery_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = split_groups(recovery_code)
        for place in asked_places(recovery_code):
            self.fields[f"group_{place}"] = forms.CharField(
                label=_("Group %(place)d") % {"place": place},
                max_length=8,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, typed in list(cleaned.items()):
            wanted = self._groups[int(name.removeprefix("group_")) - 1]
            if not hmac.compare_digest(typed.strip().upper().encode(), wanted.encode()):
                self.add_error(name, _("This is not what the code says here. Please look again."))
        return cleaned


class KeepForm(SiteForm):
    """How long entries are kept: the site's rule, or one of the shorter times."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest, chosen = settings.KEEP_DAYS, self.initial.get("days")
        offered = {days for days in _KEEP_DAYS if days < longest} | {longest, chosen or longest}
        choices = [
            (days, _KEEP_DAYS.get(days) or ngettext("%(days)d day", "%(days)d days", days) % {"days": days})
            for days in sorted(offered)
        ]
        self.fields["days"] = forms.TypedChoiceField(label=_("Keep entries for"), coerce=int, choices=choices)


class EraseForm(TypedWordsForm):
    secret = secret_field()
    field_order = ["secret", "confirmation"]
    words = _("erase everything")
    refusal = _("Nothing was erased: the words are not the same.")


def asked_places(recovery_code: str) -> tuple[int, int]:
    """Which two of the 13 groups, counted from 1, are asked back: the same for one code, whatever is reloaded."""
    groups = split_groups(recovery_code)
    number = int.from_bytes(recovery_code.encode(), "big")
    first = number % len(groups)
    second = (first + 1 + number // len(groups) % (len(groups) - 1)) % len(groups)
    low, high = sorted((first + 1, second + 1))
    return low, high
