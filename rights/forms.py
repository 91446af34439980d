"""What the pages about taking away and leaving ask for."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import SiteForm, TypedWordsForm
from rights.export_json import MAX_BYTES
from rights.services import FORMATS
from vault.crypto.passphrases import judge_passphrase
from vault.forms import passphrase_field, secret_field
from vault.services.strength import WeakPassphrase

_FORMAT_NAMES: Final = {
    "json": _("JSON: everything, and the one to bring back"),
    "csv": _("CSV: a table for spreadsheets"),
    "pdf": _("PDF: to read or to show"),
}
_SPANS: Final = {"all": _("Everything"), "31": _("The last month"), "366": _("The last year")}


class ExportForm(SiteForm):
    formats = forms.MultipleChoiceField(
        label=_("As"),
        choices=[(name, _FORMAT_NAMES[name]) for name in FORMATS],
        widget=forms.CheckboxSelectMultiple,
        initial=list(FORMATS),
        error_messages={"required": _("Please choose at least one.")},
    )
    span = forms.ChoiceField(label=_("Of"), choices=list(_SPANS.items()), initial="all")
    password = passphrase_field(
        _("Password for the zip, if you want one"),
        required=False,
        help_text=_("Chosen by you and kept nowhere: lose it, and this file stays shut."),
    )
    again = passphrase_field(_("The same once more"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password", "")
        if password != cleaned.get("again", ""):
            raise ValidationError({"again": _("The two are not the same.")})
        if password and not judge_passphrase(password).is_enough:
            raise ValidationError({"password": WeakPassphrase.detail})
        return cleaned

    @property
    def since(self) -> datetime | None:
        span = self.cleaned_data["span"]
        return None if span == "all" else timezone.now() - timedelta(days=int(span))


class ImportForm(SiteForm):
    file = forms.FileField(
        label=_("A JSON export of this site"),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={"empty": _("The file is empty."), "required": _("Please choose a file.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than %(most)d MB.") % {"most": MAX_BYTES // 1024 // 1024})
        return file


class LeaveForm(TypedWordsForm):
    secret = secret_field()
    field_order = ["secret", "confirmation"]
    words = _("delete my account")
    refusal = _("Nothing was deleted: the words are not the same.")

    def __init__(self, *args: Any, has_vault: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_vault:
            del self.fields["secret"]
