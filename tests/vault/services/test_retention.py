"""A year, or less when its owner wants less; gone in time even if nobody comes back."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.choices import Event
from accounts.models import User
from core.exceptions import VaultLocked, VaultRequired
from emotion.models import PersonalSettings
from tests.crashes import Crash, dying_at
from tests.emotion.elsewhere import run_elsewhere
from tests.entries import checkin, feedback, preferences, taste
from tests.signed import tell_vault
from tests.vault.journal.people import append, ids, stored
from tests.vaults import erase_vault, hold_open_in, make_vault
from vault.journal import compaction
from vault.journal.compaction import add_entries, compact_inbox, delete_entry
from vault.journal.contents import JournalEntry
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Audit, CameraKept, Display, Kind, LowDays, Reading
from vault.journal.reading import read_head, read_journal
from vault.journal.retention import keep_days
from vault.models import Entry, Vault
from vault.services import retention
from vault.services.retention import KeepingInvalid, prune, set_keep_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


def days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def test_what_is_older_than_a_year_goes_when_the_vault_is_opened(opened: OpenedVault, alice: User) -> None:
    kept = [append(opened, days_ago(days)) for days in (365, 100, 1)]
    append(opened, days_ago(366))
    compact_inbox(opened)
    assert ids(opened) == kept


def test_folded_entries_grow_too_old_and_go(opened: OpenedVault, alice: User, settings: Settings) -> None:
    settings.KEEP_DAYS = 3660
    old, kept = append(opened, days_ago(400)), append(opened, days_ago(10))
    compact_inbox(opened)
    assert ids(opened) == [old, kept]
    settings.KEEP_DAYS = 365
    assert ids(opened) == [kept]
    assert stored(opened)[1] == 1


def test_its_owner_may_want_less(opened: OpenedVault, alice: User) -> None:
    append(opened, days_ago(40))
    kept = append(opened, days_ago(20))
    compact_inbox(opened)
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


@pytest.mark.parametrize(("days", "kept"), [(7, 7), (364, 364), (365, None)])
def test_from_a_week_to_the_sites_own_time_anything_may_be_chosen(
    days: int, kept: int | None, opened: OpenedVault, alice: User
) -> None:
    set_keep_days(user=alice, days=days)
    assert Vault.objects.get().keep_days == kept


@pytest.mark.parametrize("days", [6, 366])
def test_a_day_less_or_more_is_refused(days: int, opened: OpenedVault, alice: User) -> None:
    with pytest.raises(KeepingInvalid):
        set_keep_days(user=alice, days=days)
    assert Vault.objects.get().keep_days is None


def test_what_nobody_opens_goes_all_the_same(opened: OpenedVault, alice: User, bob: User) -> None:
    theirs = make_vault(bob)
    for vault in (opened, theirs):
        append(vault, days_ago(40))
        compact_inbox(vault)
        append(vault, days_ago(366))
        append(vault, days_ago(364))
    today = timezone.now().date()
    tell_vault(alice, opened_in=date(today.year - 1, today.month, 1) - timedelta(days=32))
    prune()
    assert stored(opened) == (1, 0, 0)
    assert stored(theirs) == (1, 1, 1)
    prune()
    assert stored(theirs) == (1, 1, 1)


@pytest.mark.parametrize("abandoned", [0, 1])
def test_only_the_vault_that_is_pruned_loses_its_pages(abandoned: int, opened: OpenedVault, bob: User) -> None:
    vaults = sorted((opened, make_vault(bob)), key=lambda vault: vault.vault_id)
    for vault in vaults:
        append(vault, days_ago(10))
        compact_inbox(vault)
    tell_vault(Vault.objects.get(pk=vaults[abandoned].vault_id).user, opened_in=days_ago(500).date())
    prune()
    assert [stored(vault) for vault in (vaults[abandoned], vaults[1 - abandoned])] == [(0, 0, 0), (0, 1, 1)]


def test_the_oldest_kept_day_stays_in_the_inbox(opened: OpenedVault, alice: User) -> None:
    append(opened, days_ago(31))
    kept = append(opened, days_ago(30))
    set_keep_days(user=alice, days=30)
    assert list(Entry.objects.values_list("pk", flat=True)) == [kept]


def test_who_wants_less_deletes_nothing_of_anybody_else(opened: OpenedVault, alice: User, bob: User) -> None:
    theirs = make_vault(bob)
    for person, vault in ((alice, opened), (bob, theirs)):
        append(vault, days_ago(40))
        PersonalSettings.objects.create(user=person, resting_face_on=days_ago(40).date(), resting_face_model="m")
    set_keep_days(user=alice, days=30)
    prune()
    assert (stored(opened), stored(theirs)) == ((0, 0, 0), (1, 0, 0))
    found = PersonalSettings.objects.order_by("user__email").values_list("resting_face_on", flat=True)
    assert list(found) == [None, days_ago(40).date()]


def test_pages_go_when_all_they_may_hold_is_too_old_and_not_a_day_before(
    opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(opened, days_ago(10))
    compact_inbox(opened)
    month = Vault.objects.get().opened_in
    assert month is not None
    first_of_next = (month + timedelta(days=31)).replace(day=1)
    goes = datetime.combine(first_of_next, time(12), tzinfo=UTC) + timedelta(days=365)
    for now, pages_and_manifests in ((goes - timedelta(days=1), 1), (goes, 0)):
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        prune()
        assert stored(opened) == (0, pages_and_manifests, pages_and_manifests)


@pytest.mark.django_db(transaction=True)
def test_pages_go_with_their_list_or_stay_with_it(opened: OpenedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    append(opened, days_ago(10))
    compact_inbox(opened)
    later = timezone.now() + timedelta(days=500)
    monkeypatch.setattr(timezone, "now", lambda: later)
    number, done = 0, False
    while not done:
        with suppress(Crash), dying_at(number, "default"):
            prune()
            done = True
        assert stored(opened) == ((0, 0, 0) if done else (0, 1, 1))
        number += 1
    assert number > 2, "pages and list are separate writes"


def test_a_vault_that_was_never_opened_remembers_what_was_deleted(opened: OpenedVault) -> None:
    delete_entry(opened, append(opened))
    assert Vault.objects.get().opened_in is None
    prune()
    assert stored(opened) == (0, 1, 1)


def test_what_was_imported_into_a_new_vault_goes_in_time_though_nobody_comes_back(
    opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entries(opened, [JournalEntry(uuid4(), days_ago(10), checkin())])
    assert Vault.objects.get().opened_in == timezone.now().date().replace(day=1)
    later = timezone.now() + timedelta(days=500)
    monkeypatch.setattr(timezone, "now", lambda: later)
    prune()
    assert stored(opened) == (0, 0, 0)


@pytest.mark.parametrize("step", ["_prune_unopened", "_delete_pages"])
def test_who_opens_the_vault_while_it_is_pruned_keeps_the_journal(
    step: str, alice: User, opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [append(opened, days_ago(10))]
    compact_inbox(opened)
    tell_vault(alice, opened_in=days_ago(500).date())
    kept.append(append(opened, days_ago(2)))
    really = getattr(retention, step)

    def come_back_before(vault: Vault) -> None:
        compact_inbox(opened)
        really(vault)

    monkeypatch.setattr(retention, step, come_back_before)
    prune()
    assert ids(opened) == kept
    assert stored(opened)[0] == 0


@pytest.mark.django_db(transaction=True)
def test_pages_of_a_vault_that_is_being_opened_are_waited_for(alice: User, opened: OpenedVault) -> None:
    append(opened, days_ago(10))
    compact_inbox(opened)
    tell_vault(alice, opened_in=days_ago(500).date())
    with compaction._locked(opened), pytest.raises(OperationalError, match="lock timeout"):
        run_elsewhere(prune)
    assert stored(opened) == (0, 1, 1)
    run_elsewhere(prune)
    assert stored(opened) == (0, 0, 0)


def test_a_vault_that_is_erased_while_it_is_pruned_is_no_error(
    opened: OpenedVault, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_vault(alice, opened_in=days_ago(500).date())
    really = retention._prune_unopened

    def leave_after(vault: Vault) -> None:
        really(vault)
        erase_vault(user=alice)

    monkeypatch.setattr(retention, "_prune_unopened", leave_after)
    prune()
    assert not Vault.objects.exists()


def test_the_database_remembers_the_month_of_an_opening_and_no_finer(opened: OpenedVault) -> None:
    compact_inbox(opened)
    assert Vault.objects.get().opened_in == timezone.now().date().replace(day=1)


def test_the_page_offers_the_times_and_keeps_the_choice(
    alice: User, alice_client: Client, bob: User, opened: OpenedVault
) -> None:
    make_vault(bob)
    hold_open_in(alice_client, alice, opened)
    append(opened, days_ago(100))
    compact_inbox(opened)
    assert "half a year" in alice_client.get("/vault/").content.decode()
    assert alice_client.post("/vault/keep/", {"days": 90}, follow=True).status_code == 200
    assert [entry.data for entry in read_journal(opened).entries] == [Audit(event=Event.RETENTION_CHANGED, detail="")]
    assert [keep_days(vault) for vault in Vault.objects.order_by("user__email")] == [90, 365]
    answer = alice_client.post("/vault/keep/", {"days": 100000}, follow=True).content.decode()
    assert "Nothing was changed" in answer


def test_without_a_vault_there_is_nothing_to_keep(bob: User) -> None:
    with pytest.raises(VaultRequired):
        set_keep_days(user=bob, days=30)


def standing(opened: OpenedVault) -> list[tuple[Kind, int]]:
    """What was set, and days since."""
    entries = read_journal(opened).entries
    return [(each.data, (timezone.now() - each.at).days) for each in entries if not isinstance(each.data, Reading)]


def test_what_was_set_outlives_what_happened(opened: OpenedVault, alice: User) -> None:
    append(opened, days_ago(50), entry=preferences(avoid=("walking", "company")))
    append(opened, days_ago(40), entry=preferences("home", avoid=("walking",)))
    append(opened, days_ago(40), entry=taste("music"))
    append(opened, days_ago(3), entry=taste("rest"))
    append(opened, days_ago(40), entry=feedback(uuid4(), "never"))
    append(opened, days_ago(40))
    compact_inbox(opened)
    set_keep_days(user=alice, days=30, opened=opened)
    assert standing(opened) == [(taste("rest"), 3), (preferences("home", avoid=("walking",), kept=True), 0)]
    assert len(ids(opened)) == 2
    compact_inbox(opened)
    assert len(standing(opened)) == 2


def test_what_was_set_is_taken_along_again_and_again(
    opened: OpenedVault, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(opened, days_ago(5), entry=Display(trends=False))
    compact_inbox(opened)
    set_keep_days(user=alice, days=7, opened=opened)
    really = timezone.now
    for later in range(4, 40, 4):
        monkeypatch.setattr(timezone, "now", lambda later=later: really() + timedelta(days=later))
        compact_inbox(opened)
    [(data, days)] = standing(opened)
    assert data == Display(trends=False, kept=True)
    assert days <= 7


@pytest.mark.parametrize("is_compacted", [True, False])
@pytest.mark.parametrize("entry", [LowDays(low=True), CameraKept()])
def test_what_holds_for_a_term_outlives_what_happened_until_then(
    opened: OpenedVault, alice: User, entry: Kind, is_compacted: bool
) -> None:
    days = entry.lasting.days
    for ago in (days + 1, days - 1, 8):
        append(opened, days_ago(ago), entry=entry)
        append(opened, days_ago(ago), entry=checkin())
    if is_compacted:
        compact_inbox(opened)
    set_keep_days(user=alice, days=7, opened=opened)
    assert standing(opened) == [(entry, days - 1), (entry, 8)]
    version = read_head(opened).version
    read_journal(opened)
    assert read_head(opened).version == version, "what is kept for its term is not written again and again"


def test_what_held_for_a_term_goes_when_it_is_over(
    opened: OpenedVault, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(opened, days_ago(29), entry=CameraKept())
    set_keep_days(user=alice, days=7, opened=opened)
    assert len(standing(opened)) == 1
    really = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: really() + timedelta(days=2))
    compact_inbox(opened)
    assert stored(opened)[1] == 0


def test_new_keys_take_along_what_holds_for_a_term(opened: OpenedVault, bob: User) -> None:
    append(opened, days_ago(20), entry=LowDays(low=True))
    entries = read_journal(opened).entries
    other = make_vault(bob)
    set_keep_days(user=bob, days=7)
    assert add_entries(other, entries) == 1


def test_resting_face_is_not_said_to_be_there_longer_than_its_entry(
    opened: OpenedVault, alice: User, bob: User
) -> None:
    make_vault(bob)
    for person, days in ((alice, 366), (bob, 365)):
        PersonalSettings.objects.create(
            user=person, ask_first=False, resting_face_on=days_ago(days).date(), resting_face_model="m"
        )
    prune()
    found = PersonalSettings.objects.order_by("user__email").values_list("resting_face_on", "resting_face_model")
    assert list(found) == [(None, ""), (days_ago(365).date(), "m")]
    assert not any(PersonalSettings.objects.values_list("ask_first", flat=True))


@pytest.mark.parametrize("change", [{"keep_days": 7}, {"opened_in": date(2020, 1, 1)}, {"mac": b"m" * 32}])
def test_nothing_is_deleted_on_the_word_of_who_writes_to_the_database(
    change: dict[str, Any], opened: OpenedVault, alice: User
) -> None:
    set_keep_days(user=alice, days=182, opened=opened)
    folded = append(opened, days_ago(100))
    compact_inbox(opened)
    waiting = append(opened, days_ago(90))
    Vault.objects.update(**change)
    prune()
    compact_inbox(opened)
    assert ids(opened) == [folded, waiting]
    assert keep_days(Vault.objects.get()) == 365
    prune()
    assert ids(opened) == [folded, waiting]


def test_who_finds_it_changed_is_told_and_chooses_again_with_the_vault_open(
    opened: OpenedVault, alice: User, alice_client: Client
) -> None:
    assert "not followed" not in alice_client.get("/vault/").content.decode()
    Vault.objects.update(keep_days=7, opened_in=date(2020, 1, 1), created_on=date(2020, 1, 1))
    page = alice_client.get("/vault/").content.decode()
    assert "It is not followed: entries are kept for 365 days" in page
    assert "2020" not in page
    with pytest.raises(VaultLocked):
        set_keep_days(user=alice, days=30)
    hold_open_in(alice_client, alice, opened)
    alice_client.post("/vault/keep/", {"days": 90})
    vault = Vault.objects.get()
    assert (keep_days(vault), vault.opened_in) == (90, timezone.now().date().replace(day=1))
    assert "not followed" not in alice_client.get("/vault/").content.decode()
