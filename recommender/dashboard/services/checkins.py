"""What people say of themselves: how they feel, and what fits the moment. Sealed entries like any other."""

from collections import Counter
from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import WellbeingError
from recommender.choices import CheckInWord, Limit, Place
from recommender.dashboard.services.noting import note_once
from recommender.ranking.history import Situation
from vault.journal.contents import Journal
from vault.journal.kinds import CameraKept, CheckIn, CheckInSkipped, Preferences

#: Choices for "how long have you got".
MINUTES: Final = (2, 5, 10, 20, 30)
NOTE_LENGTH: Final = 200
#: Words of a person's own, kept in the sealed entry like the others.
OWN_WORDS: Final = 5
OWN_WORD_LENGTH: Final = 24


class CheckInInvalid(WellbeingError):
    code, status, detail = "invalid_checkin", 400, _("Please choose both pleasantness and energy.")


class PreferencesInvalid(WellbeingError):
    code, status = "invalid_preferences", 400
    detail = _("That place, time or limit is not one of those offered.")


def record_checkin(
    *,
    user: User,
    pleasantness: float,
    energy: float,
    words: Collection[str] = (),
    own_words: Collection[str] = (),
    note: str = "",
    key: UUID | None = None,
) -> UUID:
    """Needs no opened vault. The same under the same `key` is noted once.

    Raises VaultRequired, CheckInInvalid, EntryTooLong, KeyAltered.
    """
    if not (-1 <= pleasantness <= 1 and -1 <= energy <= 1) or len(note) > NOTE_LENGTH:
        raise CheckInInvalid
    entry = CheckIn(
        pleasantness=round(pleasantness, 2),
        energy=round(energy, 2),
        words=(*(word for word in CheckInWord.values if word in words), *_tidy(own_words)),
        note=note.strip(),
    )
    return note_once(user, entry, key)


def skip_checkin(*, user: User, key: UUID | None = None) -> UUID:
    """The person would rather not say: today's readings are shown all the same. Raises VaultRequired, KeyAltered."""
    return note_once(user, CheckInSkipped(), key)


def record_preferences(
    *,
    user: User,
    before: Situation,
    place: str | None,
    minutes: int | None,
    avoid: Collection[str],
    key: UUID | None = None,
) -> None:
    """Keep place and minutes for today and what to be spared until changed. Raises PreferencesInvalid."""
    if place not in (None, *Place.values) or minutes not in (None, *MINUTES) or not set(avoid) <= set(Limit.values):
        raise PreferencesInvalid
    if (before.place, before.minutes, before.avoid) == (place, minutes, frozenset(avoid)):
        return
    entry = Preferences(place=place, minutes=minutes, avoid=tuple(sorted(avoid)))
    note_once(user, entry, key)


def note_camera_kept(*, user: User, key: UUID | None = None) -> UUID:
    """The person read that the camera adds nothing and keeps it. Raises VaultRequired, KeyAltered."""
    return note_once(user, CameraKept(), key)


def find_own_words(journal: Journal, *, count: int = 8) -> tuple[str, ...]:
    """Words of the person's own from their check-ins, the ones used most often first."""
    offered = frozenset(CheckInWord.values)
    words = (word for checkin in journal.of(CheckIn) for word in checkin.data.words)
    used = Counter(word for word in words if word not in offered)
    return tuple(word for word, _times in used.most_common(count))


def _tidy(own_words: Collection[str]) -> list[str]:
    """In lower case, each once, none that is offered anyway."""
    words = [" ".join(word.lower().split()) for word in own_words]
    fresh = [word for word in dict.fromkeys(words) if word and word not in CheckInWord.values]
    if len(fresh) > OWN_WORDS or any(len(word) > OWN_WORD_LENGTH for word in fresh):
        told = gettext("At most %(words)d words of your own, of %(letters)d letters each.")
        raise CheckInInvalid(told % {"words": OWN_WORDS, "letters": OWN_WORD_LENGTH})
    return fresh
