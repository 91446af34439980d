"""No page waits for a mail server, and what waits for one is in memory alone."""

import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from core import mail
from core.exceptions import Unavailable
from core.mail import Outbox, QueueBackend, compose_mail, describe, is_lasting, queue_mail

SECRET = "https://mood.example.org/accounts/password/reset/key/1-secret-7731/"
GONE = smtplib.SMTPRecipientsRefused({"bob@example.org": (550, b"bob@example.org unknown")})
LATER = smtplib.SMTPRecipientsRefused({"bob@example.org": (451, b"bob@example.org later")})


class Server(BaseEmailBackend):
    """A mail server that waits for `gate`, and answers with the next of `answers` while there are any."""

    gate = threading.Event()
    answers: list[Exception] = []
    taken: list[EmailMessage] = []

    def send_messages(self, email_messages: Any) -> int:
        Server.gate.wait(10)
        if Server.answers:
            raise Server.answers.pop(0)
        Server.taken.extend(email_messages)
        return len(email_messages)


@pytest.fixture
def queue(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    settings.EMAIL_BACKEND, settings.MAIL_SERVER_BACKEND = "core.mail.QueueBackend", f"{__name__}.Server"
    settings.PUBLIC_URL = "https://mood.example.org"
    Server.gate.set()
    Server.answers, Server.taken = [], []
    monkeypatch.setattr(mail, "RETRY_AFTER", (0.02, 0.02))
    made = Outbox()
    monkeypatch.setattr(mail, "outbox", made)
    yield made
    Server.gate.set()
    made.finish(5)


def write(subject: str = "Hello") -> None:
    send_mail(subject, SECRET, None, ["bob@example.org"])


def wait_until(is_so: Callable[[], Any]) -> None:
    end = time.monotonic() + 5
    while not is_so() and time.monotonic() < end:
        time.sleep(0.005)
    assert is_so()


def test_the_site_queues_its_mail_and_hands_it_to_the_server(settings: Any) -> None:
    from wellbeing import settings as site

    assert site.EMAIL_BACKEND == "core.mail.QueueBackend"
    assert site.MAIL_SERVER_BACKEND == "django.core.mail.backends.console.EmailBackend"


@pytest.mark.usefixtures("queue")
@pytest.mark.django_db(transaction=True)
def test_ten_mails_to_a_slow_server_hold_nobody_up() -> None:
    Server.gate.clear()
    began = time.monotonic()
    for _ in range(10):
        write()
    assert time.monotonic() - began < 0.5
    Server.gate.set()
    wait_until(lambda: len(Server.taken) == 10)


@pytest.mark.usefixtures("queue")
@pytest.mark.django_db(transaction=True)
def test_a_mail_of_a_transaction_that_failed_is_never_sent() -> None:
    with transaction.atomic():
        write("rolled back")
        transaction.set_rollback(True)
    write("kept")
    wait_until(lambda: Server.taken)
    time.sleep(0.05)
    assert [message.subject for message in Server.taken] == ["kept"]


@pytest.mark.usefixtures("queue")
@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_away_is_tried_again_and_the_log_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    Server.answers = [ConnectionRefusedError(f"{SECRET} bob@example.org"), LATER]
    write()
    wait_until(lambda: Server.taken)
    assert [record.getMessage() for record in caplog.records if record.name == "core.mail"] == [
        "mail other was not sent, tried again in 0 s: ConnectionRefusedError",
        "mail other was not sent, tried again in 0 s: SMTPRecipientsRefused 451",
    ]
    assert "secret" not in caplog.text
    assert "bob" not in caplog.text


@pytest.mark.usefixtures("queue")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("answers", "tries"), [([GONE], [True]), ([LATER] * 3, [False, False, True])])
def test_a_mailbox_nobody_knows_is_given_up_at_once_and_any_other_error_after_some_tries(
    answers: list[Exception], tries: list[bool]
) -> None:
    told: list[bool] = []

    def note(is_final: bool, **_: Any) -> None:
        told.append(is_final)

    mail.mail_refused.connect(note)
    Server.answers = list(answers)
    write()
    wait_until(lambda: len(told) == len(tries))
    mail.mail_refused.disconnect(note)
    time.sleep(0.05)
    assert (told, Server.taken) == (tries, [])


@pytest.mark.django_db(transaction=True)
def test_no_more_mails_wait_than_there_is_room_for(queue: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    Server.gate.clear()
    # One for each thread, and those that wait.
    for _ in range(4):
        write()
    wait_until(lambda: not queue._waiting)
    monkeypatch.setattr(mail, "MAX_WAITING", 3)
    for _ in range(3):
        write()
    with pytest.raises(Unavailable):
        write("too many")
    Server.gate.set()
    wait_until(lambda: len(Server.taken) == 7)
    write("again")
    wait_until(lambda: Server.taken[-1].subject == "again")


@pytest.mark.django_db(transaction=True)
def test_a_process_that_ends_tries_once_more_what_waits_and_counts_what_is_lost(
    queue: Outbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "RETRY_AFTER", (600.0,))
    Server.answers = [ConnectionResetError()]
    write()
    wait_until(lambda: not Server.answers)
    queue.finish(5)
    assert len(Server.taken) == 1
    Server.gate.clear()
    write()
    queue.finish(0.1)
    assert caplog.messages[-1] == "mails not sent because this process ends: 1"


def test_a_mail_is_from_this_site_in_text_and_html_and_escapes_nothing_in_the_text(
    settings: Any, tmp_path: Path
) -> None:
    settings.PUBLIC_URL = "https://mood.example.org"
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "hello_subject.txt").write_text("Hello\nthere\n")
    words = "Tom & {{ name }}\n\n{{ site_url }}/x/?a=1&b=2"
    (tmp_path / "x" / "hello_message.txt").write_text("{% autoescape off %}" + words + "{% endautoescape %}")
    made = compose_mail("bob@example.org", "x/hello", {"name": "<Bob>"})
    assert (made.subject, made.kind, made.to) == ("Hello there", "hello", ["bob@example.org"])
    assert made.body == "Tom & <Bob>\n\nhttps://mood.example.org/x/?a=1&b=2"
    [(html, kind)] = made.alternatives
    assert kind == "text/html"
    assert "Tom &amp; &lt;Bob&gt;" in str(html)
    assert 'href="https://mood.example.org/x/?a=1&amp;b=2"' in str(html)
    sent = made.message()
    assert sent["Auto-Submitted"] == "auto-generated"
    assert str(sent["Message-ID"]).endswith("@mood.example.org>")


def test_only_lasting_refusals_are_lasting_and_an_error_is_told_without_its_words() -> None:
    assert [is_lasting(error) for error in (GONE, LATER, TimeoutError(), smtplib.SMTPDataError(554, b"no"))] == [
        True, False, False, True,
    ]  # fmt: skip
    assert describe(smtplib.SMTPSenderRefused(553, b"who?", "site@example.org")) == "SMTPSenderRefused 553"


def test_queue_mail_sends_what_is_composed(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    sent: list[object] = []
    monkeypatch.setattr(QueueBackend, "send_messages", lambda self, messages: sent.extend(messages))
    settings.EMAIL_BACKEND = "core.mail.QueueBackend"
    monkeypatch.setattr(mail, "render_to_string", lambda template, context: template)
    queue_mail("bob@example.org", "x/hello")
    [made] = sent
    assert isinstance(made, mail.Mail)
    assert made.body == "x/hello_message.txt"
