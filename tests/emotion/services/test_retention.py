"""A year, or less when its owner wants less; gone in time even if nobody comes back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from emotion.journal import OpenedVault, fold_inbox, keep_days
from emotion.models import Vault
from emotion.services.retention import KeepingInvalid, prune, set_keep_days
from tests.emotion.journal.people import append, ids, stored
from tests.vaults import hold_open_in, make_vault
from wellbeing.exceptions import VaultRequired
from wellbeing.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


def days_ago(days: int):  # type: ignore[no-untyped-def]
    return timezone.now() - timedelta(days=days)


def test_what_is_older_than_a_year_goes_when_the_vault_is_opened(opened: OpenedVault, alice: User) -> None:
    kept = [append(opened, days_ago(days)) for days in (365, 100, 1)]
    append(opened, days_ago(366))
    fold_inbox(opened)
    assert ids(opened) == kept


def test_folded_entries_grow_too_old_and_go(opened: OpenedVault, alice: User, settings) -> None:  # type: ignore[no-untyped-def]
    settings.KEEP_DAYS = 3660
    old, kept = append(opened, days_ago(400)), append(opened, days_ago(10))
    fold_inbox(opened)
    assert ids(opened) == [old, kept]
    settings.KEEP_DAYS = 365
    assert ids(opened) == [kept]
    assert stored(opened)[1] == 1


def test_its_owner_may_want_less(opened: OpenedVault, alice: User) -> None:
    append(opened, days_ago(40))
    kept = append(opened, days_ago(20))
    fold_inbox(opened)
    waiting = append(opened, days_ago(35))
    set_keep_days(user=alice, days=30)
    assert keep_days(Vault.objects.get()) == 30
    assert stored(opened)[0] == 0, f"{waiting} was in the inbox and needs no key to be deleted"
    set_keep_days(user=alice, days=30, opened=opened)
    assert ids(opened) == [kept]
    with pytest.raises(KeepingInvalid):
        set_keep_days(user=alice, days=366)
    with pytest.raises(KeepingInvalid):
        set_keep_days(user=alice, days=1)


def test_what_nobody_opens_goes_all_the_same(opened: OpenedVault, alice: User, bob: User) -> None:
    theirs = make_vault(bob)
    for vault in (opened, theirs):
        append(vault, days_ago(40))
        fold_inbox(vault)
        append(vault, days_ago(366))
        append(vault, days_ago(364))
    today = timezone.now().date()
    Vault.objects.filter(user=alice).update(opened_in=date(today.year - 1, today.month, 1) - timedelta(days=32))
    prune()
    assert stored(opened) == (1, 0, 0)
    assert stored(theirs) == (1, 1, 1)
    prune()
    assert stored(theirs) == (1, 1, 1)


def test_the_database_remembers_the_month_of_an_opening_and_no_finer(opened: OpenedVault) -> None:
    fold_inbox(opened)
    assert Vault.objects.get().opened_in == timezone.now().date().replace(day=1)


def test_the_page_offers_the_times_and_keeps_the_choice(
    alice: User, alice_client: Client, bob: User, opened: OpenedVault
) -> None:
    make_vault(bob)
    hold_open_in(alice_client, alice, opened)
    append(opened, days_ago(100))
    fold_inbox(opened)
    assert "half a year" in alice_client.get("/vault/").content.decode()
    assert alice_client.post("/vault/keep/", {"days": 90}, follow=True).status_code == 200
    assert ids(opened) == []
    assert [keep_days(vault) for vault in Vault.objects.order_by("user__email")] == [90, 365]
    answer = alice_client.post("/vault/keep/", {"days": 100000}, follow=True).content.decode()
    assert "Nothing was changed" in answer


def test_without_a_vault_there_is_nothing_to_keep(bob: User) -> None:
    with pytest.raises(VaultRequired):
        set_keep_days(user=bob, days=30)
