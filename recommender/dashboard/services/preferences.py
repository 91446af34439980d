"""What people tell about themselves once, or when asked: tastes, low days, what they want to see. Sealed entries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.selectors import get_local_now
from core.exceptions import VaultRequired, WellbeingError
from recommender.catalogue.models import Category
from recommender.ranking.history import COMPANIES
from vault.journal import append_entry

#: Choices for "how long may it take".
LENGTHS: Final = (5, 15, 30)
LIKES_AT_MOST: Final = 3


class TasteInvalid(WellbeingError):
    code, status = "invalid_taste", 400
    detail = _("Please choose at most three kinds, and answers that are offered.")


def record_taste(*, user: User, likes: Collection[str], minutes: int | None, company: str) -> None:
    """The three questions of the first visit; asked again, the latest answers count. Raises TasteInvalid."""
    known = set(Category.objects.values_list("slug", flat=True))
    allowed = len(set(likes)) <= LIKES_AT_MOST and minutes in (None, *LENGTHS) and company in COMPANIES
    if not allowed or not set(likes) <= known:
        raise TasteInvalid
    _append(user, "taste", {"likes": sorted(set(likes)), "minutes": minutes, "company": company})


def record_low_days(*, user: User, low: bool) -> None:
    """Whether the last days were low, as the person says. Nobody is told; it only makes suggestions gentler."""
    _append(user, "low_days", {"low": low})


def record_display(*, user: User, trends: bool) -> None:
    """Whether to show trends at all."""
    _append(user, "display", {"trends": trends})


def _append(user: User, kind: str, data: dict[str, object]) -> None:
    vault = getattr(user, "vault", None)
    if vault is None:
        raise VaultRequired
    append_entry(vault=vault, kind=kind, data=data, at=get_local_now(user))
