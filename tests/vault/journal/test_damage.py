"""Whoever writes to the database can delete, and nothing else without its being refused or reported."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.entries import taste
from tests.vault.journal.histories import ALTERATIONS, play, set_scene
from tests.vault.journal.people import NOON, append, append_payload, append_raw, ids, page_of, stored
from tests.vaults import hold_open_in
from vault.crypto.errors import Damaged
from vault.crypto.pages import Page as SealedPage
from vault.journal.compaction import JournalDamaged, accept_losses, add_entries, compact_inbox, delete_entry
from vault.journal.contents import NO_DAMAGE
from vault.journal.entries import OpenedVault
from vault.journal.kinds import CheckIn
from vault.journal.pages import MonthPage, open_page_store
from vault.journal.reading import read_head, read_journal
from vault.models import Entry, Manifest, Page
from vault.rollback import KnownHead, is_behind

pytestmark = pytest.mark.django_db

BEFORE = NOON - timedelta(days=31)


@pytest.fixture
def three(opened: OpenedVault) -> list[str]:
    """An entry in each of two compacted months, and one that waits."""
    for at in (BEFORE, NOON):
        append(opened, at)
    compact_inbox(opened)
    return [str(entry_id) for entry_id in ids(opened)]


def damage_page(opened: OpenedVault, at: datetime = NOON) -> None:
    page = page_of(opened, at)
    Page.objects.filter(pk=page.pk).update(sealed=bytes(page.sealed)[:-1] + bytes([page.sealed[-1] ^ 1]))


def test_none_of_hundreds_of_altered_histories_is_believed(opened: OpenedVault, other: OpenedVault) -> None:
    score = play(set_scene(opened, other), 18 * len(ALTERATIONS))
    assert score.accepted == []
    assert score.total >= 400
    for name in ALTERATIONS:
        assert sum(count for tried, count in score.tried.items() if name in tried) >= 10, name


def test_the_game_would_notice_something_false(
    opened: OpenedVault, other: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = set_scene(opened, other)
    monkeypatch.setattr("tests.vault.journal.histories.is_behind", lambda *_: False)
    monkeypatch.setattr("tests.vault.journal.histories.ALTERATIONS", {"x": ALTERATIONS["roll everything back"]})
    assert play(scene, 1).accepted == ["x"]


def test_a_damaged_month_is_named_the_rest_opens_and_nothing_is_written_over_it(
    opened: OpenedVault, three: list[str]
) -> None:
    damage_page(opened)
    kept = bytes(page_of(opened, NOON).sealed)
    waiting = append(opened, NOON)
    journal = read_journal(opened)
    assert [str(entry.id) for entry in journal.entries] == [three[0], str(waiting)]
    assert (journal.damage.pages, journal.damage.months) == (1, (NOON.date().replace(day=1),))
    assert bytes(page_of(opened, NOON).sealed) == kept
    assert stored(opened) == (1, 2, 1), "what belongs into the damaged page waits"
    assert not read_journal(opened, until=NOON - timedelta(days=20)).damage


def test_while_this_month_is_damaged_what_is_too_old_goes_all_the_same(
    opened: OpenedVault, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(opened, NOON - timedelta(days=40), entry=taste("music"))
    append(opened, NOON)
    compact_inbox(opened)
    damage_page(opened)
    monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(minutes=5))
    settings.KEEP_DAYS = 30
    journal = read_journal(opened)
    assert (journal.entries, journal.damage.months) == ((), (NOON.date().replace(day=1),))
    assert stored(opened) == (0, 1, 1)


def test_a_page_put_back_heals_the_journal(opened: OpenedVault, three: list[str]) -> None:
    good = page_of(opened, NOON)
    damage_page(opened)
    append(opened, NOON)
    assert read_journal(opened).damage
    good.save()
    journal = read_journal(opened)
    assert (len(journal.entries), bool(journal.damage)) == (3, False)
    assert stored(opened) == (0, 2, 1)


def test_an_older_page_under_the_newer_list_is_refused(opened: OpenedVault, three: list[str]) -> None:
    old = page_of(opened, NOON)
    append(opened, NOON)
    compact_inbox(opened)
    old.save()
    assert read_journal(opened).damage.months == (NOON.date().replace(day=1),)


def test_without_its_list_what_opens_is_shown_and_nothing_is_written(opened: OpenedVault, three: list[str]) -> None:
    Manifest.objects.all().delete()
    append(opened, NOON)
    journal = read_journal(opened)
    assert (len(journal.entries), journal.damage.is_listed) == (3, False)
    assert stored(opened) == (1, 2, 0)
    with pytest.raises(JournalDamaged):
        add_entries(opened, journal.entries)
    for entry in journal.entries[:1]:
        with pytest.raises(JournalDamaged):
            delete_entry(opened, entry.id)
    accept_losses(opened)
    assert (set(ids(opened)), bool(read_journal(opened).damage)) == ({e.id for e in journal.entries}, False)
    assert stored(opened) == (0, 2, 1)


def test_going_on_deletes_what_is_damaged_and_keeps_the_rest(opened: OpenedVault, three: list[str]) -> None:
    damage_page(opened)
    broken = append(opened)
    Entry.objects.filter(pk=broken).update(sealed=b"?")
    assert read_journal(opened).damage.entries == 1
    accept_losses(opened)
    journal = read_journal(opened)
    assert ([str(entry.id) for entry in journal.entries], bool(journal.damage)) == (three[:1], False)
    append(opened, NOON)
    assert len(ids(opened)) == 2


@pytest.mark.parametrize("is_listed", [True, False])
def test_going_on_deletes_nothing_of_anybody_else(
    is_listed: bool, opened: OpenedVault, other: OpenedVault, three: list[str]
) -> None:
    append(other)
    compact_inbox(other)
    for vault in (opened, other):
        Entry.objects.filter(pk=append(vault)).update(sealed=b"?")
    damaged = {"sealed": b"?"}
    Page.objects.filter(vault_id=opened.vault_id).update(**damaged)
    if not is_listed:
        Manifest.objects.filter(vault_id=opened.vault_id).update(**damaged)
    accept_losses(opened)
    assert stored(opened) == (0, 0, int(is_listed))
    assert stored(other) == (1, 1, 1)


def test_every_page_and_the_list_gone_is_an_empty_journal_that_only_a_device_can_tell(
    opened: OpenedVault, three: list[str]
) -> None:
    tip = read_head(opened)
    Page.objects.all().delete()
    Manifest.objects.all().delete()
    assert read_journal(opened).damage.is_listed
    assert is_behind(KnownHead(tip.version, tip.mark), read_head(opened))


def test_a_device_knows_every_descendant_of_what_it_saw_and_nothing_else(opened: OpenedVault) -> None:
    append(opened)
    compact_inbox(opened)
    rows = [Page.objects.get(), Manifest.objects.get()]
    seen = []
    for _ in range(3):
        tip = read_head(opened)
        seen.append(KnownHead(tip.version, tip.mark))
        append(opened)
        compact_inbox(opened)
    assert [is_behind(each, read_head(opened)) for each in seen] == [False, False, False]
    for row in rows:
        row.save()
    assert [is_behind(each, read_head(opened)) for each in seen] == [False, True, True]
    for _ in range(5):
        append(opened)
        compact_inbox(opened)
    assert [is_behind(each, read_head(opened)) for each in seen] == [False, True, True], (
        "it went on from the older state"
    )
    assert [KnownHead.from_text(each.to_text()) for each in seen] == seen
    assert [KnownHead.from_text(text) for text in ("", "x", "1.zz", ".")] == [None, None, None, None]


def test_the_browser_is_told_of_an_older_copy_until_its_owner_goes_on(
    alice: User, alice_client: Client, opened: OpenedVault, three: list[str]
) -> None:
    hold_open_in(alice_client, alice, opened)
    old = [*Page.objects.all(), *Manifest.objects.all()]
    append(opened, NOON)
    for page in ("/today/", "/journal/", "/vault/check/"):
        assert "older copy" not in alice_client.get(page).content.decode()
    cookies = [name for name in alice_client.cookies if name.startswith("seen-")]
    assert len(cookies) == 1
    assert alice_client.cookies[cookies[0]]["httponly"]
    for row in old:
        row.save()
    for page in ("/today/", "/journal/", "/vault/check/"):
        assert "an older copy of your journal than this browser has seen" in alice_client.get(page).content.decode()
    alice_client.post("/vault/check/accept/")
    assert "Nothing was altered" in alice_client.get("/vault/check/").content.decode()


def test_the_page_says_which_month_is_damaged(
    alice: User, alice_client: Client, opened: OpenedVault, three: list[str]
) -> None:
    hold_open_in(alice_client, alice, opened)
    assert "Nothing was altered" in alice_client.get("/vault/check/").content.decode()
    damage_page(opened)
    week = {"week": NOON.date().isoformat()}
    for text in (
        alice_client.get("/journal/", week).content.decode(),
        alice_client.get("/vault/check/").content.decode(),
    ):
        assert f"{NOON:%B %Y}: what was kept of this month is damaged" in text
    assert "damaged" not in alice_client.get("/journal/").content.decode()


def test_somebody_else_checks_their_own_journal(
    bob: User, bob_client: Client, opened: OpenedVault, other: OpenedVault, three: list[str]
) -> None:
    damage_page(opened)
    hold_open_in(bob_client, bob, other)
    assert "Nothing was altered" in bob_client.get("/vault/check/").content.decode()
    bob_client.post("/vault/check/accept/")
    assert read_journal(opened).damage
    assert stored(opened) == (0, 2, 1)


@pytest.mark.parametrize("is_compacted", [True, False])
def test_going_on_deletes_what_cannot_be_and_ends_the_warning(
    opened: OpenedVault, three: list[str], is_compacted: bool
) -> None:
    waiting = append_raw(opened, "moon", {}, timezone.now())
    append_raw(opened, CheckIn.kind, {"pleasantness": 9})
    if is_compacted:
        compact_inbox(opened, settled_after=timedelta(0))
    journal = read_journal(opened)
    assert (journal.damage.entries, waiting in journal.damaged, journal.damage.pages) == (2, True, 0)
    accept_losses(opened)
    assert (read_journal(opened).damage, [str(each) for each in ids(opened)]) == (NO_DAMAGE, three)


def test_what_cannot_be_is_kept_as_it_is_until_then(opened: OpenedVault, three: list[str]) -> None:
    """A kind of a newer release, say: it must not go because an older one writes the page."""
    strange = append_raw(opened, "moon", {"phase": [1, {"full": None}]})
    compact_inbox(opened)
    append(opened, NOON)
    compact_inbox(opened)
    body = next(page.to_body() for page in open_page_store(opened).read()[0] if strange in page.lines)
    assert b',{"phase": [1, {"full": null}]}]' in body
    delete_entry(opened, strange)
    assert not read_journal(opened).damage


def test_a_row_that_is_no_entry_is_damaged(opened: OpenedVault) -> None:
    for payload in (
        b"[]",
        b"{}",
        b'{"v":1,"kind":"x","at":null,"data":{}}',
        b'{"v":1,"kind":"x","at":1e300,"data":{}}',
    ):
        append_payload(opened, payload)
    assert read_journal(opened).damage.entries == 4
    accept_losses(opened)
    assert not read_journal(opened).damage


def test_a_page_of_an_unknown_form_is_damaged() -> None:
    for body in (b"", b"{}", b'{"v":2,"entries":[],"gone":[]}', b'{"v":1,"entries":[["x"]],"gone":[]}'):
        with pytest.raises(Damaged):
            MonthPage.from_page(SealedPage(202603, 1, body))
