"""What is done with an account and a vault is sealed into its person's journal, whoever did it."""

import time
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.choices import Event
from accounts.models import User
from tests.accounts.test_second_factor import confirm, set_up_app
from tests.conftest import PASSWORD, sign_in
from tests.second_factors import code_of
from tests.vaults import make_vault
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Audit
from vault.journal.reading import read_journal
from vault.models import Entry, Vault
from vault.services.audit import record_event
from vault.services.lifecycle import create_vault

pytestmark = pytest.mark.django_db

PASSPHRASE, NEXT = "quilted otter drums vivid canyon", "mellow anchor tulip frosty gecko"
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}


def noted(opened: OpenedVault) -> list[tuple[str, str]]:
    return [(entry.data.event, entry.data.detail) for entry in read_journal(opened).of(Audit)]


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


def log_in(client: Client, user: User, **options: Any) -> None:
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}, headers=FIREFOX, **options)


def test_opening_and_failing_to_open_are_noted_with_the_kind_of_browser(alice: User, alice_client: Client) -> None:
    opened, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    alice_client.post("/vault/open/", {"passphrase": "not these"}, headers=FIREFOX)
    alice_client.post("/vault/open/", {"passphrase": PASSPHRASE}, headers=FIREFOX)
    alice_client.post(
        "/vault/passphrase/", {"passphrase": PASSPHRASE, "new_passphrase": NEXT, "again": NEXT}, headers=FIREFOX
    )
    confirm(alice_client)
    alice_client.post("/vault/recover/", {"code": "0000", "new_passphrase": NEXT, "again": NEXT}, headers=FIREFOX)
    assert noted(opened) == [
        ("vault_refused", "Firefox on Linux"),
        ("vault_opened", "Firefox on Linux"),
        ("passphrase_changed", ""),
        ("vault_refused", "Firefox on Linux"),
    ]


def test_a_new_browser_is_noted_once(alice: User, opened: OpenedVault, client: Client) -> None:
    log_in(client, alice)
    client.post("/accounts/logout/")
    log_in(client, alice)
    log_in(Client(), alice)
    assert noted(opened) == [("new_browser", "Firefox on Linux")] * 2


def test_the_mark_in_the_browser_tells_nobody_who_that_was(alice: User, bob: User, client: Client) -> None:
    log_in(client, alice)
    client.post("/accounts/logout/")
    log_in(client, bob)
    marks = client.cookies["browser"].value
    assert len(set(marks.split("."))) == 2
    assert alice.email not in marks
    assert len(marks) == 32 + 1 + 32


def test_second_steps_passwords_and_tokens_are_noted(
    alice: User, opened: OpenedVault, alice_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        seed = set_up_app(alice_client)
    with django_capture_on_commit_callbacks(execute=True):
        alice_client.post("/accounts/2fa/recovery-codes/generate/")
    with django_capture_on_commit_callbacks(execute=True):
        alice_client.post("/accounts/2fa/totp/deactivate/")
    confirm(alice_client)
    alice_client.post("/you/token/make/", {"scope": "read"})
    alice_client.post("/you/token/revoke/")
    new = {"oldpassword": PASSWORD, "password1": "quite another staple", "password2": "quite another staple"}
    alice_client.post("/accounts/password/change/", new)
    events = [event for event, _ in noted(opened)]
    assert events == [
        "second_factor_added", "second_factor_added", "second_factor_codes_made",
        "second_factor_removed", "second_factor_removed", "token_made", "token_revoked", "password_changed",
    ]  # fmt: skip
    assert code_of(seed, time.time()) not in str(noted(opened))


def test_what_an_administrator_or_operator_did_is_noted(alice: User, opened: OpenedVault, root_client: Client) -> None:
    client = Client()
    sign_in(client, alice)
    confirm(client)
    set_up_app(client)
    new = {"password1": "set by an administrator", "password2": "set by an administrator", "usable_password": "true"}
    root_client.post(f"/admin/accounts/user/{alice.pk}/password/", new)
    root_client.post(f"/admin/accounts/user/{alice.pk}/change/", {"email": "alice.new@example.org", "is_active": "on"})
    call_command("reset_second_factor", "alice.new@example.org")
    assert [event for event, _ in noted(opened)] == [
        "password_given",
        "address_changed",
        "second_factor_removed",
        "second_factor_removed",
    ]


def test_without_a_vault_nothing_is_written_that_others_could_read(alice: User, client: Client) -> None:
    record_event(user=alice, event=Event.PASSWORD_CHANGED)
    log_in(client, alice)
    assert not Entry.objects.exists()


def test_a_line_looks_like_any_other_entry(alice: User, bob: User, opened: OpenedVault) -> None:
    record_event(user=alice, event=Event.EXPORTED, detail="json")
    row = Entry.objects.get()
    assert len(bytes(row.sealed)) == 1073
    assert b"exported" not in bytes(row.sealed)
    assert read_journal(make_vault(bob)).entries == ()


def test_what_cannot_be_sealed_is_logged_and_stops_nobody(
    alice: User, opened: OpenedVault, caplog: pytest.LogCaptureFixture
) -> None:
    Vault.objects.update(public_key=b"k" * 32)
    record_event(user=alice, event=Event.EXPORTED)
    assert not Entry.objects.exists()
    assert f"vault {opened.vault_id}: what was done with it could not be noted" in caplog.messages
