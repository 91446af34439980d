from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from emotion.models import PersonalSettings
from emotion.services.preferences import forget_face
from tests.crashes import Crash, dying_at
from tests.vault.journal.people import append, ids
from tests.vaults import make_vault
from vault.journal.compaction import compact_inbox
from vault.journal.entries import OpenedVault
from vault.journal.kinds import RestingFace

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


@pytest.fixture
def learnt_on(alice: User, opened: OpenedVault) -> date:
    """Alice's resting face, in a page of her journal."""
    now = timezone.now()
    append(opened, now, entry=RestingFace(version=1, model="m", shift=(0.0,) * 7))
    compact_inbox(opened, settled_after=timedelta(0))
    PersonalSettings.objects.create(user=alice, resting_face_on=now.date(), resting_face_model="m")
    return now.date()


def face_of(user: User, opened: OpenedVault) -> tuple[int, date | None, str]:
    """Entries of a face, and what the settings say of it."""
    settings = PersonalSettings.objects.get(user=user)
    return len(ids(opened)), settings.resting_face_on, settings.resting_face_model


def test_forgetting_cut_off_at_any_write_forgets_all_or_nothing(
    alice: User, opened: OpenedVault, learnt_on: date
) -> None:
    number, done = 0, False
    while not done:
        with suppress(Crash), dying_at(number, "default"):
            forget_face(user=alice, opened=opened)
            done = True
        assert face_of(alice, opened) == ((0, None, "") if done else (1, learnt_on, "m"))
        number += 1
    assert number > 2, "the entry and the settings are separate writes"


def test_without_a_face_nothing_is_written(alice: User, opened: OpenedVault) -> None:
    with dying_at(0, "default"):
        forget_face(user=alice, opened=opened)
    assert not PersonalSettings.objects.exists()
