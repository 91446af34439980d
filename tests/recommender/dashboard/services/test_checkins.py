from typing import Any

import pytest

from accounts.models import User
from accounts.selectors import get_local_now
from core.exceptions import VaultRequired
from recommender.choices import CheckInWord
from recommender.dashboard.services.checkins import (
    CheckInInvalid,
    PreferencesInvalid,
    record_checkin,
    record_preferences,
)
from recommender.ranking.history import Situation, read_situation
from tests.entries import checkin, preferences
from vault.journal.entries import EntryTooLong, OpenedVault
from vault.journal.kinds import CheckIn
from vault.journal.reading import read_journal

pytestmark = pytest.mark.django_db


def test_a_check_in_is_sealed_with_known_words_only(alice: User, opened: OpenedVault) -> None:
    record_checkin(user=alice, pleasantness=-1, energy=1, words=["down", "purple", "calm"], note="  x ")
    (entry,) = read_journal(opened).entries
    assert entry.data == checkin(-1, 1, "calm", "down", note="x")


@pytest.mark.parametrize(
    "said",
    [
        {"pleasantness": 1.1, "energy": 0},
        {"pleasantness": float("nan"), "energy": 0},
        {"pleasantness": 0, "energy": -2},
        {"pleasantness": 0, "energy": 0, "note": "x" * 201},
    ],
)
def test_out_of_range_is_refused(alice: User, opened: OpenedVault, said: dict[str, Any]) -> None:
    with pytest.raises(CheckInInvalid):
        record_checkin(user=alice, **said)


@pytest.mark.parametrize("character", ["ü", "\U0001f642", '"'])
def test_the_longest_note_of_any_characters_fits(alice: User, opened: OpenedVault, character: str) -> None:
    record_checkin(user=alice, pleasantness=-0.5, energy=-0.5, note=character * 200, words=CheckInWord.values[:3])
    assert read_journal(opened).of(CheckIn)[0].data.note == character * 200


def test_more_than_an_entry_holds_is_refused_in_words(alice: User, opened: OpenedVault) -> None:
    with pytest.raises(EntryTooLong, match="too_long"):
        record_checkin(user=alice, pleasantness=-0.5, energy=-0.5, note="\U0001f642" * 200, words=CheckInWord.values)
    assert read_journal(opened).entries == ()


def test_without_a_vault_nothing_is_recorded(alice: User) -> None:
    with pytest.raises(VaultRequired):
        record_checkin(user=alice, pleasantness=0, energy=0)


def test_the_same_preferences_are_noted_once(alice: User, opened: OpenedVault) -> None:
    for _ in range(2):
        now = get_local_now(alice)
        before = read_situation(read_journal(opened), now=now)
        record_preferences(user=alice, before=before, place="desk", minutes=5, avoid={"walking", "company"})
    (entry,) = read_journal(opened).entries
    assert entry.data == preferences("desk", 5, ("company", "walking"))


@pytest.mark.parametrize(
    "told",
    [
        {"place": "moon", "minutes": None, "avoid": ()},
        {"place": None, "minutes": 7, "avoid": ()},
        {"place": None, "minutes": None, "avoid": ("mondays",)},
    ],
)
def test_unknown_preferences_are_refused(alice: User, opened: OpenedVault, told: dict[str, Any]) -> None:
    with pytest.raises(PreferencesInvalid):
        record_preferences(user=alice, before=Situation(now=get_local_now(alice)), **told)
