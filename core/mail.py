"""Mail that no page waits for: composed in the request, handed to the mail server by threads of this process.

What waits is in this process's memory alone, for a mail may hold a link that opens an account: it stands in no
database, no Redis and no log. A mail server that is away is tried again for an hour; see docs/decisions/0069.
"""

import atexit
import heapq
import itertools
import logging
import os
import re
import smtplib
import threading
import time
from collections.abc import Mapping, Sequence
from email.utils import make_msgid
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connections, transaction
from django.dispatch import Signal
from django.template.loader import render_to_string

from core.exceptions import Unavailable

logger = logging.getLogger(__name__)

_THREADS: Final = 4
#: More than these wait only while a mail server is away and somebody floods it.
MAX_WAITING: Final = 500
#: Seconds before each further try. A mail server that answers "later" to a stranger means minutes.
RETRY_AFTER: Final = (20.0, 60.0, 300.0, 900.0, 2400.0)
_LAST_SECONDS: Final = 15.0

#: Sent with `message` and `is_final` in a thread of the mail, when the mail server did not take it this time.
mail_refused = Signal()
#: Sent with `message` in a thread of the mail, when the mail server has taken it.
mail_taken = Signal()


class Mail(EmailMultiAlternatives):
    """A mail of this site. `kind` is what the log calls it; nothing else of it is ever logged."""

    kind = "other"


def queue_mail(to: str, template: str, context: Mapping[str, Any] | None = None) -> None:
    """Write to one address in the words of `template`, see `compose_mail`. Returns at once.

    Inside a transaction it is queued when that commits. Raises Unavailable when too many mails wait.
    """
    compose_mail(to, template, context).send()


def compose_mail(to: str, template: str, context: Mapping[str, Any] | None = None) -> Mail:
    """The mail of `template`_subject.txt and `template`_message.txt, with an HTML part made of the same words.

    Paragraphs stand apart by an empty line. Templates see `site_url` beside `context`, and have to switch off escaping,
    as `mail/base.txt` does.
    """
    seen = {"site_url": settings.PUBLIC_URL, **(context or {})}
    subject = " ".join(render_to_string(f"{template}_subject.txt", seen).split())
    text = re.sub(r"\n{3,}", "\n\n", render_to_string(f"{template}_message.txt", seen).strip())
    headers = {
        "Message-ID": make_msgid(domain=urlsplit(settings.PUBLIC_URL).hostname),
        # No holiday notice answers it.
        "Auto-Submitted": "auto-generated",
    }
    mail = Mail(subject, text, to=[to], headers=headers)
    mail.kind = template.rpartition("/")[2]
    mail.attach_alternative(render_to_string("mail/base.html", {"subject": subject, "text": text}), "text/html")
    return mail


class QueueBackend(BaseEmailBackend):
    """Django's EMAIL_BACKEND: takes every mail at once, and `MAIL_SERVER_BACKEND` hands it over."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raises Unavailable, which leaves them unsent, when too many wait."""
        if not outbox.has_room():
            raise Unavailable
        for message in email_messages:
            transaction.on_commit(partial(outbox.add, message))
        return len(email_messages)


class Outbox:
    """Mails with the moment each is due, and a few threads that hand them over."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        # (when by the monotonic clock, order of coming, tries so far, mail)
        self._waiting: list[tuple[float, int, int, EmailMessage]] = []
        self._numbers = itertools.count()
        self._threads: list[threading.Thread] = []
        self._in_hand = 0
        self._ends = False

    def has_room(self) -> bool:
        return len(self._waiting) < MAX_WAITING

    def add(self, message: EmailMessage, *, tries: int = 0, after: float = 0.0) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + after, next(self._numbers), tries, message))
            if len(self._threads) < _THREADS:
                thread = threading.Thread(target=self._work, name="mail", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    def finish(self, seconds: float) -> None:
        """Try once more what waits, for at most that long: this process ends."""
        end = time.monotonic() + seconds
        with self._changed:
            self._ends = True
            self._changed.notify_all()
            self._changed.wait_for(self._is_empty, timeout=max(0.0, end - time.monotonic()))
            if lost := len(self._waiting) + self._in_hand:
                logger.error("mails not sent because this process ends: %d", lost)

    def _is_empty(self) -> bool:
        return not self._waiting and not self._in_hand

    def _work(self) -> None:
        while True:
            tries, message = self._take()
            try:
                self._hand_over(message, tries)
            finally:
                connections.close_all()
                with self._changed:
                    self._in_hand -= 1
                    self._changed.notify_all()

    def _take(self) -> tuple[int, EmailMessage]:
        with self._changed:
            while (wait := self._seconds_to_next()) != 0.0:
                self._changed.wait(wait)
            self._in_hand += 1
            return heapq.heappop(self._waiting)[2:]

    def _seconds_to_next(self) -> float | None:
        """None while nothing waits."""
        if not self._waiting:
            return None
        return 0.0 if self._ends else max(0.0, self._waiting[0][0] - time.monotonic())

    def _hand_over(self, message: EmailMessage, tries: int) -> None:
        try:
            get_connection(settings.MAIL_SERVER_BACKEND).send_messages([message])
        except Exception as error:  # noqa: BLE001 -- whatever it is, the other mails go out
            self._refuse(message, tries, error)
        else:
            mail_taken.send_robust(sender=type(message), message=message)

    def _refuse(self, message: EmailMessage, tries: int, error: Exception) -> None:
        """The words of the error may name the address, so none of them is logged."""
        is_final = self._ends or tries == len(RETRY_AFTER) or is_lasting(error)
        again = "given up" if is_final else f"tried again in {RETRY_AFTER[tries]:.0f} s"
        logger.error("mail %s was not sent, %s: %s", getattr(message, "kind", "other"), again, describe(error))
        if not is_final:
            self.add(message, tries=tries + 1, after=RETRY_AFTER[tries])
        mail_refused.send_robust(sender=type(message), message=message, is_final=is_final)


def is_lasting(error: Exception) -> bool:
    """Whether the mail server will say the same the next time, as of a mailbox that it does not know."""
    codes = _codes_of(error)
    return bool(codes) and all(500 <= code < 600 for code in codes)


def describe(error: Exception) -> str:
    """The kind of error and the mail server's numbers, without its words."""
    return " ".join([type(error).__name__, *map(str, _codes_of(error))])


def _codes_of(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


outbox = Outbox()
# A forked process has this one's mails, and none of its threads.
os.register_at_fork(after_in_child=lambda: Outbox.__init__(outbox))
atexit.register(lambda: outbox.finish(_LAST_SECONDS))
