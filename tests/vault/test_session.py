import base64
import time
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.models import Session, User
from tests.conftest import PASSWORD
from tests.responses import ClientResponse
from tests.vaults import erase_vault, hold_open_in, make_vault
from vault import session
from vault.crypto.key_pairs import make_key_pair
from vault.journal.entries import OpenedVault
from vault.models import Vault

COOKIE = "vaultkey"

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User, alice_client: Client) -> OpenedVault:
    opened = make_vault(alice)
    hold_open_in(alice_client, alice, opened)
    return opened


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Seconds that have passed for the vault's sessions."""
    started = time.time()
    clock = SimpleNamespace(passed=0)
    monkeypatch.setattr(session, "time", SimpleNamespace(time=lambda: started + clock.passed))
    return clock


def visit(client: Client, path: str = "/vault/", **headers: str) -> ClientResponse:
    return client.get(path, headers=headers)


def opened_in(client: Client, **headers: str) -> OpenedVault | None:
    return visit(client, **headers).wsgi_request.opened_vault  # type: ignore[attr-defined, no-any-return]


def test_a_held_vault_is_open_in_the_next_request(opened: OpenedVault, alice_client: Client) -> None:
    assert opened_in(alice_client) == opened


def test_neither_half_opens_alone(opened: OpenedVault, alice_client: Client) -> None:
    half = alice_client.cookies.pop(COOKIE)
    assert opened_in(alice_client) is None
    session = alice_client.session
    del session["vault"]
    session.save()
    alice_client.cookies[COOKIE] = half.value
    assert opened_in(alice_client) is None


def test_a_session_row_holds_no_key(opened: OpenedVault, alice_client: Client) -> None:
    visit(alice_client)
    row = Session.objects.get(pk=alice_client.session.session_key)
    held = row.session_data.encode() + base64.b64decode(row.get_decoded()["vault"])
    half = base64.urlsafe_b64decode(alice_client.cookies[COOKIE].value + "=")
    for secret in (opened.private, half):
        assert secret not in held
        assert base64.b64encode(secret).rstrip(b"=") not in held


def test_halves_copied_to_another_persons_session_open_nothing(
    opened: OpenedVault, alice_client: Client, bob: User, bob_client: Client, root: User, root_client: Client
) -> None:
    make_vault(bob)
    for client in (bob_client, root_client):
        session = client.session
        session["vault"] = alice_client.session["vault"]
        session.save()
        client.cookies[COOKIE] = alice_client.cookies[COOKIE].value
        assert opened_in(client) is None
        assert "vault" not in client.session


def test_signing_out_closes_it_and_takes_the_cookie_back(opened: OpenedVault, alice_client: Client) -> None:
    key = alice_client.session.session_key
    alice_client.post("/accounts/logout/")
    assert not Session.objects.filter(pk=key).exists()
    assert alice_client.cookies[COOKIE].value == ""


def test_somebody_else_signing_in_at_the_same_browser_finds_it_closed(
    opened: OpenedVault, bob: User, alice_client: Client
) -> None:
    make_vault(bob)
    alice_client.force_login(bob)
    assert opened_in(alice_client) is None


def test_a_cycled_session_closes_it(opened: OpenedVault, alice_client: Client) -> None:
    session = alice_client.session
    session.cycle_key()
    assert session.session_key is not None
    alice_client.cookies["session"] = session.session_key
    assert opened_in(alice_client) is None


def test_a_changed_password_does_not_open_it(alice: User) -> None:
    make_vault(alice)
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert opened_in(client) is None


def test_it_closes_after_fifteen_idle_minutes(
    opened: OpenedVault, alice_client: Client, clock: SimpleNamespace
) -> None:
    clock.passed = 15 * 60 - 2
    assert opened_in(alice_client) == opened
    clock.passed += 15 * 60
    response = visit(alice_client)
    assert response.wsgi_request.opened_vault is None  # type: ignore[attr-defined]
    assert response.wsgi_request.vault_lapsed is True  # type: ignore[attr-defined]
    assert alice_client.cookies[COOKIE].value == ""


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/vault/", {"Sec-Fetch-Mode": "cors"}),
        ("/vault/", {"Sec-Fetch-Mode": "same-origin"}),
        ("/api/v1/schema/", {"Sec-Fetch-Mode": "navigate"}),
        ("/today/", {"Sec-Fetch-Mode": "navigate", "Sec-Purpose": "prefetch;prerender"}),
        ("/today/", {"Sec-Fetch-Mode": "navigate", "Sec-Purpose": "prefetch"}),
    ],
)
def test_what_scripts_and_browsers_fetch_by_themselves_does_not_keep_it_open(
    path: str, headers: dict[str, str], opened: OpenedVault, alice_client: Client, clock: SimpleNamespace
) -> None:
    for _ in range(3):
        clock.passed += 6 * 60
        visit(alice_client, path, **headers)
    assert opened_in(alice_client) is None


def test_someone_moving_in_the_page_keeps_it_open(
    opened: OpenedVault, alice_client: Client, clock: SimpleNamespace
) -> None:
    for _ in range(3):
        clock.passed += 6 * 60
        answer = alice_client.post("/vault/awake/", headers={"Sec-Fetch-Mode": "cors"})
        assert answer.status_code == 204
    assert opened_in(alice_client) == opened
    clock.passed += 20 * 60
    assert alice_client.post("/vault/awake/", headers={"Sec-Fetch-Mode": "cors"}).status_code == 423


def test_two_tabs_share_one_cookie(opened: OpenedVault, alice_client: Client, clock: SimpleNamespace) -> None:
    half = alice_client.cookies[COOKIE].value
    clock.passed = 5 * 60
    visit(alice_client)
    assert alice_client.cookies[COOKIE].value == half
    assert opened_in(alice_client) == opened


def test_a_vault_erased_elsewhere_is_closed_here(opened: OpenedVault, alice: User, alice_client: Client) -> None:
    erase_vault(user=alice)
    assert opened_in(alice_client) is None
    make_vault(alice)
    assert opened_in(alice_client) is None


def test_a_public_key_swapped_in_the_database_closes_it(opened: OpenedVault, alice_client: Client) -> None:
    Vault.objects.update(public_key=make_key_pair().public)
    assert opened_in(alice_client) is None


@pytest.mark.parametrize("garbage", ["", "x", "é", "A" * 43, "A" * 5000])
def test_a_cookie_of_garbage_opens_nothing(garbage: str, opened: OpenedVault, alice_client: Client) -> None:
    alice_client.cookies[COOKIE] = garbage
    assert opened_in(alice_client) is None


@pytest.mark.parametrize("garbage", ["", "x", 7, "AAAA", None, ["x"]])
def test_a_session_of_garbage_opens_nothing(garbage: object, opened: OpenedVault, alice_client: Client) -> None:
    session = alice_client.session
    session["vault"] = garbage
    session.save()
    assert opened_in(alice_client) is None


def test_a_visitor_with_a_cookie_is_only_a_visitor(client: Client) -> None:
    client.cookies[COOKIE] = "A" * 43
    assert client.get("/healthz").status_code == 200
