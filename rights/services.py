"""Take everything away, bring it back, and leave: what every person may do with what is theirs."""

import io
import logging
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyzipper
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.adapters import forget_limits
from accounts.choices import Event
from accounts.limits import count_use
from accounts.models import Session, User
from accounts.notices import tell
from accounts.selectors import get_timezone
from core.exceptions import TooOften, WellbeingError
from emotion.models import Consent, PersonalSettings, Schedule
from emotion.selectors import get_consents, get_personal_settings, get_schedule
from emotion.services.consents import withdraw_consent
from recommender.dashboard.entry_lines import describe_entries
from recommender.dashboard.selectors import get_titles
from rights.export_csv import write_csv
from rights.export_json import MAX_ENTRIES, MAX_MOMENTS, Document, DocumentInvalid, check_days, read_json, write_json
from rights.pace import at_ease
from vault.journal.compaction import add_entries
from vault.journal.entries import OpenedVault
from vault.journal.reading import read_journal
from vault.selectors import has_vault
from vault.services.audit import record_event
from vault.services.lifecycle import erasing_vault, prove_owner

logger = logging.getLogger(__name__)

#: Files take seconds, and memory by the megabyte: one is made or taken at a time, so that everybody else goes on.
_files = threading.Lock()
_FILE_SECONDS: Final = 20

FORMATS: Final = ("json", "csv", "pdf")
_SCHEDULE: Final = (
    "enabled", "days", "timezone", "mode", "per_day", "every_minutes", "times", "min_gap_minutes", "quiet",
    "expiry_minutes",
)  # fmt: skip
_TYPES: Final = {"json": "application/json", "csv": "text/csv", "pdf": "application/pdf", "zip": "application/zip"}


class ImportRefused(WellbeingError):
    code, status = "import_refused", 400
    detail = _("That file could not be read. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class ExportFile:
    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many entries were new, and how many were not: there already, deleted since, or older than they are kept."""

    added: int
    known: int


@dataclass(frozen=True, slots=True)
class DeletionReceipt:
    """What went with an account, for the one page that says so."""

    at: datetime
    had_vault: bool
    consents: int
    sessions: int
    addresses: int


def gather_document(*, user: User, opened: OpenedVault, since: datetime | None = None) -> Document:
    return Document(
        made_at=timezone.now(),
        account={"email": user.email, "joined_at": user.date_joined.isoformat()},
        consents=tuple(_show_consent(consent) for consent in get_consents(user)),
        schedule=_show_schedule(get_schedule(user)),
        personal=_show_personal(get_personal_settings(user)),
        journal=read_journal(opened, since=since),
    )


def make_export(
    *, user: User, opened: OpenedVault, formats: Collection[str], password: str = "", since: datetime | None = None
) -> ExportFile:
    """One file, or a zip when there are several or a password; noted in the journal before anything leaves.

    Raises TooOften while another is being made, or after many in one hour.
    """
    with _one_at_a_time():
        count_use(user, "export")
        return _make_export(user, opened, formats, password, since)


def _make_export(
    user: User, opened: OpenedVault, formats: Collection[str], password: str, since: datetime | None
) -> ExportFile:
    document = gather_document(user=user, opened=opened, since=since)
    record_event(user=user, event=Event.EXPORTED, detail=", ".join(formats) + (", with a password" if password else ""))
    zone = ZoneInfo(get_timezone(user))
    stem = f"wellbeing-{document.made_at.astimezone(zone):%Y-%m-%d}"
    files = {f"{stem}.{name}": _write(name, document, zone) for name in formats}
    if len(files) == 1 and not password:
        ((name, content),) = files.items()
        return ExportFile(name, _TYPES[name.rpartition(".")[2]], content)
    return ExportFile(f"{stem}.zip", _TYPES["zip"], _write_zip(files, password=password))


def import_document(*, user: User, opened: OpenedVault, data: bytes) -> Imported:
    """Add what an export holds and the journal does not, straight into its pages. All of it or nothing.

    What is older than entries are kept is left out. Raises ImportRefused, JournalDamaged, and TooOften while another
    file is taken or made, or after many in one day.
    """
    with _one_at_a_time():
        count_use(user, "import")
        return _import_document(user, opened, data)


def _import_document(user: User, opened: OpenedVault, data: bytes) -> Imported:
    there = read_journal(opened).entries
    known = {entry.id for entry in there}
    try:
        entries = read_json(data, now=timezone.now())
        new = {entry.id: entry for entry in entries if entry.id not in known}
        check_days(new.values(), beside=there)
    except DocumentInvalid as error:
        raise ImportRefused(f"{error} {gettext('Nothing was changed.')}") from error
    if len(known) + len(new) > MAX_ENTRIES:
        told = gettext("A journal holds at most %(most)s entries. Nothing was changed.")
        raise ImportRefused(told % {"most": f"{MAX_ENTRIES:,}"})
    added = add_entries(opened, new.values())
    record_event(user=user, event=Event.IMPORTED, detail=f"{added} new")
    return Imported(added=added, known=len(entries) - added)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of this process. Raises TooOften."""
    if not _files.acquire(blocking=False):
        told = gettext("Another file is being written right now. Please try again in %(seconds)d seconds.")
        raise TooOften(told % {"seconds": _FILE_SECONDS}, retry_after=_FILE_SECONDS)
    try:
        yield
    finally:
        _files.release()


def delete_account(*, user: User, secret: str) -> DeletionReceipt:
    """Everything of the person goes, in one transaction; last the key that every backup of their vault would need.

    Workers that hold a capture of theirs write nothing afterwards. Where there is a vault, raises what `prove_owner`
    raises.
    """
    if has_vault(user):
        prove_owner(user=user, secret=secret)
    receipt = DeletionReceipt(
        at=timezone.now(),
        had_vault=has_vault(user),
        consents=Consent.objects.filter(user=user).count(),
        sessions=Session.objects.filter(user=user).count(),
        addresses=EmailAddress.objects.filter(user=user).exclude(email=user.email).count() + 1,
    )
    user_id = user.pk
    forget_limits(user)
    with transaction.atomic():
        # What administrators did to the account names it.
        about = ContentType.objects.get_for_model(User)
        LogEntry.objects.filter(content_type=about, object_id=str(user.pk)).delete()
        withdraw_consent(user=user)
        tell(user, Event.ACCOUNT_DELETED)
        with erasing_vault(user=user):
            user.delete()
    logger.info("user %s: account deleted by its person", user_id)
    return receipt


def _write_zip(files: Mapping[str, bytes], *, password: str) -> bytes:
    """AES-256 (WinZip's AE-2) where there is a password; the names of the files stay readable."""
    buffer = io.BytesIO()
    with pyzipper.AESZipFile(buffer, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        if password:
            archive.setpassword(password.encode())
            archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _write(name: str, document: Document, zone: ZoneInfo) -> bytes:
    if name == "json":
        return write_json(document)
    journal = document.journal
    entries = journal.entries if name == "csv" else journal.entries[-MAX_MOMENTS:]
    described = describe_entries(at_ease(entries), zone=zone, corrections=journal.corrections, titles=get_titles())
    if name == "csv":
        return write_csv(document, described=described, zone=zone)
    from rights.export_pdf import write_pdf  # noqa: PLC0415 -- a library that few requests need
    from rights.report_text import make_report  # noqa: PLC0415 -- knows the report

    return write_pdf(make_report(document, described=described, zone=zone))


def _show_schedule(schedule: Schedule) -> dict[str, Any]:
    """What the person chose; not the seed of its random moments."""
    chosen = {name: getattr(schedule, name) for name in _SCHEDULE}
    hours = {name: getattr(schedule, name).isoformat("minutes") for name in ("start", "end")}
    pause = schedule.paused_until.isoformat() if schedule.paused_until else None
    return {**chosen, **hours, "paused_until": pause}


def _show_personal(personal: PersonalSettings) -> dict[str, Any]:
    """How the person's own readings are shown to them; the resting face itself is an entry of that day."""
    day = personal.resting_face_on
    return {
        "ask_first": personal.ask_first,
        "resting_face_on": day.isoformat() if day else None,
        "resting_face_model": personal.resting_face_model,
    }


def _show_consent(consent: Consent) -> dict[str, str | None]:
    return {
        "id": str(consent.pk),
        "purpose": consent.purpose,
        "purpose_label": consent.get_purpose_display(),
        "text_version": consent.text_version,
        "text_hash": consent.text_hash,
        "given_at": consent.given_at.isoformat(),
        "ended_at": consent.ended_at.isoformat() if consent.ended_at else None,
    }
