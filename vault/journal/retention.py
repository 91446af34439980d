"""How long entries are kept: the site's rule, or less when the employee wants less."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from vault.models import Vault


def keep_days(vault: Vault) -> int:
    site: int = settings.KEEP_DAYS
    return min(site, vault.keep_days or site)


def oldest_kept(vault: Vault, now: datetime) -> date:
    """Entries of an earlier UTC day are deleted."""
    return now.astimezone(UTC).date() - timedelta(days=keep_days(vault))
