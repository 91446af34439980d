"""Ask first, show after: today's readings stay back until the person has said how they feel, or chosen not to.

People shown a machine's word for their feelings first tend to take it over. Whoever said their own word before sees the
reading as a second opinion. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

ANSWERS_THE_QUESTION: Final = ("checkin", "checkin_skipped")
_MORE_THAN_A_DAY: Final = timedelta(hours=26)


class _Entry(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> Any: ...


Entry = TypeVar("Entry", bound=_Entry)


def has_checked_in(entries: Iterable[_Entry], *, now: datetime) -> bool:
    """Whether there is a check-in, or a choice against one, on the calendar day of `now` in its time zone."""
    return any(entry.kind in ANSWERS_THE_QUESTION and _is_today(entry, now) for entry in entries)


def withhold_todays_readings(entries: Sequence[Entry], *, now: datetime) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """What may be shown before the person has spoken, and today's readings, which may not."""
    held = tuple(entry for entry in entries if entry.kind == "reading" and _is_today(entry, now))
    ids = {id(entry) for entry in held}
    return tuple(entry for entry in entries if id(entry) not in ids), held


def _is_today(entry: _Entry, now: datetime) -> bool:
    # Most of a journal is far off, and finding a local date takes longer than seeing that.
    return abs(entry.at - now) < _MORE_THAN_A_DAY and entry.at.astimezone(now.tzinfo).date() == now.date()
