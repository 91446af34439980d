"""A person's journal as it may be shown to them: their resting face taken off, today's readings not before their word.

Whatever shows readings reads them here. What only moves entries about (export, folding) reads `vault.journal`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from accounts.models import User
from accounts.selectors import get_local_now
from emotion.ask_first import has_checked_in, withhold_todays_readings
from emotion.models import PersonalSettings
from emotion.resting_face import RestingFace, subtract_baseline
from emotion.selectors import get_personal_settings
from vault.journal import NO_DAMAGE, Damage, JournalEntry, OpenedVault, read_journal


@dataclass(frozen=True, slots=True)
class DisplayedJournal:
    """Entries in order of time; `withheld` of them wait for the person's own word."""

    entries: tuple[JournalEntry, ...]
    damaged: tuple[UUID, ...]
    withheld: tuple[JournalEntry, ...] = ()
    damage: Damage = NO_DAMAGE


def read_displayed_journal(
    user: User,
    opened: OpenedVault,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    always: Collection[str] = (),
) -> DisplayedJournal:
    """Like `read_journal`, with `p_read` beside `p` where the resting face was taken off."""
    personal = get_personal_settings(user)
    journal = read_journal(opened, since=since, until=until, always=always)
    entries, held = _ask_first(user, opened, journal.entries, since) if personal.ask_first else (journal.entries, ())
    face = read_resting_face(opened, personal)
    shown = tuple(_correct(entry, face) for entry in entries)
    return DisplayedJournal(shown, journal.damaged, held, journal.damage)


def read_resting_face(opened: OpenedVault, personal: PersonalSettings) -> RestingFace | None:
    """The one that was learnt last; None when there is none, or of a version from before."""
    if personal.resting_face_on is None:
        return None
    faces = read_day(opened, personal.resting_face_on, kind="resting_face")
    return RestingFace.from_data(faces[-1].data) if faces else None


def read_day(opened: OpenedVault, day: date, *, kind: str) -> list[JournalEntry]:
    """The entries of one kind on one day in UTC, oldest first."""
    start = datetime.combine(day, time(), tzinfo=UTC)
    return [
        entry
        for entry in read_journal(opened, since=start, until=start + timedelta(days=1)).entries
        if entry.kind == kind
    ]


def _ask_first(
    user: User, opened: OpenedVault, entries: Sequence[JournalEntry], since: datetime | None
) -> tuple[tuple[JournalEntry, ...], tuple[JournalEntry, ...]]:
    now = get_local_now(user)
    kept, held = withhold_todays_readings(entries, now=now)
    if not held or has_checked_in(entries, now=now):
        return tuple(entries), ()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if since and since > midnight and has_checked_in(read_journal(opened, since=midnight).entries, now=now):
        return tuple(entries), ()
    return kept, held


def _correct(entry: JournalEntry, face: RestingFace | None) -> JournalEntry:
    p = entry.data.get("p")
    if face is None or entry.kind != "reading" or not p or entry.data.get("model") != face.model:
        return entry
    return entry._replace(data={**entry.data, "p": subtract_baseline(face, p), "p_read": p})
