import pytest
from django.test import Client
from redis import Redis

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from tests.vaults import make_vault

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opened_before")]

URL = "/api/v1/consent/"


@pytest.fixture(autouse=True)
def _vault(alice: User) -> None:
    make_vault(alice)


def test_read_agree_and_stop(alice_client: Client, valkey: Redis) -> None:
    before = alice_client.get(URL).json()
    assert (before["live"], before["receipts"], before["text"]["sha256"]) == (False, [], CONSENT_TEXT.sha256)
    assert before["text"]["sections"][0]["heading"] == "What happens"
    given = alice_client.post(URL, {"text_version": "1"}, content_type="application/json").json()
    assert given["live"] is True
    assert given["receipts"][0]["text_hash"] == CONSENT_TEXT.sha256
    ended = alice_client.delete(URL).json()
    assert ended["live"] is False
    assert ended["receipts"][0]["id"] == given["receipts"][0]["id"]
    assert ended["receipts"][0]["ended_at"] is not None


def test_words_that_are_no_longer_shown_cannot_be_agreed_to(alice_client: Client) -> None:
    answer = alice_client.post(URL, {"text_version": "0"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_outdated")


@pytest.mark.parametrize("stranger", ["bob_client", "root_client"])
def test_nobody_sees_or_ends_the_consent_of_another(
    stranger: str, alice_client: Client, valkey: Redis, request: pytest.FixtureRequest
) -> None:
    alice_client.post(URL, {"text_version": "1"}, content_type="application/json")
    client: Client = request.getfixturevalue(stranger)
    assert client.get(URL).json()["receipts"] == []
    client.delete(URL)
    assert alice_client.get(URL).json()["live"] is True
