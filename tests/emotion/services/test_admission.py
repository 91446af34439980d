"""When one more capture is allowed."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from emotion.models import Capture
from emotion.services.admission import check_admission
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


def send_three(opened: OpenedVault, at: datetime) -> None:
    """As many as are allowed within ten seconds."""
    for _ in range(3):
        Capture.objects.create(id=uuid4(), vault_id=opened.vault_id, queued_at=at)


def next_at(user: User) -> datetime | None:
    return check_admission(user_id=user.pk, capture_id=uuid4()).next_at


@pytest.mark.parametrize("allowed", [3, 1000])
def test_captures_ahead_of_the_clock_count_for_nothing(
    allowed: int, alice: User, opened: OpenedVault, settings: Settings
) -> None:
    settings.CAPTURES_PER_HOUR = allowed
    send_three(opened, timezone.now() + timedelta(minutes=1))
    assert next_at(alice) is None


def test_the_burst_is_over_after_ten_seconds(alice: User, opened: OpenedVault, settings: Settings) -> None:
    settings.CAPTURES_PER_HOUR = 1000
    sent = timezone.now() - timedelta(seconds=5)
    send_three(opened, sent)
    assert next_at(alice) == sent + timedelta(seconds=10)


def test_with_both_limits_reached_the_later_end_counts(alice: User, opened: OpenedVault, settings: Settings) -> None:
    settings.CAPTURES_PER_HOUR = 3
    sent = timezone.now() - timedelta(seconds=5)
    send_three(opened, sent)
    assert next_at(alice) == sent + timedelta(hours=1)


def test_captures_of_somebody_else_count_for_nothing(
    alice: User, bob: User, opened: OpenedVault, settings: Settings
) -> None:
    settings.CAPTURES_PER_HOUR = 3
    send_three(make_vault(bob), timezone.now() - timedelta(seconds=5))
    assert next_at(alice) is None
