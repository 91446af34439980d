"""A sign-in alone neither ends a vault nor makes another one: its owner has three days to step in."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.choices import Event
from accounts.models import User
from accounts.notices import report
from tests.conftest import PASSWORD, sign_in
from tests.vaults import CODE_TEXT, make_vault
from vault.crypto.recovery import make_recovery_code
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Audit
from vault.journal.reading import read_journal
from vault.keystore.keys import ErasureKeyGone
from vault.keystore.models import ErasureKey
from vault.models import KeySlot, Precaution, Vault
from vault.services import key_slots, lifecycle
from vault.services.key_slots import WrongPassphrase
from vault.services.lifecycle import create_vault, draft_vault, erase_vault, keep_vault
from vault.services.precautions import MustWait, ask_erasure, check_may_erase, find_erasable_at, stop_erasure

pytestmark = pytest.mark.django_db

PASSPHRASE, NEXT = "quilted otter drums vivid canyon", "mellow anchor tulip frosty gecko"
NEW = {"new_passphrase": PASSPHRASE, "again": PASSPHRASE}
WORDS = {"confirmation": "erase everything"}


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


def pass_time(**ago: float) -> None:
    """As if it all had begun so much earlier."""
    for field in ("password_given_at", "erasure_asked_at"):
        for row in Precaution.objects.exclude(**{field: None}):
            Precaution.objects.filter(pk=row.pk).update(**{field: getattr(row, field) - timedelta(**ago)})


def noted(opened: OpenedVault) -> list[Event]:
    return [entry.data.event for entry in read_journal(opened).of(Audit)]


@pytest.mark.parametrize("secret", [CODE_TEXT, CODE_TEXT.lower().replace("-", " "), PASSPHRASE])
def test_passphrase_or_code_erases_at_once(secret: str, alice: User, alice_client: Client) -> None:
    if secret == PASSPHRASE:
        create_vault(user=alice, passphrase=PASSPHRASE)
    else:
        make_vault(alice)
    answer = alice_client.post("/vault/erase/", WORDS | {"secret": secret})
    assert answer.headers["Location"] == "/vault/new/"
    assert (Vault.objects.count(), KeySlot.objects.count(), ErasureKey.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("secret", "status"),
    [("", 409), (NEXT, 403), (make_recovery_code(), 403)],
    ids=["none", "another passphrase", "another code"],
)
def test_without_them_nothing_is_erased(secret: str, status: int, alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    assert alice_client.post("/vault/erase/", WORDS | {"secret": secret}).status_code == status
    leaving = {"confirmation": "delete my account", "secret": secret}
    assert alice_client.post("/you/leave/", leaving).status_code == status
    assert (Vault.objects.count(), ErasureKey.objects.count(), User.objects.count()) == (1, 1, 1)


def test_wrong_secrets_are_counted_like_those_of_an_opening(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    answers = [alice_client.post("/vault/erase/", WORDS | {"secret": NEXT}).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]


def test_who_has_lost_both_waits_three_days_and_comes_back(
    alice: User, alice_client: Client, opened: OpenedVault
) -> None:
    alice_client.post("/vault/erase/ask/")
    assert noted(opened) == [Event.ERASURE_ASKED]
    pass_time(hours=71, minutes=59)
    assert alice_client.post("/vault/erase/", WORDS).status_code == 409
    pass_time(minutes=1)
    assert alice_client.post("/vault/erase/", WORDS).headers["Location"] == "/vault/new/"
    assert not Vault.objects.exists()
    assert find_erasable_at(alice) is None, "the next vault has not been asked away"


def test_asking_again_begins_no_new_wait(alice: User, alice_client: Client, opened: OpenedVault) -> None:
    assert ask_erasure(user=alice)
    pass_time(hours=70)
    alice_client.post("/vault/erase/ask/")
    assert not ask_erasure(user=alice)
    pass_time(hours=2)
    check_may_erase(alice)
    assert noted(opened) == []


@pytest.mark.parametrize("page", ["/today/", "/vault/", "/you/", "/support/", "/accounts/email/"])
def test_meanwhile_every_page_says_so_and_calls_it_off_with_one_button(
    page: str, alice: User, bob: User, alice_client: Client, bob_client: Client, opened: OpenedVault
) -> None:
    make_vault(bob)
    assert "Call it off" not in alice_client.get(page).content.decode()
    ask_erasure(user=alice)
    assert "Call it off" in alice_client.get(page).content.decode()
    assert "Call it off" not in bob_client.get(page).content.decode()
    bob_client.post("/vault/erase/stop/")
    assert find_erasable_at(alice) is not None
    alice_client.post("/vault/erase/stop/")
    assert "Call it off" not in alice_client.get(page).content.decode()
    assert noted(opened) == [Event.ERASURE_STOPPED]
    pass_time(hours=100)
    with pytest.raises(MustWait):
        erase_vault(user=alice, secret="")


def test_whoever_opens_the_vault_calls_it_off(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    ask_erasure(user=alice)
    page = alice_client.post("/vault/open/", {"passphrase": PASSPHRASE}, follow=True).content.decode()
    assert "Erasing your vault is called off" in page
    assert find_erasable_at(alice) is None


def test_asking_wants_to_know_who_is_there(alice: User, client: Client, opened: OpenedVault) -> None:
    sign_in(client, alice, seconds_ago=3600)
    assert client.post("/vault/erase/ask/").headers["Location"].startswith("/accounts/reauthenticate/")
    assert find_erasable_at(alice) is None


def test_without_a_vault_there_is_nothing_to_ask(alice: User, alice_client: Client) -> None:
    alice_client.post("/vault/erase/ask/")
    assert not Precaution.objects.exists()


@pytest.mark.parametrize("event", [Event.PASSWORD_GIVEN, Event.PASSWORD_RESET])
def test_after_somebody_else_set_the_password_a_new_vault_waits_as_long(event: Event, alice: User, bob: User) -> None:
    draft = draft_vault(user=alice, passphrase=PASSPHRASE)
    report(alice, event)
    client = Client()
    sign_in(client, alice)
    assert "takes three days from then" in client.get("/vault/new/").content.decode()
    assert client.post("/vault/new/", NEW).status_code == 409
    with pytest.raises(MustWait):
        keep_vault(user=alice, draft=draft)
    make_vault(bob)
    pass_time(hours=72)
    assert "takes three days from then" not in client.get("/vault/new/").content.decode()
    assert client.post("/vault/new/", NEW).headers["Location"] == "/vault/code/"


def test_the_wait_for_an_erasure_counts_from_the_password_that_somebody_else_set(
    alice: User, opened: OpenedVault
) -> None:
    ask_erasure(user=alice)
    pass_time(hours=71)
    report(alice, Event.PASSWORD_GIVEN)
    pass_time(hours=71)
    with pytest.raises(MustWait):
        erase_vault(user=alice, secret="")
    erase_vault(user=alice, secret=CODE_TEXT)


def test_a_password_of_ones_own_choice_makes_nobody_wait(alice: User, alice_client: Client) -> None:
    new = {"oldpassword": PASSWORD, "password1": "quite another staple", "password2": "quite another staple"}
    alice_client.post("/accounts/password/change/", new)
    draft_vault(user=alice, passphrase=PASSPHRASE)


def test_administrators_and_mails_are_noticed_by_the_ways_they_take(alice: User, root_client: Client) -> None:
    new = {"password1": "set by an administrator", "password2": "set by an administrator", "usable_password": "true"}
    root_client.post(f"/admin/accounts/user/{alice.pk}/password/", new)
    with pytest.raises(MustWait):
        draft_vault(user=alice, passphrase=PASSPHRASE)


def test_many_wrong_secrets_are_told_at_each_fifth(alice: User, opened: OpenedVault) -> None:
    wrong = make_recovery_code()
    for number in range(10):
        KeySlot.objects.update(closed_until=None)
        with pytest.raises(WrongPassphrase):
            erase_vault(user=alice, secret=wrong)
        assert noted(opened) == [Event.VAULT_GUESSED] * ((number + 1) // 5)


def test_a_vault_erased_while_it_is_being_opened_is_an_answer(
    alice: User, opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = key_slots._count_try

    def erase_first(lock: KeySlot) -> None:
        Vault.objects.filter(user=alice).delete()
        really(lock)

    monkeypatch.setattr(key_slots, "_count_try", erase_first)
    with pytest.raises(ErasureKeyGone):
        lifecycle.prove_owner(user=alice, secret=CODE_TEXT)


def test_a_passphrase_changed_while_the_vault_is_erased_is_an_answer(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    really = key_slots.lock_with_argon2

    def erase_meanwhile(*told: Any) -> bytes:
        Vault.objects.filter(user=alice).delete()
        return really(*told)

    monkeypatch.setattr(lifecycle, "lock_with_argon2", erase_meanwhile)
    changed = {"passphrase": PASSPHRASE, "new_passphrase": NEXT, "again": NEXT}
    assert alice_client.post("/vault/passphrase/", changed).status_code == 410


def test_stopping_what_nobody_asked_for_says_nothing(alice: User, alice_client: Client, opened: OpenedVault) -> None:
    assert not stop_erasure(user=alice)
    page = alice_client.post("/vault/erase/stop/", follow=True).content.decode()
    assert "called off" not in page
    assert noted(opened) == []


def test_the_wait_is_three_days(alice: User, opened: OpenedVault) -> None:
    before = timezone.now()
    ask_erasure(user=alice)
    at = find_erasable_at(alice)
    assert at is not None
    assert timedelta(hours=72) <= at - before < timedelta(hours=72, minutes=1)
