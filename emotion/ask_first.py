"""Ask first, show after: today's readings stay back until the person has said how they feel, or chosen not to.

People shown a machine's word for their feelings first tend to take it over. Whoever said their own word before sees the
reading as a second opinion. Pure.
"""

from datetime import datetime, timedelta
from typing import Final

from vault.journal.contents import AnyEntry, Journal, JournalEntry
from vault.journal.kinds import CheckIn, CheckInSkipped, Reading

_MORE_THAN_A_DAY: Final = timedelta(hours=26)


def has_checked_in(journal: Journal, *, now: datetime) -> bool:
    """Whether there is a check-in, or a choice against one, on the calendar day of `now` in its time zone."""
    return any(_is_today(entry, now) for entry in (*journal.of(CheckIn), *journal.of(CheckInSkipped)))


def find_todays_readings(journal: Journal, *, now: datetime) -> tuple[JournalEntry[Reading], ...]:
    """What may not be shown before the person has spoken."""
    return tuple(entry for entry in journal.of(Reading) if _is_today(entry, now))


def _is_today(entry: AnyEntry, now: datetime) -> bool:
    # Most of a journal is far off, and finding a local date takes longer than seeing that.
    return abs(entry.at - now) < _MORE_THAN_A_DAY and entry.at.astimezone(now.tzinfo).date() == now.date()
