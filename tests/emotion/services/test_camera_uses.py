from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from emotion.services.entries import record_camera_use
from tests.vaults import make_vault
from vault.journal.reading import read_journal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("given", "ago"), [({}, 0), ({"seconds_ago": 30}, 30)])
def test_a_use_is_of_now_unless_it_was_held_up(
    given: dict[str, int], ago: int, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, now = make_vault(alice), timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert record_camera_use(user=alice, use=uuid4(), trigger="manual", ended="sent", **given)
    (entry,) = read_journal(opened).entries
    assert now - entry.at == timedelta(seconds=ago)
