from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from emotion.labels import READING
from emotion.models import PersonalSettings
from emotion.resting_face import learn_resting_face
from emotion.services.preferences import StillsMissing, forget_face, get_stills, learn_face
from tests.crashes import Crash, dying_at
from tests.entries import P, reading
from tests.vault.journal.people import append, ids
from tests.vaults import make_vault
from vault.journal.compaction import compact_inbox
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Neutral, RestingFace
from vault.journal.reading import read_journal

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


def still(opened: OpenedVault, minutes: float, *, p: Sequence[float] | None = P, model: str = "m") -> None:
    entry = reading(p=p, outcome=READING if p else "no_face", model=model, kind=Neutral)
    append(opened, timezone.now() - timedelta(minutes=minutes), entry=entry)


def test_a_face_is_learnt_from_the_last_three_stills_into_journal_and_settings(
    alice: User, bob: User, opened: OpenedVault
) -> None:
    for minutes, shares in ((9, P[::-1]), (3, P), (2, P), (1, P)):
        still(opened, minutes, p=shares)
    face = learn_face(user=alice, opened=opened)
    assert face == learn_resting_face([P] * 3, model="m")
    assert [entry.data for entry in read_journal(opened).of(RestingFace)] == [face]
    settings = PersonalSettings.objects.get()
    assert (settings.user, settings.resting_face_on) == (alice, timezone.now().date())
    assert settings.resting_face_model == "m"


def test_a_face_learnt_again_takes_the_place_of_the_one_before(
    alice: User, opened: OpenedVault, learnt_on: date
) -> None:
    for minutes in (3, 2, 1):
        still(opened, minutes, model="n")
    face = learn_face(user=alice, opened=opened)
    assert [entry.data for entry in read_journal(opened).of(RestingFace)] == [face]
    assert PersonalSettings.objects.get().resting_face_model == "n"


@pytest.mark.parametrize(
    "third",
    [{"minutes": 31}, {"minutes": 3, "p": None}, {"minutes": 3, "model": "older"}],
    ids=["of another sitting", "without a face", "of another model"],
)
def test_two_stills_and_one_that_does_not_count_are_too_few(
    third: dict[str, Any], alice: User, opened: OpenedVault
) -> None:
    still(opened, **third)
    for minutes in (2, 1):
        still(opened, minutes)
    with pytest.raises(StillsMissing):
        learn_face(user=alice, opened=opened)
    assert read_journal(opened).of(RestingFace) == ()
    assert not PersonalSettings.objects.exists()


def test_a_still_of_half_an_hour_ago_is_of_the_sitting(
    alice: User, opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    for minutes in (30, 2, 1):
        still(opened, minutes)
    assert len(get_stills(opened)) == 3
