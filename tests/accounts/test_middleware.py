"""Browsers are known by a mark, and forget what they kept when somebody signs out."""

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD, sign_in
from tests.vaults import hold_open_in, make_vault

pytestmark = pytest.mark.django_db


def log_in(client: Client, user: User, password: str = PASSWORD) -> None:
    client.post("/accounts/login/", {"login": user.email, "password": password})


def test_signing_out_empties_the_browsers_cache(alice_client: Client) -> None:
    assert alice_client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in alice_client.get("/")


def test_locking_empties_the_browsers_cache_and_looking_around_does_not(alice: User, alice_client: Client) -> None:
    hold_open_in(alice_client, alice, make_vault(alice))
    assert "Clear-Site-Data" not in alice_client.get("/journal/")
    assert alice_client.post("/vault/close/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in alice_client.get("/vault/")


def test_a_vault_that_lapsed_empties_the_browsers_cache(alice: User, alice_client: Client) -> None:
    hold_open_in(alice_client, alice, make_vault(alice))
    session = alice_client.session
    del session["vault"]
    session.save()
    assert alice_client.get("/journal/")["Clear-Site-Data"] == '"cache"'


def test_leaving_empties_the_browsers_cache(alice_client: Client) -> None:
    answer = alice_client.post("/you/leave/", {"confirmation": "delete my account"})
    assert answer.status_code == 200
    assert answer["Clear-Site-Data"] == '"cache"'


def test_a_browser_is_marked_once(alice: User, client: Client) -> None:
    log_in(client, alice)
    assert client.cookies["browser"].value
    assert "browser" not in client.get("/you/devices/").cookies


def test_the_browser_a_password_is_changed_in_stays_a_known_one(alice: User, client: Client) -> None:
    log_in(client, alice)
    former, new = client.cookies["browser"].value, "quite another staple"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.cookies["browser"].value.split(".")[1:] == [former]
    other = Client()
    other.cookies["browser"] = former
    for _ in range(5):
        log_in(Client(), alice, "wrong")
    log_in(other, alice, new)
    assert "_auth_user_id" not in other.session
    client.post("/accounts/logout/")
    log_in(client, alice, new)
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_nobody_is_marked_who_is_not_signed_in(client: Client, alice: User) -> None:
    assert "browser" not in client.get("/").cookies
    log_in(client, alice, "wrong")
    assert "browser" not in client.cookies


def test_a_session_from_elsewhere_leaves_a_mark_too(alice: User, client: Client) -> None:
    sign_in(client, alice)
    client.get("/you/devices/")
    assert len(client.cookies["browser"].value) == 32
