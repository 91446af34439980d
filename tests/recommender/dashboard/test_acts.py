"""What is done once however often it is sent, and what is not done."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import RFC_4122, UUID, uuid4

import pytest
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.outside import browser_of
from tests.recommender.activities import make_catalogue
from tests.vaults import make_vault
from vault.journal.compaction import compact_inbox
from vault.journal.entries import OpenedVault, name_entry
from vault.journal.kinds import CameraKept, CheckIn, CheckInSkipped, Display, Kind, LowDays, Taste
from vault.journal.reading import read_journal
from vault.models import Vault

SAID = {"act": "checkin", "pleasantness": "-0.5", "energy": "0.5", "note": "Once."}


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    make_catalogue()
    return make_vault(alice)


@pytest.fixture
def browser(alice: User, opened: OpenedVault) -> Client:
    return browser_of(alice, opened)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/today/", "/api/v1/checkins/"])
def test_six_equal_check_ins_posted_at_once_make_one(browser: Client, opened: OpenedVault, path: str) -> None:
    said = SAID | {"key": str(uuid4())}
    more: dict[str, Any] = {"content_type": "application/json"} if path.startswith("/api/") else {}

    def post(_: int) -> int:
        client = Client()
        client.cookies.load(browser.cookies.output(header="", sep=";"))
        try:
            return client.post(path, said, **more).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(post, range(6))) == ({302} if path == "/today/" else {201})
    (entry,) = read_journal(opened).of(CheckIn)
    assert entry.data.note == "Once."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (SAID, CheckIn),
        ({"act": "gentler", "said": "yes"}, LowDays),
        ({"act": "taste", "likes": "rest", "company": "alone"}, Taste),
        ({"act": "trends", "said": "no"}, Display),
        ({"act": "skip"}, CheckInSkipped),
        ({"act": "keep_camera"}, CameraKept),
    ],
    ids=lambda given: given["act"] if isinstance(given, dict) else "",
)
def test_the_same_form_is_noted_once_and_another_again(
    browser: Client, opened: OpenedVault, sent: dict[str, str], kind: type[Kind]
) -> None:
    counts = []
    first, other = str(uuid4()), str(uuid4())
    for key in (first, first, other, "", "", "NaN"):
        assert browser.post("/today/", sent | {"key": key}).status_code == 302
        counts.append(len(read_journal(opened).of(kind)))
    assert counts == [1, 1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_what_was_changed_before_it_was_sent_again_is_not_lost(browser: Client, opened: OpenedVault) -> None:
    key = str(uuid4())
    for note in ("Once.", "Once more."):
        browser.post("/today/", SAID | {"key": key, "note": note})
    assert {entry.data.note for entry in read_journal(opened).of(CheckIn)} == {"Once.", "Once more."}


@pytest.mark.django_db
def test_every_form_of_the_day_has_a_key_that_the_next_page_has_not(browser: Client) -> None:
    keys = [re.findall(r'name="key" value="([^"]*)"', browser.get("/today/").content.decode()) for _ in range(2)]
    assert [len(set(found)) for found in keys] == [1, 1]
    assert keys[0][0] != keys[1][0]
    assert {UUID(found[0]).version for found in keys} == {4}


@pytest.mark.django_db
def test_an_id_tells_nothing_without_the_secret_key_and_differs_between_vaults(
    opened: OpenedVault, bob: User, settings: Settings
) -> None:
    vault, key, entry = Vault.objects.get(pk=opened.vault_id), uuid4(), LowDays(low=True)
    mine = name_entry(vault, entry, key)
    assert (mine, mine.version, mine.variant) == (name_entry(vault, entry, key), 4, RFC_4122)
    make_vault(bob)
    assert name_entry(bob.vault, entry, key) != mine
    settings.SECRET_KEY = "another"
    assert name_entry(vault, entry, key) != mine


@pytest.mark.django_db
def test_a_form_sent_again_after_its_entry_was_put_into_a_page_is_noted_once(
    browser: Client, opened: OpenedVault
) -> None:
    said = SAID | {"key": str(uuid4())}
    for _ in range(2):
        browser.post("/today/", said)
        compact_inbox(opened, settled_after=timedelta(0))
    assert len(read_journal(opened).of(CheckIn)) == 1
