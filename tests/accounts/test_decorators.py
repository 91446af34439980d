from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.decorators import safe_next
from vault.http import vault_required


@vault_required
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


def _request(rf: RequestFactory, method: str = "get", **attributes: Any) -> HttpRequest:
    request: HttpRequest = getattr(rf, method)("/today/?days=7")
    for name, value in {"opened_vault": None, "vault_lapsed": False, **attributes}.items():
        setattr(request, name, value)
    return request


def test_with_an_open_vault_the_page_is_shown(rf: RequestFactory) -> None:
    assert page(_request(rf, opened_vault=object())).content == b"inside"


def test_with_a_locked_vault_the_way_leads_to_opening_it_and_back(rf: RequestFactory) -> None:
    assert page(_request(rf)).headers["Location"] == "/vault/open/?next=%2Ftoday%2F"


def test_who_was_away_is_told_so(rf: RequestFactory) -> None:
    assert page(_request(rf, vault_lapsed=True)).headers["Location"].endswith("&away=1")


def test_a_form_sent_too_late_leads_back_to_its_page(rf: RequestFactory) -> None:
    assert page(_request(rf, "post")).headers["Location"] == "/vault/open/?next=%2Ftoday%2F"


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        ("/journal/", "/journal/"),
        ("/journal/?days=3", "/journal/"),
        ("/vault/keep/", "/vault/"),
        ("", "/home"),
        ("NaN", "/home"),
        ("journal", "/home"),
        ("journal/", "/home"),
        ("///journal/", "/home"),
        ("/\\evil.example/", "/home"),
        ("/no/such/page/", "/home"),
        ("/consent/0b38d2cd-4b72-4c8a-9d4b-0a3b6d7bb0a5/", "/home"),
        ("https://testserver/journal/", "/home"),
        ("https://evil.example/", "/home"),
        ("//evil.example/", "/home"),
        ("javascript:alert(1)", "/home"),
    ],
)
def test_only_pages_of_this_site_are_returned_to(target: str, goes: str, rf: RequestFactory) -> None:
    assert safe_next(rf.get("/", {"next": target}), "/home") == goes
