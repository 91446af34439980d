"""People are told of what is done with their account and vault, wherever it was done, and never of what they record."""

from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import transaction

from accounts import notices
from accounts.choices import Event
from accounts.models import User
from accounts.notices import ADVICE, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def _at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "get_local_now", lambda _: datetime(2026, 11, 30, 10, 47, tzinfo=UTC))


@pytest.mark.usefixtures("_at_ten")
def test_a_notice_says_what_when_roughly_and_what_to_do(
    alice: User, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://mood.example.org"
    with django_capture_on_commit_callbacks(execute=True):
        tell(alice, Event.PASSWORD_CHANGED)
    (sent,) = mail.outbox
    assert sent.to == ["alice@example.org"]
    assert sent.subject == "Your Wellbeing account: Sign-in password changed"
    text, html = sent.body, str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    for told in (text, html):
        assert "on 30 November 2026, at about 10:00, this was done with your account: Sign-in password changed." in told
        assert "If it was not you: choose another password" in told
        assert "https://mood.example.org/you/devices/" in told
        assert "nobody opens your vault with it" in told


def test_all_confirmed_addresses_are_told_and_those_that_went(
    alice: User, bob: User, django_capture_on_commit_callbacks: Any
) -> None:
    EmailAddress.objects.create(user=alice, email="alice@home.example", verified=True)
    EmailAddress.objects.create(user=alice, email="mallory@example.org", verified=False)
    with django_capture_on_commit_callbacks(execute=True):
        tell(alice, Event.ADDRESS_CHANGED, also=["alice@former.example"])
    told = [address for sent in mail.outbox for address in sent.to]
    assert told == ["alice@example.org", "alice@former.example", "alice@home.example"]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_of_what_was_undone(alice: User) -> None:
    with transaction.atomic():
        tell(alice, Event.VAULT_ERASED)
        transaction.set_rollback(True)
    assert mail.outbox == []
    tell(alice, Event.VAULT_ERASED)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("event", ADVICE)
def test_every_notice_has_an_advice_and_names_its_event(
    alice: User, event: Event, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tell(alice, event)
    assert str(event.label) in mail.outbox[0].body
    assert str(ADVICE[event]) in mail.outbox[0].body


def test_what_a_person_does_with_their_entries_is_never_mailed(alice: User) -> None:
    for event in (Event.VAULT_OPENED, Event.VAULT_REFUSED, Event.EXPORTED, Event.IMPORTED):
        with pytest.raises(KeyError):
            tell(alice, event)
