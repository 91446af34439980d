"""Entries of each kind, for tests that care little what they say."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from emotion.labels import EXPRESSIONS, READING
from vault.journal.kinds import CheckIn, Feedback, Neutral, Preferences, Reading, Suggestion, Taste

P = (0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1)


def reading(
    capture: UUID | None = None,
    *,
    p: Sequence[float] | None = P,
    outcome: str = READING,
    quality: float = 0.9,
    model: str = "m",
    kind: type[Reading | Neutral] = Reading,
) -> Any:
    shares = None if p is None else tuple(p)
    return kind(capture=capture or uuid4(), outcome=outcome, p=shares, quality=quality, model=model)


def of_face(expression: str, *, share: float = 0.94, model: str = "test") -> Reading:
    """A reading of a face that showed one expression."""
    rest = (1 - share) / (len(EXPRESSIONS) - 1)
    p = [round(share if name == expression else rest, 5) for name in EXPRESSIONS]
    return reading(p=p, quality=1.0, model=model)  # type: ignore[no-any-return]


def checkin(pleasantness: float = 0.5, energy: float = 0.0, *words: str, note: str = "") -> CheckIn:
    return CheckIn(pleasantness=pleasantness, energy=energy, words=words, note=note)


def suggestion(
    activity: str = "walk", slot: int = 0, *, reason: Any = None, propensity: float | None = 0.25, chosen: bool = False
) -> Suggestion:
    why = {"rule": "few"} if reason is None else reason
    return Suggestion(activity=activity, slot=slot, reason=why, propensity=propensity, chosen=chosen)


def feedback(
    of: UUID, answer: Any = "did", helped: int | None = None, *, activity: str = "walk", **felt: Any
) -> Feedback:
    return Feedback(suggestion=of, activity=activity, answer=answer, helped=helped, **felt)


def preferences(
    place: str | None = None, minutes: int | None = None, avoid: tuple[str, ...] = (), **kept: bool
) -> Preferences:
    return Preferences(place=place, minutes=minutes, avoid=avoid, **kept)


def taste(*likes: str, minutes: int | None = None, company: Any = "either") -> Taste:
    return Taste(likes=likes, minutes=minutes, company=company)
