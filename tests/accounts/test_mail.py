"""A mail server that says no, or nothing, costs a mail: no page, no account, and nobody's secret."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

SORRY = "Our mail could not be sent just now, so none is on its way. Please try again in five minutes."


@pytest.fixture
def mail_server(settings: Any) -> Iterator[socket.socket]:
    """Takes every connection and never says a word; closed, it refuses them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_USE_TLS = False
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        yield server


@pytest.fixture
def refused(mail_server: socket.socket) -> None:
    mail_server.close()


def reset(address: str) -> tuple[str, str]:
    """Where asking for a reset leads, and what stands there."""
    client = Client()
    answer = client.post(reverse("account_reset_password"), {"email": address})
    return answer["Location"], client.get(answer["Location"]).content.decode()


def sign_up(address: str) -> tuple[str, str]:
    """Where signing up leads, and what stands there."""
    client = Client()
    answer = client.post(reverse("account_signup"), {"email": address, "password1": PASSWORD, "password2": PASSWORD})
    return answer["Location"], client.get(answer["Location"]).content.decode()


def test_a_mail_server_is_waited_for_ten_seconds(settings: Any) -> None:
    assert settings.EMAIL_TIMEOUT == 10


def test_a_silent_mail_server_is_given_up(alice: User, mail_server: socket.socket, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    began = time.monotonic()
    page, text = reset(alice.email)
    assert time.monotonic() - began < 5
    assert page == reverse("account_reset_password_done")
    assert SORRY in text


@pytest.mark.usefixtures("refused")
def test_a_reset_whose_mail_failed_does_not_tell_whether_there_is_an_account(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    known, unknown = reset(alice.email), reset("nobody@example.org")
    assert known == unknown
    assert SORRY in known[1]
    assert [record.getMessage() for record in caplog.records if record.name == "accounts.adapters"] == [
        "mail account/email/password_reset_key was not sent: ConnectionRefusedError",
        "mail account/email/unknown_account was not sent: ConnectionRefusedError",
    ]


@pytest.mark.usefixtures("refused")
def test_a_sign_up_whose_mail_failed_made_the_account_and_does_not_tell_whether_there_was_one(alice: User) -> None:
    new, known = sign_up("new@example.org"), sign_up(alice.email)
    assert new == known
    assert new[0] == reverse("account_email_verification_sent")
    assert SORRY in new[1]
    assert "on its way to" not in new[1]
    assert User.objects.filter(email="new@example.org").count() == 1


def test_a_mail_that_was_sent_is_said_to_be_on_its_way(settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert "A mail with a link is on its way to new@example.org." in sign_up("new@example.org")[1]
