"""Every way to sign in gets a person into the account, and none of them into the vault."""

import re
import time

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.allauth_internals import TOTP
from accounts.models import ApiToken, User
from accounts.tokens import make_token
from tests.accounts.test_oidc import Provider, provider, sign_in_there
from tests.conftest import PASSWORD, sign_in
from tests.second_factors import SEED, code_of
from tests.vaults import hold_open_in, make_vault
from vault.services.key_slots import WrongPassphrase
from vault.services.lifecycle import open_vault

__all__ = ["provider"]

pytestmark = pytest.mark.django_db

PASSPHRASE = "quilted otter drums vivid canyon"


@pytest.fixture(autouse=True)
def vault(alice: User) -> None:
    from vault.services.lifecycle import create_vault

    create_vault(user=alice, passphrase=PASSPHRASE)


def assert_in_and_locked(client: Client) -> None:
    answer = client.get("/vault/")
    assert answer.status_code == 200
    assert answer.wsgi_request.opened_vault is None  # type: ignore[attr-defined]
    assert "vault" not in client.session
    assert client.get("/journal/")["Location"].startswith("/vault/open/")
    assert client.get("/api/v1/journal/entries/").status_code == 423
    assert client.get("/you/data/export/")["Location"].startswith("/vault/open/")


def test_password(alice: User, client: Client) -> None:
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    assert_in_and_locked(client)


def test_password_and_second_factor(alice: User, client: Client) -> None:
    TOTP.activate(alice, SEED)
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code_of(SEED, time.time())})
    assert_in_and_locked(client)


def test_password_reset(alice: User, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[0].body))
    assert link
    form_page = client.get(link[1])["Location"]
    client.post(form_page, {"password1": "quite another staple", "password2": "quite another staple"})
    client.post(reverse("account_login"), {"login": alice.email, "password": "quite another staple"})
    assert_in_and_locked(client)
    with pytest.raises(WrongPassphrase):
        open_vault(user=alice, passphrase="quite another staple")


def test_the_organisations_sign_in(alice: User, client: Client, provider: Provider) -> None:
    SocialAccount.objects.create(user=alice, provider="work", uid="alice-at-work")
    provider.claims = {"sub": "alice-at-work", "email": alice.email, "email_verified": True}
    sign_in_there(client, provider)
    assert_in_and_locked(client)


def test_an_administrator_who_sets_a_new_password(alice: User, root_client: Client, client: Client) -> None:
    new = {"password1": "set by an administrator", "password2": "set by an administrator", "usable_password": "true"}
    root_client.post(f"/admin/accounts/user/{alice.pk}/password/", new)
    client.post(reverse("account_login"), {"login": alice.email, "password": "set by an administrator"})
    assert_in_and_locked(client)


def test_a_session_made_for_somebody_by_the_server(alice: User, client: Client) -> None:
    sign_in(client, alice)
    assert_in_and_locked(client)


def test_signing_in_again_beside_an_open_vault(alice: User, client: Client) -> None:
    sign_in(client, alice)
    from tests.vaults import erase_vault

    erase_vault(user=alice)
    hold_open_in(client, alice, make_vault(User.objects.get(pk=alice.pk)))
    elsewhere = Client()
    elsewhere.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    assert_in_and_locked(elsewhere)


def test_an_api_token(alice: User, client: Client) -> None:
    for scope in ApiToken.Scope:
        key = make_token(alice, scope)
        answer = client.get("/api/v1/journal/entries/", headers={"Authorization": f"Token {key}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
