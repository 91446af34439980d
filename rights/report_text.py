"""The words of the readable document and of the pages about camera and account, from journal entries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from statistics import fmean
from typing import Any, Final
from uuid import UUID

from emotion.labels import EXPRESSIONS, READING
from recommender.dashboard.entry_lines import Line as DescribedLine
from recommender.dashboard.wording import LOOKS, count_of, energy_word, pleasantness_word
from rights.export_json import Document
from rights.export_pdf import Report
from vault.journal.contents import AnyEntry, Journal, JournalEntry
from vault.journal.kinds import Audit, Camera, CheckIn, Ending, Event, Reading, Trigger

CAMERA_ENDINGS: Final[Mapping[Ending, str]] = {
    "sent": "Sent, read and destroyed",
    "dropped": "Not accepted or no connection, so dropped",
    "discarded": "Discarded in your browser",
    "skipped": "Skipped",
    "denied": "Not allowed by the browser",
    "failed": "The camera did not work",
    "stopped": "Stopped",
}
CAMERA_TRIGGERS: Final[Mapping[Trigger, str]] = {
    "manual": "you pressed the button",
    "scheduled": "on your schedule",
    "neutral": "for your resting face",
}
EVENTS: Final[Mapping[Event, str]] = {
    "vault_opened": "Vault opened",
    "vault_refused": "Wrong passphrase or code",
    "vault_made": "Vault made",
    "passphrase_changed": "Passphrase changed",
    "vault_recovered": "Recovered with the code on paper",
    "vault_renewed": "Given new keys",
    "exported": "Exported",
    "imported": "Imported",
    "new_browser": "Signed in with a new browser",
    "second_factor_added": "Second step set up",
    "second_factor_removed": "Second step removed",
    "second_factor_codes_made": "New sign-in codes made",
    "password_changed": "Sign-in password changed",
    "password_given": "Sign-in password set by an administrator",
    "address_changed": "E-mail address changed",
    "token_made": "API token made",
    "token_revoked": "API token revoked",
}
_DETAILS: Final[Mapping[str, str]] = {
    "totp": "authenticator app",
    "webauthn": "passkey or security key",
    "recovery_codes": "codes on paper",
}
MONTH_HEADS: Final = ("Month", "Snapshots read", "Looked most", "Check-ins", "Felt", "Energy")


def tell_event(audit: Audit) -> tuple[str, str]:
    """Heading and detail of one audit entry."""
    return EVENTS[audit.event], _DETAILS.get(audit.detail, audit.detail)


def tell_camera_use(use: Camera) -> tuple[str, str]:
    """Heading and detail of one camera entry."""
    return CAMERA_ENDINGS[use.ended], CAMERA_TRIGGERS[use.trigger]


def count_endings(uses: Iterable[Camera]) -> list[tuple[str, int]]:
    """How often each ending came, in the order of `CAMERA_ENDINGS`, none left out."""
    counts = Counter(use.ended for use in uses)
    return [(words, counts[ending]) for ending, words in CAMERA_ENDINGS.items()]


def make_report(document: Document, *, described: Sequence[DescribedLine], zone: tzinfo) -> Report:
    made = document.made_at.astimezone(zone)
    oldest_first = sorted(described, key=lambda line: line.at)
    shown = [line for line in oldest_first if line.in_report]
    return Report(
        title="My journal",
        subtitle=f"Made on {_day(made)} at {made:%H:%M}, times in {zone}. An expression is not a feeling.",
        facts=_facts(document, zone),
        month_heads=MONTH_HEADS,
        months=_months(document, zone),
        moments=shown,
        sections=(
            ("Consents", tuple(_tell_consent(consent) for consent in document.consents)),
            ("Account and vault", tuple(_tell_audit(entry, zone) for entry in document.journal.of(Audit))),
        ),
    )


def _facts(document: Document, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    readings = document.journal.of(Reading)
    span = [entry.at.astimezone(zone) for entry in document.entries]
    facts = [
        ("Of", str(document.account["email"])),
        ("From, to", f"{_day(min(span))} to {_day(max(span))}" if span else "nothing noted yet"),
        ("Snapshots", f"{len(readings)}, of which {sum(bool(_likeliest(e.data)) for e in readings)} gave a reading"),
        ("Check-ins", str(len(document.journal.of(CheckIn)))),
        ("Camera used", count_of(len(document.journal.of(Camera)), "time")),
    ]
    damaged = len(document.journal.damaged)
    if damaged:
        facts.append(("Not readable", f"{count_of(damaged, 'entry', 'entries')}, damaged"))
    return tuple(facts)


def _months(document: Document, zone: tzinfo) -> tuple[tuple[str, ...], ...]:
    months: dict[tuple[int, int], list[AnyEntry]] = defaultdict(list)
    for entry in document.entries:
        at = entry.at.astimezone(zone)
        months[at.year, at.month].append(entry)
    return tuple(_month(month, Journal(tuple(months[month])), document.journal.corrections) for month in sorted(months))


def _month(month: tuple[int, int], journal: Journal, corrections: Mapping[UUID, str]) -> tuple[str, ...]:
    looks = [corrections.get(entry.id) or _likeliest(entry.data) for entry in journal.of(Reading)]
    seen = Counter(look for look in looks if look)
    checkins = [entry.data for entry in journal.of(CheckIn)]
    return (
        f"{datetime(*month, 1):%B %Y}",  # noqa: DTZ001 -- the name of a month
        str(seen.total()),
        LOOKS[seen.most_common(1)[0][0]] if seen else "",
        str(len(checkins)),
        pleasantness_word(fmean(checkin.pleasantness for checkin in checkins)) if checkins else "",
        energy_word(fmean(checkin.energy for checkin in checkins)) if checkins else "",
    )


def _likeliest(reading: Reading) -> str:
    if reading.outcome != READING or not reading.p:
        return ""
    return max(zip(reading.p, EXPRESSIONS, strict=True))[1]


def _tell_consent(consent: Mapping[str, Any]) -> str:
    given, ended = datetime.fromisoformat(consent["given_at"]), consent["ended_at"]
    until = f"until {_day(datetime.fromisoformat(ended))}" if ended else "still standing"
    return f"{consent['purpose_label']}: given {_day(given)}, {until}. Text version {consent['text_version']}."


def _tell_audit(entry: JournalEntry[Audit], zone: tzinfo) -> str:
    at = entry.at.astimezone(zone)
    heading, detail = tell_event(entry.data)
    return f"{_day(at)}, {at:%H:%M}: {heading}" + (f" ({detail})" if detail else "")


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
