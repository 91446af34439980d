"""Few stretch a passphrase at a time, few wait for it, and everybody else is told when to come back."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from core.exceptions import TooOften
from vault.models import KeySlot
from vault.services import argon2_queue
from vault.services.argon2_queue import argon2_turn
from vault.services.lifecycle import create_vault, open_vault

pytestmark = pytest.mark.django_db

PASSPHRASE = "seven purple otters juggle"


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All turns are taken; nobody waits long."""
    monkeypatch.setattr(argon2_queue, "_PATIENCE_SECONDS", 0.01)
    with ExitStack() as stack:
        for _ in range(argon2_queue._AT_ONCE):
            argon2_queue._working.acquire()
            stack.callback(argon2_queue._working.release)
        yield


@pytest.fixture
def vault(alice: User) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)


def test_whoever_waited_too_long_is_told_when_to_come_back(alice: User, vault: None, busy: None) -> None:
    with pytest.raises(TooOften) as refused:
        open_vault(user=alice, passphrase=PASSPHRASE)
    assert refused.value.retry_after == 5
    assert "5 seconds" in str(refused.value.detail)
    assert KeySlot.objects.get(slot="passphrase").failures == 0


def test_whoever_finds_a_long_line_does_not_wait_at_all(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argon2_queue, "_PATIENCE_SECONDS", 3600)
    with ExitStack() as stack:
        for _ in range(argon2_queue._IN_LINE):
            argon2_queue._in_line.acquire()
            stack.callback(argon2_queue._in_line.release)
        with pytest.raises(TooOften), argon2_turn(alice):
            pass


def test_a_turn_that_failed_is_free_again(alice: User) -> None:
    for _ in range(argon2_queue._IN_LINE + 1):
        with pytest.raises(ZeroDivisionError), argon2_turn(alice):
            raise ZeroDivisionError


def test_one_person_gets_so_many_turns_a_minute_and_others_theirs(alice: User, bob: User) -> None:
    for _ in range(10):
        with argon2_turn(alice):
            pass
    with pytest.raises(TooOften) as refused, argon2_turn(alice):
        pass
    assert refused.value.retry_after == 60
    with argon2_turn(bob):
        pass


def test_page_that_refuses_says_when_it_goes_on(alice: User, alice_client: Client, busy: None) -> None:
    answer = alice_client.post(
        "/vault/new/", {"new_passphrase": PASSPHRASE, "again": PASSPHRASE, "new_passphrase_again": PASSPHRASE}
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert "Please try again in 5 seconds." in answer.content.decode()


def test_what_was_counted_goes_with_the_account(alice: User) -> None:
    from accounts.adapters import forget_limits
    from accounts.limits import limit_keys

    with argon2_turn(alice):
        pass
    assert any(key in cache for key in limit_keys(alice))
    forget_limits(alice)
    assert not any(key in cache for key in limit_keys(alice))
