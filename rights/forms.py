"""What the pages about taking away and leaving ask for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from rights.export_json import MAX_BYTES
from rights.services import FORMATS
from vault.crypto.passphrases import MAX_LENGTH, judge_passphrase

LEAVE_WORDS: Final = "delete my account"
_FORMAT_NAMES: Final = {
    "json": "JSON: everything, and the one to bring back",
    "csv": "CSV: a table for spreadsheets",
    "pdf": "PDF: to read or to show",
}
_SPANS: Final = {"all": "Everything", "31": "The last month", "366": "The last year"}


class ExportForm(forms.Form):
    formats = forms.MultipleChoiceField(
        label="As",
        choices=[(name, _FORMAT_NAMES[name]) for name in FORMATS],
        widget=forms.CheckboxSelectMultiple,
        initial=list(FORMATS),
        error_messages={"required": "Please choose at least one."},
    )
    span = forms.ChoiceField(label="Of", choices=list(_SPANS.items()), initial="all")
    password = forms.CharField(
        label="Password for the zip, if you want one",
        required=False,
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Chosen by you and kept nowhere: lose it, and this file stays shut.",
    )
    again = forms.CharField(
        label="The same once more",
        required=False,
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password", "")
        if password != cleaned.get("again", ""):
            raise ValidationError({"again": "The two are not the same."})
        if password and not judge_passphrase(password).is_enough:
            raise ValidationError({"password": "That would be too easy to guess. A few unrelated words work well."})
        return cleaned

    @property
    def since(self) -> datetime | None:
        span = self.cleaned_data["span"]
        return None if span == "all" else timezone.now() - timedelta(days=int(span))


class ImportForm(forms.Form):
    file = forms.FileField(
        label="A JSON export of this site",
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={"empty": "The file is empty.", "required": "Please choose a file."},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.")
        return file


class LeaveForm(forms.Form):
    confirmation = forms.CharField(
        label=f"Type “{LEAVE_WORDS}”",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"].strip().lower().strip("“”\"'")
        if typed != LEAVE_WORDS:
            raise ValidationError("Nothing was deleted: the words are not the same.")
        return typed
