"""Nothing is sealed to a locked vault but from a browser, or by a token, that proves to have opened this very one."""

import base64
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from tests.conftest import PASSWORD
from tests.signed import tell_vault
from tests.vaults import know_in, make_vault
from vault.crypto.key_pairs import key_id
from vault.crypto.keys import rotation
from vault.models import Entry, Vault
from vault.services.lifecycle import create_vault

pytestmark = pytest.mark.django_db

PASSPHRASE = "quilted otter drums vivid canyon"
CHECK_IN = {"pleasantness": 0, "energy": 0}
SEALING: dict[str, Any] = {
    "/api/v1/checkins/": CHECK_IN,
    "/api/v1/checkins/skip/": {},
    "/api/v1/camera-uses/": {"use": str(uuid4()), "trigger": "manual", "ended": "discarded"},
    "/api/v1/consent/": {"text_version": CONSENT_TEXT.version},
}


@pytest.fixture
def vault(alice: User) -> Vault:
    return Vault.objects.get(pk=create_vault(user=alice, passphrase=PASSPHRASE)[0].vault_id)


def post(client: Client, url: str, body: object, **more: Any) -> Any:
    return client.post(url, body, content_type="application/json", **more)


def open_in(client: Client) -> None:
    """Type the passphrase, then lock."""
    client.post("/vault/open/", {"passphrase": PASSPHRASE})
    client.post("/vault/close/")


@pytest.mark.parametrize("url", SEALING)
def test_what_is_sealed_needs_a_browser_that_has_opened_the_vault(url: str, alice_client: Client, vault: Vault) -> None:
    answer = post(alice_client, url, SEALING[url])
    assert (answer.status_code, answer.json()["code"]) == (423, "open_vault_first")
    assert not Entry.objects.exists()
    open_in(alice_client)
    before = Entry.objects.count()
    assert post(alice_client, url, SEALING[url]).status_code in {200, 201}
    assert Entry.objects.count() == before + 1


def test_a_snapshot_needs_one_too(alice_client: Client, vault: Vault) -> None:
    answer = alice_client.post(f"/api/v1/captures/?id={uuid4()}", b"jpeg", content_type="application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == (423, "open_vault_first")


@pytest.mark.parametrize(
    ("url", "act"),
    [("/today/", "checkin"), ("/today/", "skip"), ("/consent/agree/", "")],
    ids=["word", "skip", "consent"],
)
def test_pages_say_since_when_the_vault_is_there_and_ask_to_open_it(
    url: str, act: str, alice: User, alice_client: Client, vault: Vault
) -> None:
    tell_vault(alice, created_on=date(2026, 11, 3))
    told = {"act": act, "pleasantness": "0", "energy": "0", "agreed": "yes", "text_version": CONSENT_TEXT.version}
    page = alice_client.post(url, told, follow=True).content.decode()
    assert "Your vault was made on 3 November 2026, and this browser has not opened it since." in page
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("page", "offer"),
    [("/today/", 'name="act" value="checkin"'), ("/consent/", "I agree"), ("/capture/", "data-taking")],
)
def test_what_a_page_offers_comes_after_the_opening(
    page: str, offer: str, alice: User, alice_client: Client, vault: Vault
) -> None:
    before = alice_client.get(page).content.decode()
    assert ("this browser has not opened it since" in before, offer in before) == (True, False)
    open_in(alice_client)
    alice_client.post("/consent/agree/", {"agreed": "yes", "text_version": CONSENT_TEXT.version})
    if page == "/consent/":
        alice_client.post("/consent/withdraw/")
    after = alice_client.get(page).content.decode()
    assert ("this browser has not opened it since" in after, offer in after) == (False, True)


def test_the_day_is_not_told_where_somebody_has_changed_it(alice_client: Client, vault: Vault) -> None:
    Vault.objects.update(created_on=date(2020, 1, 1))
    page = alice_client.get("/today/").content.decode()
    assert "since when there is one was changed in the database" in page
    assert "2020" not in page


def test_another_vault_in_its_place_is_not_known(alice: User, alice_client: Client, vault: Vault) -> None:
    open_in(alice_client)
    vault.delete()
    make_vault(alice)
    assert post(alice_client, "/api/v1/checkins/", CHECK_IN).json()["code"] == "open_vault_first"


def test_a_browser_keeps_the_proofs_of_several_people(alice: User, bob: User, vault: Vault) -> None:
    client, theirs = Client(), make_vault(bob)
    client.force_login(alice)
    open_in(client)
    client.post("/accounts/logout/")
    client.force_login(bob)
    assert post(client, "/api/v1/checkins/", CHECK_IN).status_code == 423
    know_in(other := Client(), bob)
    client.cookies["opened"] = f"{other.cookies['opened'].value}.{client.cookies['opened'].value}"
    assert post(client, "/api/v1/checkins/", CHECK_IN).status_code == 201
    client.force_login(alice)
    assert post(client, "/api/v1/checkins/", CHECK_IN).status_code == 201
    assert theirs.vault_id != vault.pk


def _ids(vault: Vault) -> bytes:
    return vault.pk.bytes + bytes(vault.public_key)


@pytest.mark.parametrize(
    "made_of",
    [
        lambda vault: bytes(vault.public_key),
        lambda vault: key_id(bytes(vault.public_key)),
        lambda vault: bytes(vault.binding),
        lambda vault: bytes(vault.mac),
        _ids,
        lambda vault: b"",
    ],
)
def test_nothing_in_the_database_proves_it(
    made_of: Callable[[Vault], bytes], alice_client: Client, vault: Vault
) -> None:
    alice_client.cookies["opened"] = base64.urlsafe_b64encode(made_of(vault)).decode().rstrip("=")
    assert post(alice_client, "/api/v1/checkins/", CHECK_IN).status_code == 423


@pytest.mark.parametrize("cookie", ["!", "é", "....", "a" * 4000])
def test_a_cookie_of_nonsense_proves_nothing_and_breaks_nothing(
    cookie: str, alice_client: Client, vault: Vault
) -> None:
    alice_client.cookies["opened"] = cookie
    assert post(alice_client, "/api/v1/checkins/", CHECK_IN).status_code == 423


def test_the_cookie_is_read_by_no_script_and_outlives_the_browser(alice_client: Client, vault: Vault) -> None:
    open_in(alice_client)
    cookie = alice_client.cookies["opened"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert cookie["max-age"] == 400 * 24 * 60 * 60


def test_after_an_exchange_of_keys_it_is_made_anew_at_the_next_opening(
    alice: User, tmp_path: Path, settings: Settings
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    create_vault(user=alice, passphrase=PASSPHRASE)
    client = Client()
    client.force_login(alice)
    open_in(client)
    before = client.cookies["opened"].value
    rotation.announce_keys(["binding"])
    rotation.activate_keys(["binding"], now=0)
    assert post(client, "/api/v1/checkins/", CHECK_IN).status_code == 201
    open_in(client)
    assert client.cookies["opened"].value.split(".")[1] == before


def test_a_token_checks_in_where_it_was_made_in_a_browser_that_has_opened_the_vault(
    alice: User, alice_client: Client, vault: Vault
) -> None:
    page = alice_client.post("/you/token/make/", {"scope": "check_in"}, follow=True).content.decode()
    assert "Please open your vault in this browser first" in page
    open_in(alice_client)
    made = alice_client.post("/you/token/make/", {"scope": "check_in"})
    token = made.context["key"]
    assert made.status_code == 200
    script = {"Authorization": f"Token {token}"}
    assert post(Client(), "/api/v1/checkins/", CHECK_IN, headers=script).status_code == 201
    Vault.objects.filter(user=alice).delete()
    make_vault(alice)
    answer = post(Client(), "/api/v1/checkins/", CHECK_IN, headers=script)
    assert (answer.status_code, answer.json()["code"]) == (423, "open_vault_first")


def test_signing_out_with_the_vault_open_is_no_error(alice: User) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/vault/open/", {"passphrase": PASSPHRASE})
    assert client.post("/accounts/logout/").status_code == 302
