import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.allauth_internals import webauthn_auth as auth
from accounts.models import User
from tests.conftest import sign_in
from tests.passkeys import in_text, make_passkey
from tests.vaults import hold_open_in, make_vault
from vault.journal.entries import OpenedVault
from vault.models import KeySlot, Vault
from vault.services.passkeys import add_passkey, make_salt

SECRET, OTHER_SECRET = in_text(b"p" * 32), in_text(b"q" * 32)

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


@pytest.fixture
def passkey(alice: User) -> str:
    return make_passkey(alice)


@pytest.fixture
def adding(alice: User, opened: OpenedVault, alice_client: Client) -> Client:
    """Alice's browser, just signed in, with her vault open."""
    sign_in(alice_client, alice)
    hold_open_in(alice_client, alice, opened)
    return alice_client


def is_open(client: Client) -> bool:
    return client.get("/vault/").wsgi_request.opened_vault is not None  # type: ignore[attr-defined]


def mailed() -> str:
    return "".join(str(letter.body) for letter in mail.outbox)


def test_a_passkey_is_added_told_of_and_removed(
    adding: Client, passkey: str, django_capture_on_commit_callbacks: Any
) -> None:
    assert passkey in adding.get("/vault/passkey/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        adding.post("/vault/passkey/", {"credential": passkey, "secret": SECRET})
    assert KeySlot.objects.get(slot="passkey").credential == passkey
    assert "A passkey now opens the vault" in mailed()
    page = adding.get("/vault/").content.decode()
    assert "Passkey “Laptop”" in page
    assert "All passkeys of your account open it already." in adding.get("/vault/passkey/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        adding.post("/vault/passkey/remove/", {"credential": passkey})
    assert not KeySlot.objects.filter(slot="passkey").exists()
    assert "A passkey no longer opens the vault" in mailed()
    assert SECRET not in mailed()


def test_adding_needs_an_open_vault_and_a_fresh_proof(
    alice: User, adding: Client, opened: OpenedVault, passkey: str
) -> None:
    told = {"credential": passkey, "secret": SECRET}
    sign_in(adding, alice, seconds_ago=3600)
    hold_open_in(adding, alice, opened)
    assert "reauthenticate" in adding.post("/vault/passkey/", told)["Location"]
    sign_in(adding, alice)
    adding.post("/vault/close/")
    assert adding.post("/vault/passkey/", told)["Location"] == "/vault/open/?next=/vault/passkey/"
    assert not KeySlot.objects.filter(slot="passkey").exists()


def test_a_passkey_of_somebody_else_is_refused(bob: User, root: User, adding: Client) -> None:
    for other in (bob, root):
        told = {"credential": make_passkey(other), "secret": SECRET}
        assert adding.post("/vault/passkey/", told).status_code == 404
    assert adding.post("/vault/passkey/", {}).status_code == 404
    assert not KeySlot.objects.filter(slot="passkey").exists()


def test_a_locked_vault_opens_with_what_the_passkey_says(
    alice: User, opened: OpenedVault, alice_client: Client, passkey: str
) -> None:
    assert "vault-passkeys" not in alice_client.get("/vault/open/").content.decode()
    add_passkey(user=alice, opened=opened, credential=passkey, secret=SECRET)
    page = alice_client.get("/vault/open/").content.decode()
    assert json.dumps({"salt": make_salt(Vault.objects.get()), "credentials": [passkey]}) in page
    refused = alice_client.post("/vault/open/", {"credential": passkey, "secret": OTHER_SECRET})
    assert refused.status_code == 403
    assert OTHER_SECRET not in refused.content.decode()
    assert alice_client.post("/vault/open/", {"credential": passkey, "secret": SECRET})["Location"] == "/"
    assert is_open(alice_client)


def test_neither_passphrase_nor_passkey_is_a_field_missing(opened: OpenedVault, alice_client: Client) -> None:
    answer = alice_client.post("/vault/open/", {"credential": "x"})
    assert answer.status_code == 200
    assert "This field is required." in answer.content.decode()


def test_a_stranger_sees_nothing_of_it_and_opens_nothing(
    alice: User, bob: User, opened: OpenedVault, passkey: str, bob_client: Client, root_client: Client
) -> None:
    add_passkey(user=alice, opened=opened, credential=passkey, secret=SECRET)
    make_vault(bob)
    for client in (bob_client, root_client):
        for address in ("/vault/", "/vault/open/", "/vault/passkey/"):
            assert passkey not in client.get(address, follow=True).content.decode()
        client.post("/vault/open/", {"credential": passkey, "secret": SECRET})
        assert not client.get("/vault/open/").wsgi_request.opened_vault  # type: ignore[attr-defined]
        client.post("/vault/passkey/remove/", {"credential": passkey})
    assert KeySlot.objects.filter(slot="passkey").count() == 1


def test_a_passkey_taken_off_the_account_opens_nothing(
    alice: User, opened: OpenedVault, adding: Client, passkey: str, django_capture_on_commit_callbacks: Any
) -> None:
    add_passkey(user=alice, opened=opened, credential=passkey, secret=SECRET)
    row = Authenticator.objects.get(type="webauthn")
    with django_capture_on_commit_callbacks(execute=True):
        adding.post(f"/accounts/2fa/webauthn/keys/{row.pk}/remove/")
    assert not KeySlot.objects.filter(slot="passkey").exists()
    assert "A passkey no longer opens the vault" in mailed()


@pytest.fixture
def signing_in(alice: User, opened: OpenedVault, passkey: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the sign-in page sends after one touch; whose passkey it is was proved."""
    add_passkey(user=alice, opened=opened, credential=passkey, secret=SECRET)
    monkeypatch.setattr(auth, "parse_authentication_response", lambda response: None)
    monkeypatch.setattr(auth, "extract_user_from_response", lambda response: alice)
    row = Authenticator.objects.get(type="webauthn")
    monkeypatch.setattr(auth, "complete_authentication", lambda user, response: row)
    return {"credential": json.dumps({"id": passkey}), "secret": SECRET, "salt": make_salt(Vault.objects.get())}


def test_one_touch_signs_in_and_opens_the_vault(client: Client, signing_in: dict[str, str]) -> None:
    assert client.post("/accounts/2fa/webauthn/login/", signing_in)["Location"] == "/today/"
    assert is_open(client)


@pytest.mark.parametrize(
    "change",
    [
        {"secret": ""},
        {"salt": ""},
        {"salt": "ä"},
        {"salt": in_text(b"s" * 32)},
        {"secret": OTHER_SECRET},
        {"secret": "?"},
        {"credential": '{"x": 1}'},
        {"credential": '{"id": "another"}'},
    ],
)
def test_what_does_not_fit_still_signs_in_and_opens_nothing(
    client: Client, signing_in: dict[str, str], change: dict[str, str]
) -> None:
    assert client.post("/accounts/2fa/webauthn/login/", signing_in | change)["Location"] == "/today/"
    assert not is_open(client)


def test_a_browser_that_asks_for_anothers_vault_counts_as_no_try(client: Client, signing_in: dict[str, str]) -> None:
    for _ in range(6):
        told = signing_in | {"salt": in_text(b"s" * 32), "secret": OTHER_SECRET}
        client.post("/accounts/2fa/webauthn/login/", told)
        client.post("/accounts/logout/")
    assert KeySlot.objects.get(slot="passkey").failures == 0


def test_no_other_way_of_signing_in_opens_a_vault(client: Client, alice: User, signing_in: dict[str, Any]) -> None:
    form = {"login": alice.email, "password": "correct horse battery"} | signing_in
    Authenticator.objects.all().delete()
    client.post("/accounts/login/", form)
    assert not is_open(client)
