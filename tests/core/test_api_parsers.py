import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("body", ["[" * 200_000, '{"a":' * 200_000, "[" * 100_000 + "]" * 100_000])
@pytest.mark.parametrize("path", ["checkins/", "schedule/", "consent/", "settings/"])
def test_what_is_nested_too_deeply_is_refused(alice_client: Client, path: str, body: str) -> None:
    method = alice_client.post if path in {"checkins/", "consent/"} else alice_client.put
    answer = method(f"/api/v1/{path}", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (
        400, {"code": "parse_error", "detail": "The body is nested too deeply."},
    )  # fmt: skip


@pytest.mark.parametrize("page", ["login", "add"])
def test_passkey_that_is_nested_too_deeply_is_refused(alice_client: Client, page: str) -> None:
    if page == "login":
        alice_client.logout()
    answer = alice_client.post(f"/accounts/2fa/webauthn/{page}/", {"name": "a", "credential": "[" * 200_000})
    assert answer.status_code == 400
