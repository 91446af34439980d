"""An API token is one's own, does one thing, and ends by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.tokens import get_token, make_token, revoke_token
from tests.conftest import sign_in
from tests.vaults import hold_open_in, know_in, make_vault
from vault.models import Entry
from vault.opened_here import make_proof

pytestmark = pytest.mark.django_db

CHECK_IN, READ = ApiToken.Scope.CHECK_IN, ApiToken.Scope.READ
ENTRY = "00000000-0000-4000-8000-000000000000"
#: All of the API that a session may use, as a method and a path.
ROUTES = (
    "GET session/",
    "GET settings/",
    "PUT settings/",
    "GET schedule/",
    "PUT schedule/",
    "POST schedule/pause/",
    "POST schedule/done/",
    "GET consent/",
    "POST consent/",
    "DELETE consent/",
    "GET journal/entries/",
    f"DELETE journal/entries/{ENTRY}/",
    f"POST journal/entries/{ENTRY}/correction/",
    "GET captures/",
    "POST captures/",
    f"GET captures/{ENTRY}/",
    "POST camera-uses/",
    "GET resting-face/",
    "POST resting-face/",
    "DELETE resting-face/",
    "POST checkins/",
    "POST checkins/skip/",
    "GET mood/",
    "GET suggestions/",
    f"POST suggestions/{ENTRY}/feedback/",
)
MAY = {
    CHECK_IN: {"POST checkins/", "POST checkins/skip/"},
    READ: {"GET settings/", "GET schedule/", "GET consent/"},
}


def ask(key: str, route: str, data: Any = None, client: Client | None = None) -> Any:
    method, path = route.split()
    return (client or Client()).generic(
        method, f"/api/v1/{path}", "{}", "application/json", headers={"Authorization": f"Token {key}"}
    )


def test_a_new_token_takes_the_place_of_ones_own_alone(alice: User, bob: User) -> None:
    for user in (alice, bob):
        make_token(user, READ)
    first, theirs = get_token(alice), get_token(bob)
    make_token(alice, READ)
    assert get_token(alice) != first
    assert get_token(bob) == theirs is not None
    assert ApiToken.objects.count() == 2


def test_a_revoked_token_is_ones_own_alone(alice: User, bob: User) -> None:
    for user in (alice, bob):
        make_token(user, READ)
    revoke_token(alice)
    assert get_token(alice) is None
    assert get_token(bob) is not None


def test_the_list_of_routes_is_whole() -> None:
    schema = Client().get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
    spoken = {
        f"{method.upper()} {path.removeprefix('/api/v1/')}"
        for path, methods in schema["paths"].items()
        for method in methods
    }
    names = ("entry_id", "capture_id", "suggestion_id")
    assert {route.replace(f"{{{name}}}", ENTRY) for name in names for route in spoken if f"{{{name}}}" in route} | {
        route for route in spoken if "{" not in route
    } == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("scope", ApiToken.Scope)
def test_a_token_does_its_one_thing_and_nothing_else(alice: User, scope: ApiToken.Scope, route: str) -> None:
    """Also where the request comes from a browser with an open vault: what the token may not, nobody may with it."""
    client = Client()
    sign_in(client, alice)
    hold_open_in(client, alice, make_vault(alice))
    key, before = make_token(alice, scope), Entry.objects.count()
    answer = ask(key, route, client=client)
    if route in MAY[scope]:
        assert answer.status_code in (200, 201, 400)
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert Entry.objects.count() == before


def test_a_check_in_by_token_is_sealed(alice: User) -> None:
    opened = make_vault(alice)
    token = make_token(alice, CHECK_IN, suffix=f".{make_proof(opened.vault_id, opened.public)}")
    answer = Client().post(
        "/api/v1/checkins/",
        {"pleasantness": 0.5, "energy": 0},
        content_type="application/json",
        headers={"Authorization": f"Token {token}"},
    )
    assert answer.status_code == 201
    assert Entry.objects.filter(vault__user=alice).count() == 1


@pytest.mark.parametrize("header", ["Token wrong", "Token", "Token two words", "token WRONG"])
def test_a_wrong_token_is_401_and_says_what_is_asked_for(alice: User, header: str) -> None:
    make_token(alice, READ)
    answer = Client().get("/api/v1/settings/", headers={"Authorization": header})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer.json()["code"] == "authentication_failed"


def test_a_token_that_was_and_one_that_never_was_are_told_apart_by_nobody(alice: User) -> None:
    key = make_token(alice, READ)
    ApiToken.objects.update(expires_at=timezone.now())
    assert ask(key, "GET settings/").content == ask("never", "GET settings/").content


def test_nobody_is_401_too(client: Client) -> None:
    answer = client.get("/api/v1/settings/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


def test_a_token_ends_after_ninety_days_and_the_page_says_when(alice: User, alice_client: Client) -> None:
    key = make_token(alice, READ)
    row = ApiToken.objects.get()
    assert row.expires_at - row.created_at == pytest.approx(timedelta(days=90), abs=timedelta(seconds=5))
    page = alice_client.get("/you/token/").content.decode()
    assert f"<dt>Ends</dt><dd>{row.expires_at:%-d %B %Y}</dd>" in page
    assert "<dt>It may</dt><dd>read my schedule, my consent and my settings</dd>" in page
    assert ask(key, "GET settings/").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ask(key, "GET settings/").status_code == 401
    assert "There is none." in alice_client.get("/you/token/").content.decode()


def test_a_token_of_a_closed_account_is_none(alice: User) -> None:
    key = make_token(alice, READ)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert ask(key, "GET settings/").status_code == 401


def test_the_page_makes_a_token_for_what_was_chosen(alice: User, alice_client: Client) -> None:
    make_vault(alice)
    know_in(alice_client, alice)
    page = alice_client.post("/you/token/make/", {"scope": "check_in"})
    assert page.context["key"]
    made = get_token(alice)
    assert made is not None
    assert made.scope == CHECK_IN
    assert page.context["key"] not in made.key_hash
    assert f"<dt>Ends</dt><dd>{made.expires_at:%-d %B %Y}</dd>" in page.content.decode()


@pytest.mark.parametrize("scope", ["", "everything"])
def test_the_page_makes_none_for_nothing(alice: User, alice_client: Client, scope: str) -> None:
    answer = alice_client.post("/you/token/make/", {"scope": scope}, follow=True)
    assert "Please choose what the token is for." in answer.content.decode()
    assert get_token(alice) is None
