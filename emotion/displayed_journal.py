"""A person's journal as it may be shown to them: their resting face taken off, today's readings not before their word.

Whatever shows readings reads them here. What only moves entries about (compaction, new keys) reads `vault.journal`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from msgspec import structs

from accounts.models import User
from accounts.selectors import get_local_now
from emotion.ask_first import find_todays_readings, has_checked_in
from emotion.models import PersonalSettings
from emotion.resting_face import VERSION, subtract_baseline
from emotion.selectors import get_personal_settings
from vault.journal.contents import Journal, JournalEntry
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Kind, Reading, RestingFace
from vault.journal.reading import read_journal


@dataclass(frozen=True)
class DisplayedJournal(Journal):
    """`withheld` readings wait for the person's own word; `as_read`: the shares from which the face was taken off."""

    withheld: tuple[JournalEntry[Reading], ...] = ()
    as_read: Mapping[UUID, tuple[float, ...]] = field(default_factory=dict)


def read_displayed_journal(
    user: User,
    opened: OpenedVault,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    always: Collection[type[Kind]] = (),
    newest: int | None = None,
) -> DisplayedJournal:
    """Like `read_journal`, without what is withheld and with the resting face taken off."""
    personal = get_personal_settings(user)
    journal = read_journal(opened, since=since, until=until, always=always, newest=newest)
    withheld = _withhold(user, opened, journal, since) if personal.ask_first else ()
    face = read_resting_face(opened, personal)
    held, as_read, shown = {entry.id for entry in withheld}, {}, []
    for entry in journal.entries if held or face else ():
        data = entry.data
        if face is not None and isinstance(data, Reading) and data.p and data.model == face.model:
            as_read[entry.id] = data.p
            entry = entry._replace(data=structs.replace(data, p=subtract_baseline(face, data.p)))
        if entry.id not in held:
            shown.append(entry)
    entries = tuple(shown) if held or face else journal.entries
    return DisplayedJournal(entries, journal.damaged, journal.damage, withheld, as_read)


def read_resting_face(opened: OpenedVault, personal: PersonalSettings) -> RestingFace | None:
    """The one that was learnt last; None when there is none, or of a version from before."""
    if personal.resting_face_on is None:
        return None
    latest = read_day(opened, personal.resting_face_on).latest(RestingFace)
    return latest.data if latest and latest.data.version == VERSION else None


def read_day(opened: OpenedVault, day: date) -> Journal:
    """One day in UTC."""
    start = datetime.combine(day, time(), tzinfo=UTC)
    return read_journal(opened, since=start, until=start + timedelta(days=1))


def _withhold(
    user: User, opened: OpenedVault, journal: Journal, since: datetime | None
) -> tuple[JournalEntry[Reading], ...]:
    now = get_local_now(user)
    withheld = find_todays_readings(journal, now=now)
    if not withheld or has_checked_in(journal, now=now):
        return ()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if since and since > midnight and has_checked_in(read_journal(opened, since=midnight), now=now):
        return ()
    return withheld
