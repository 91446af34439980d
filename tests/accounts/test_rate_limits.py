"""Guessing and flooding are slowed down at every door."""

import pytest
from allauth.account import app_settings as account_settings
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD, sign_in
from vault.services.lifecycle import create_vault

pytestmark = pytest.mark.django_db


def test_a_password_is_guessed_five_times_and_then_not_even_the_right_one_is_tried(alice: User) -> None:
    for number in range(5):
        Client().post("/accounts/login/", {"login": alice.email, "password": f"wrong {number}"})
    client = Client()
    answer = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert "Too many failed login attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_guessing_one_account_does_not_shut_out_another(alice: User, bob: User) -> None:
    for number in range(6):
        Client().post("/accounts/login/", {"login": alice.email, "password": f"wrong {number}"})
    client = Client()
    client.post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(bob.pk)


def log_in(client: Client, user: User, password: str = PASSWORD) -> bool:
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client.session.get("_auth_user_id") == str(user.pk)


@pytest.fixture
def known(alice: User) -> Client:
    """A browser that alice has signed in with, and out of again."""
    client = Client()
    assert log_in(client, alice)
    client.post("/accounts/logout/")
    return client


def test_guesses_of_strangers_shut_nobody_out_of_a_browser_they_have_used(alice: User, known: Client) -> None:
    for number in range(100):
        Client().post("/accounts/login/", {"login": alice.email, "password": f"wrong {number}"})
    assert not log_in(Client(), alice)
    assert log_in(known, alice)


def test_a_browser_one_has_used_has_five_guesses_of_its_own(alice: User, known: Client) -> None:
    for number in range(5):
        assert not log_in(known, alice, f"wrong {number}")
    assert not log_in(known, alice)
    assert log_in(Client(), alice)


def test_another_s_browser_gives_no_further_guesses(alice: User, bob: User) -> None:
    theirs = Client()
    assert log_in(theirs, bob)
    theirs.post("/accounts/logout/")
    for number in range(5):
        Client().post("/accounts/login/", {"login": alice.email, "password": f"wrong {number}"})
    assert not log_in(theirs, alice)


def test_a_made_up_mark_gives_no_further_guesses(alice: User) -> None:
    for number in range(5):
        client = Client()
        client.cookies["browser"] = "0" * 32
        client.post("/accounts/login/", {"login": alice.email, "password": f"wrong {number}"})
    client.cookies["browser"] = "1" * 32
    assert not log_in(client, alice)


def test_a_browser_used_before_the_password_changed_is_known_no_more(alice: User, known: Client) -> None:
    alice.set_password("quite another staple")
    alice.save()
    for number in range(5):
        Client().post("/accounts/login/", {"login": alice.email, "password": f"wrong {number}"})
    assert not log_in(known, alice, "quite another staple")


def test_mistyped_passwords_of_a_whole_office_do_not_shut_it_out(alice: User) -> None:
    for number in range(11):
        Client().post("/accounts/login/", {"login": f"colleague{number}@example.org", "password": "mistyped"})
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_hundred_wrong_passwords_a_minute_from_one_address_are_enough() -> None:
    assert account_settings.RATE_LIMITS["login_failed"] == "100/m/ip,5/5m/key"
    assert account_settings.RATE_LIMITS["login"] == "300/m/ip"
    assert account_settings.RATE_LIMITS["login_failed_here"] == "5/5m/key"


def test_signing_up_over_and_over_is_refused() -> None:
    statuses = [
        Client()
        .post("/accounts/signup/", {"email": f"n{n}@example.org", "password1": PASSWORD, "password2": PASSWORD})
        .status_code
        for n in range(21)
    ]
    assert statuses == [302] * 20 + [429]
    assert User.objects.count() == 20


def test_one_address_gets_five_reset_mails_a_minute(alice: User) -> None:
    statuses = [Client().post("/accounts/password/reset/", {"email": alice.email}).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_confirming_that_it_is_you_is_limited(alice: User, client: Client) -> None:
    sign_in(client, alice, seconds_ago=3600)
    statuses = [client.post("/accounts/reauthenticate/", {"password": f"wrong {n}"}).status_code for n in range(11)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_unlocking_is_limited_whatever_browser_tries(alice: User) -> None:
    create_vault(user=alice, passphrase="quilted otter drums vivid canyon")
    statuses = []
    for number in range(6):
        client = Client()
        sign_in(client, alice)
        statuses.append(client.post("/vault/open/", {"passphrase": f"wrong words {number}"}))
    assert [answer.status_code for answer in statuses] == [403] * 5 + [429]
    assert int(statuses[-1]["Retry-After"]) in range(50, 61)
