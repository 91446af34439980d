"""The shorter of the site's rule and what the person wants."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from msgspec import Raw
from pytest_django.fixtures import Settings

from vault.authentic import sign_vault
from vault.journal.contents import Line
from vault.journal.kinds import LowDays, Reading
from vault.journal.retention import is_over, keep_days, oldest_kept
from vault.models import Vault


def signed(days: int | None) -> Vault:
    vault = Vault(keep_days=days)
    sign_vault(vault)
    return vault


@pytest.mark.parametrize(("site", "wanted", "kept"), [(365, None, 365), (365, 300, 300), (100, 300, 100)])
def test_the_shorter_time_wins(site: int, wanted: int | None, kept: int, settings: Settings) -> None:
    settings.KEEP_DAYS = site
    assert keep_days(signed(wanted)) == kept


OLDEST = date(2026, 6, 1)
MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("kind", "at", "over"),
    [
        (Reading.kind, MIDNIGHT, False),
        (Reading.kind, MIDNIGHT - MOMENT, True),
        ("moon", MIDNIGHT, False),
        ("moon", MIDNIGHT - MOMENT, True),
        (LowDays.kind, MIDNIGHT - MOMENT, False),
        (LowDays.kind, NOW - timedelta(days=60), False),
        (LowDays.kind, NOW - timedelta(days=60) - MOMENT, True),
    ],
)
def test_what_is_of_a_day_before_the_oldest_is_over_unless_its_kind_lasts(kind: str, at: datetime, over: bool) -> None:
    line = Line(uuid4(), kind, at.timestamp(), Raw(b"{}"))
    assert is_over(line, oldest=OLDEST, now=NOW) is over


def test_the_oldest_day_is_one_of_utc() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert late.astimezone(UTC).date() == date(2026, 7, 1)
    assert oldest_kept(signed(30), late) == date(2026, 6, 1)
