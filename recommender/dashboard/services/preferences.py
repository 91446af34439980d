"""What people tell about themselves once, or when asked: tastes, low days, what they want to see. Sealed entries."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import WellbeingError
from recommender.catalogue.models import Category
from recommender.dashboard.services.noting import note_once
from vault.journal.kinds import COMPANIES, Company, Display, LowDays, Taste

#: Choices for "how long may it take".
LENGTHS: Final = (5, 15, 30)
LIKES_AT_MOST: Final = 3


class TasteInvalid(WellbeingError):
    code, status = "invalid_taste", 400
    detail = _("Please choose at most three kinds, and answers that are offered.")


def record_taste(
    *, user: User, likes: Collection[str], minutes: int | None, company: Company, key: UUID | None = None
) -> None:
    """The three questions of the first visit; asked again, the latest answers count. Raises TasteInvalid."""
    known = set(Category.objects.values_list("slug", flat=True))
    allowed = len(set(likes)) <= LIKES_AT_MOST and minutes in (None, *LENGTHS) and company in COMPANIES
    if not allowed or not set(likes) <= known:
        raise TasteInvalid
    entry = Taste(likes=tuple(sorted(set(likes))), minutes=minutes, company=company)
    note_once(user, entry, key)


def record_low_days(*, user: User, low: bool, key: UUID | None = None) -> None:
    """Whether the last days were low, as the person says. Nobody is told; it only makes suggestions gentler."""
    note_once(user, LowDays(low=low), key)


def record_display(*, user: User, trends: bool, key: UUID | None = None) -> None:
    """Whether to show trends at all."""
    note_once(user, Display(trends=trends), key)
