"""The shorter of the site's rule and what the person wants."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pytest_django.fixtures import Settings

from vault.authentic import sign_vault
from vault.journal.retention import keep_days, oldest_kept
from vault.models import Vault


def signed(days: int | None) -> Vault:
    vault = Vault(keep_days=days)
    sign_vault(vault)
    return vault


@pytest.mark.parametrize(("site", "wanted", "kept"), [(365, None, 365), (365, 300, 300), (100, 300, 100)])
def test_the_shorter_time_wins(site: int, wanted: int | None, kept: int, settings: Settings) -> None:
    settings.KEEP_DAYS = site
    assert keep_days(signed(wanted)) == kept


def test_the_oldest_day_is_one_of_utc() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert late.astimezone(UTC).date() == date(2026, 7, 1)
    assert oldest_kept(signed(30), late) == date(2026, 6, 1)
