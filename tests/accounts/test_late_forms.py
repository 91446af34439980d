"""A form that comes too late leads back to the page it stood on: what only takes forms cannot be returned to."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.addresses import every_route
from tests.conftest import PASSWORD
from tests.vaults import hold_open_in, make_vault

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}

RECEIPT = "/consent/1f0e6f5a-3c52-4d7e-9a75-6f5c6f0f4c11/"


def way_back(location: str) -> str:
    [page] = parse_qs(urlsplit(location).query)["next"]
    return page


def test_who_was_signed_out_meanwhile_comes_back_to_the_page_and_is_told(client: Client, alice: User) -> None:
    answer = client.post("/journal/?week=2026-11-02", {"act": "delete"})
    assert answer["Location"].startswith("/accounts/login/?")
    assert way_back(answer["Location"]) == "/journal/"
    page = client.get(answer["Location"]).content.decode()
    assert "You were signed out meanwhile. Please sign in, then send it once more." in page
    told = {"login": alice.email, "password": PASSWORD, "next": way_back(answer["Location"])}
    assert client.post("/accounts/login/", told)["Location"] == "/journal/"


def test_nobody_is_told_to_send_again_what_a_page_sent_by_itself(client: Client) -> None:
    answer = client.post("/vault/awake/", headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 302
    assert "send it once more" not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/journal/?week=2026-11-02", "/journal/"),
        ("/activities/", "/activities/"),
        (RECEIPT, "/today/"),
        ("/admin/recommender/activity/3/change/?q=x", "/admin/recommender/activity/3/change/"),
    ],
)
def test_way_back_names_a_page_and_nothing_on_it(client: Client, address: str, page: str) -> None:
    assert way_back(client.get(address)["Location"]) == page


def test_every_form_that_is_no_page_itself_leads_back_to_one(alice_client: Client, client: Client) -> None:
    seen = {}
    for route in every_route():
        if "<" not in route and "(" not in route and getattr(resolve(f"/{route}").func, "is_form_only", False):
            seen[f"/{route}"] = way_back(client.post(f"/{route}")["Location"])
    assert len(seen) == 14
    assert seen["/vault/check/accept/"] == "/vault/check/"
    for page in seen.values():
        assert alice_client.get(page).status_code in {200, 302}, page


def test_locked_vault_leads_back_to_the_page_of_the_form(alice_client: Client, alice: User) -> None:
    make_vault(alice)
    answer = alice_client.post("/vault/check/accept/")
    assert answer["Location"].startswith("/vault/open/?")
    assert way_back(answer["Location"]) == "/vault/check/"


def test_who_must_confirm_to_be_there_comes_back_to_the_page_of_the_form(alice_client: Client) -> None:
    session = alice_client.session
    long_ago = (timezone.now() - timedelta(hours=1)).timestamp()
    session["account_authentication_methods"] = [{"method": "password", "at": long_ago}]
    session.save()
    answer = alice_client.post("/you/token/make/")
    assert way_back(answer["Location"]) == "/you/token/"
    assert alice_client.get("/you/token/").status_code == 200


def test_part_of_a_page_is_never_filled_with_the_sign_in_page(client: Client) -> None:
    answer = client.post("/today/", headers=HTMX)
    assert (answer.status_code, answer.content, "Location" in answer) == (204, b"", False)
    assert answer["HX-Redirect"] == "/accounts/login/?next=/today/"


def test_refused_part_asks_for_its_page_anew(alice_client: Client, alice: User, settings: Settings) -> None:
    make_vault(alice)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = alice_client.cookies
    answer = strict.post("/today/", headers=HTMX)
    assert (answer.status_code, answer["HX-Refresh"]) == (403, "true")
    assert "HX-Refresh" not in strict.post("/today/")
    assert alice_client.get("/support/1f0e6f5a-3c52-4d7e-9a75-6f5c6f0f4c11/", headers=HTMX)["HX-Refresh"] == "true"


#: What is no address of a page here, but a word, a relative address, or one that leads away or to a name.
NOWHERE = ("NaN", "today", "journal/", "?week=1", "//evil.example/", "https://evil.example/", RECEIPT)


@pytest.mark.parametrize("target", NOWHERE)
def test_way_back_to_nowhere_leads_to_a_page_all_the_same(target: str, client: Client, alice: User) -> None:
    told = {"login": alice.email, "password": PASSWORD}
    assert client.post("/accounts/login/", told | {"next": target})["Location"] == "/today/"
    hold_open_in(client, alice, make_vault(alice))
    assert client.get("/vault/open/", {"next": target})["Location"] == "/"
    assert client.post("/vault/open/", {"next": target})["Location"] == "/"
    assert client.post("/you/timezone/", {"timezone": "Europe/Berlin", "next": target})["Location"] == "/you/"
    acts = ({"act": "trends", "said": "no"}, {"act": "skip"}, {"act": "checkin", "pleasantness": "0", "energy": "0"})
    for said in acts:
        assert client.post("/journal/", said | {"next": target})["Location"] == "/journal/"
    assert client.get("/accounts/login/", {"next": target})["Location"] == "/today/"
