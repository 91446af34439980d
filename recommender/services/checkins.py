"""What people say of themselves: how they feel, and what fits the moment. Sealed entries like any other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from emotion.journal import append_entry
from recommender.history import Situation
from recommender.ranking import LIMITS, PLACES
from recommender.selectors import get_local_now
from recommender.wording import CHECKIN_WORDS
from wellbeing.exceptions import VaultRequired, WellbeingError
from wellbeing.models import User

#: Choices for "how long have you got".
MINUTES: Final = (2, 5, 10, 20, 30)
NOTE_LENGTH: Final = 200


class CheckInInvalid(WellbeingError):
    code, status, detail = "invalid_checkin", 400, "Please choose both pleasantness and energy."


class PreferencesInvalid(WellbeingError):
    code, status, detail = "invalid_preferences", 400, "That place, time or limit is not one of those offered."


def record_checkin(
    *, user: User, pleasantness: float, energy: float, words: Collection[str] = (), note: str = ""
) -> UUID:
    """Needs no opened vault. Raises VaultRequired, CheckInInvalid, EntryTooLong."""
    if not (-1 <= pleasantness <= 1 and -1 <= energy <= 1) or len(note) > NOTE_LENGTH:
        raise CheckInInvalid
    data = {
        "pleasantness": pleasantness,
        "energy": energy,
        "words": [word for word in CHECKIN_WORDS if word in words],
        "note": note.strip(),
    }
    return _append(user, "checkin", data)


def record_preferences(
    *, user: User, before: Situation, place: str | None, minutes: int | None, avoid: Collection[str]
) -> None:
    """Keep place and minutes for today and what to be spared until changed. Raises PreferencesInvalid."""
    if place not in (None, *PLACES) or minutes not in (None, *MINUTES) or not set(avoid) <= set(LIMITS):
        raise PreferencesInvalid
    if (before.place, before.minutes, before.avoid) == (place, minutes, frozenset(avoid)):
        return
    _append(user, "preferences", {"place": place, "minutes": minutes, "avoid": sorted(avoid)})


def _append(user: User, kind: str, data: dict[str, object]) -> UUID:
    vault = getattr(user, "vault", None)
    if vault is None:
        raise VaultRequired
    return append_entry(vault=vault, kind=kind, data=data, at=get_local_now(user))
