"""Mails of the site, sent to a mail server that takes them, is slow, or says no; and what the pages say of it."""

import gc
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core import mail
from core.mail import Outbox
from tests.conftest import PASSWORD
from tests.smtp import LOGIN, MailServer, running_mail_server, write_certificate

pytestmark = pytest.mark.django_db(transaction=True)

SENT, DONE = reverse("account_email_verification_sent"), reverse("account_reset_password_done")
REFUSED = "Our mail could not be delivered."
LOOK = "Look in your mail</h1>"


@pytest.fixture
def use(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[MailServer], None]]:
    """`use(server)`: the site sends its mail there, and asks for confirmed addresses."""
    outbox = Outbox()
    monkeypatch.setattr(mail, "outbox", outbox)

    def use_(server: MailServer) -> None:
        settings.EMAIL_BACKEND = "core.mail.QueueBackend"
        settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    yield use_
    outbox.finish(5)


@pytest.fixture
def server(use: Callable[[MailServer], None]) -> Iterator[MailServer]:
    with running_mail_server() as running:
        use(running)
        yield running


def wait_until(is_so: Callable[[], Any]) -> None:
    end = time.monotonic() + 10
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_so()


def ask_for_reset(address: str, client: Client | None = None) -> str:
    """What stands on the page that this leads to."""
    client = client or Client()
    answer = client.post(reverse("account_reset_password"), {"email": address})
    assert answer["Location"] == DONE
    return client.get(DONE).content.decode()


def sign_up(address: str, client: Client | None = None) -> str:
    """What stands on the page that this leads to."""
    client = client or Client()
    answer = client.post(reverse("account_signup"), {"email": address, "password1": PASSWORD, "password2": PASSWORD})
    assert answer["Location"] == SENT
    return client.get(SENT).content.decode()


def received(server: MailServer, count: int = 1) -> Any:
    """The latest mail, once so many have come."""
    wait_until(lambda: len(server.taken) == count)
    return server.taken[-1]


@pytest.mark.parametrize("mail_of", ["sign_up", "sign_up_again", "reset", "unknown"])
def test_every_mail_is_in_our_words_as_text_and_html_and_says_what_to_do(
    mail_of: str, alice: User, server: MailServer
) -> None:
    ask, address, subject, words = {
        "sign_up": (sign_up, "new@example.org", "Confirm your address for Wellbeing", "within 3 days"),
        "sign_up_again": (sign_up, alice.email, "Your account at Wellbeing", "There is one already"),
        "reset": (ask_for_reset, alice.email, "A new password for Wellbeing", "It does not open your vault"),
        "unknown": (ask_for_reset, "nobody@example.org", "No account with this address at Wellbeing", "no account has"),
    }[mail_of]
    ask(address)
    sent = received(server)
    text, html = (str(sent.get_body([kind]).get_content()) for kind in ("plain", "html"))
    assert (sent["Subject"], sent["From"], sent["To"]) == (subject, "Wellbeing <wellbeing@localhost>", address)
    assert (sent["Auto-Submitted"], str(sent["Message-ID"]).endswith("@testserver>")) == ("auto-generated", True)
    for part in (text, html):
        assert words in part
        assert "simply do nothing" in part
        assert "never stands in a mail" in part
    assert "{" not in text + html
    assert re.findall(r"http\S+", text) == re.findall(r'href="(http[^"]+)"', html)


def test_the_links_in_the_mails_do_what_they_say(server: MailServer) -> None:
    client = Client()
    sign_up("new@example.org", client)
    [link, _] = re.findall(r"http://testserver(/\S+|)", str(received(server).get_body(["plain"])))
    assert client.post(link)["Location"] == "/today/"
    ask_for_reset("new@example.org")
    [link, _] = re.findall(r"http://testserver(/\S+|)", str(received(server, 2).get_body(["plain"])))
    form = Client().get(link)["Location"]
    assert "set-password" in form


def test_a_mail_about_an_account_names_the_sign_in_of_the_organisation(
    alice: User, server: MailServer, settings: Any
) -> None:
    app = {"provider_id": "work", "name": "Example Corp", "client_id": "x", "settings": {"server_url": "https://x"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    sign_up(alice.email)
    text = str(received(server).get_body(["plain"]).get_content())
    assert "Did you come through the sign-in of Example Corp? Sign in as you did before, then connect it here" in text
    assert "http://testserver/accounts/3rdparty/" in text


def test_a_page_says_to_look_for_a_mail_and_when_it_can_be_sent_again(server: MailServer) -> None:
    client = Client()
    page = sign_up("new@example.org", client)
    assert LOOK in page
    assert "A mail with a link is on its way to new@example.org." in page
    assert "In about 3 minutes you can have it sent again." in page
    received(server)
    assert client.post(SENT)["Location"] == SENT
    assert "no mail was sent this time" in client.get(SENT).content.decode()
    # Elsewhere, a moment later: nothing is sent, and the page does not say so.
    other = Client()
    other.post(reverse("account_login"), {"login": "new@example.org", "password": PASSWORD})
    page = other.get(SENT).content.decode()
    assert "on its way" not in page
    assert "In about 3 minutes you can have it sent again." in page
    assert len(server.taken) == 1


def test_sent_again_after_three_minutes(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    sign_up("new@example.org", client)
    received(server)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 181)
    assert "you can have it sent again" not in client.get(SENT).content.decode()
    client.post(SENT)
    assert "A mail with a link is on its way to new@example.org." in client.get(SENT).content.decode()
    received(server, 2)


def test_a_mistyped_address_is_told_and_takes_no_time_from_the_next_try(server: MailServer) -> None:
    server.answer = "550 no such user"
    client = Client()
    sign_up("mistyped@example.org", client)
    wait_until(lambda: REFUSED in client.get(SENT).content.decode())
    page = client.get(SENT).content.decode()
    assert LOOK not in page
    assert "Is the address written correctly?" in page
    server.answer = "250 OK"
    client.post(SENT)
    assert LOOK in client.get(SENT).content.decode()
    received(server)


def test_a_mail_server_that_is_away_for_a_while_is_told(server: MailServer) -> None:
    server.answer = "451 later"
    client = Client()
    ask_for_reset("nobody@example.org", client)
    wait_until(lambda: "We go on trying for an hour." in client.get(DONE).content.decode())


@pytest.mark.parametrize("answer", ["250 OK", "550 no such user", "451 later"])
def test_what_became_of_a_mail_does_not_tell_whether_there_is_an_account(
    answer: str, alice: User, server: MailServer
) -> None:
    server.answer = answer
    pages = []
    for ask in (sign_up, ask_for_reset):
        for address in (alice.email, "nobody@example.org"):
            client = Client()
            ask(address, client)
            time.sleep(0.3)
            page = client.get(SENT if ask is sign_up else DONE).content.decode()
            pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page))
        User.objects.exclude(pk=alice.pk).delete()
    assert pages[0] == pages[1]
    assert pages[2] == pages[3]


def test_a_page_watches_until_it_knows(server: MailServer) -> None:
    server.is_open.clear()
    client = Client()
    assert 'hx-trigger="load delay:4s"' in sign_up("new@example.org", client)
    server.is_open.set()
    received(server)
    wait_until(lambda: "hx-trigger" not in client.get(SENT).content.decode())


def test_no_mail_is_promised_when_too_many_wait(
    alice: User, server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "MAX_WAITING", 0)
    sorry = "Our mail could not be sent just now, so none is on its way. Please try again in five minutes."
    pages = [ask(address) for ask in (sign_up, ask_for_reset) for address in ("new@example.org", alice.email)]
    for page in pages:
        assert sorry in page
        assert LOOK not in page
        assert "on its way to" not in page
    assert User.objects.filter(email="new@example.org").count() == 1
    lines = [record.getMessage() for record in caplog.records if record.name == "accounts.adapters"]
    assert lines[-1] == "mail account/email/password_reset_key was not queued: too many wait"


def test_no_row_and_no_line_names_who_was_written_to(server: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    from django.core.cache import cache

    server.answer = "550 no such user nobody@example.org"
    client = Client()
    ask_for_reset("nobody@example.org", client)
    wait_until(lambda: REFUSED in client.get(DONE).content.decode())
    assert "nobody" not in str(dict(client.session.items()))
    assert "nobody" not in str(cache._cache)  # type: ignore[attr-defined]
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert "mail unknown_account was not sent, given up: SMTPRecipientsRefused 550" in ours
    assert "nobody" not in "".join(ours)


# A failed handshake leaves its socket to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("implicit", [True, False])
def test_mail_goes_over_tls_with_a_password_by_either_way_and_to_a_private_authority(
    implicit: bool, use: Callable[[MailServer], None], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = write_certificate(tmp_path / "mail.pem")
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = LOGIN
    with running_mail_server(certificate, implicit=implicit) as server:
        use(server)
        settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = implicit, not implicit
        client = Client()
        ask_for_reset("nobody@example.org", client)
        wait_until(lambda: "We go on trying" in client.get(DONE).content.decode())
        assert server.taken == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_mail_server(certificate, implicit=implicit) as server:
        use(server)
        settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = implicit, not implicit
        ask_for_reset("nobody@example.org")
        received(server)
    gc.collect()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, (True, False)), ({"PORT": "465"}, (False, True)), ({"PORT": "465", "TLS": "off"}, (False, False))],
)
def test_port_465_is_tls_from_the_first_byte(variables: dict[str, str], expected: tuple[bool, bool]) -> None:
    import os
    import subprocess
    import sys

    code = "from wellbeing import settings as s; print((s.EMAIL_USE_TLS, s.EMAIL_USE_SSL))"
    told = {f"WELLBEING_EMAIL_{name}": value for name, value in variables.items()}
    answer = subprocess.run([sys.executable, "-c", code], env=os.environ | told, capture_output=True, text=True)
    assert answer.stdout == f"{expected}\n"
