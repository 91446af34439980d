import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("error", [OperationalError("server closed the connection"), InterfaceError("closed")])
def test_absent_database_is_told_as_a_matter_of_moments(
    alice_client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    alice_client.raise_request_exception = False
    monkeypatch.setattr("emotion.selectors.get_live_consent", fail)
    answer = alice_client.get("/consent/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "What was recorded before is safe." in answer.content.decode()


def test_any_other_fault_is_one_of_ours(alice_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("broken")

    alice_client.raise_request_exception = False
    monkeypatch.setattr("emotion.selectors.get_live_consent", fail)
    answer = alice_client.get("/consent/")
    assert (answer.status_code, "Retry-After" in answer.headers) == (500, False)
