import pytest
from django.test import Client

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Consent
from emotion.services.consents import give_consent, withdraw_consent
from tests.signed import agree
from tests.vaults import make_vault

pytestmark = pytest.mark.usefixtures("opened_before")

AGREED = {"agreed": "yes", "text_version": CONSENT_TEXT.version}


@pytest.fixture(autouse=True)
def _vault(alice: User) -> None:
    make_vault(alice)


@pytest.mark.django_db
def test_the_page_shows_every_word_before_anything_is_agreed(alice_client: Client) -> None:
    page = alice_client.get("/consent/").content.decode()
    for section in CONSENT_TEXT.sections:
        assert section["heading"] in page
    assert 'name="agreed"' in page
    assert not Consent.objects.exists()


@pytest.mark.django_db
def test_agreeing_keeps_a_receipt_with_version_and_hash(alice_client: Client, alice: User) -> None:
    assert alice_client.post("/consent/agree/", AGREED).headers["Location"] == "/capture/"
    receipt = Consent.objects.get()
    assert (receipt.user, receipt.text_version, receipt.text_hash, receipt.ended_at) == (
        alice,
        CONSENT_TEXT.version,
        CONSENT_TEXT.sha256,
        None,
    )
    page = alice_client.get(f"/consent/{receipt.pk}/").content.decode()
    assert CONSENT_TEXT.sha256 in page
    assert "It still stands" in page


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{}, {"agreed": "no"}, {"text_version": "1"}, {"agreed": "yes", "text_version": "0"}])
def test_nothing_is_agreed_without_the_tick_and_the_words_of_today(alice_client: Client, body: dict[str, str]) -> None:
    assert alice_client.post("/consent/agree/", body).headers["Location"] == "/consent/"
    assert not Consent.objects.exists()


@pytest.mark.django_db
def test_one_click_withdraws(alice_client: Client, alice: User) -> None:
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    page = alice_client.post("/consent/withdraw/", follow=True).content.decode()
    assert "No more snapshots" in page
    assert Consent.objects.get().ended_at is not None


@pytest.mark.django_db
def test_the_history_lists_every_receipt(alice_client: Client, alice: User) -> None:
    first = give_consent(user=alice, text_version=CONSENT_TEXT.version)
    withdraw_consent(user=alice)
    second = give_consent(user=alice, text_version=CONSENT_TEXT.version)
    page = alice_client.get("/consent/").content.decode()
    assert f"/consent/{first.pk}/" in page
    assert f"/consent/{second.pk}/" in page


@pytest.mark.django_db
def test_a_receipt_of_changed_words_says_so(alice_client: Client, alice: User) -> None:
    old = agree(alice, text_version="0", text_hash="0" * 64)
    page = alice_client.get(f"/consent/{old.pk}/").content.decode()
    assert "These words have been changed since" in page
    assert CONSENT_TEXT.sections[0]["heading"] not in page


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["bob_client", "root_client"])
def test_a_receipt_of_somebody_else_is_not_there(who: str, alice: User, request: pytest.FixtureRequest) -> None:
    receipt = give_consent(user=alice, text_version=CONSENT_TEXT.version)
    client: Client = request.getfixturevalue(who)
    assert client.get(f"/consent/{receipt.pk}/").status_code == 404
    assert str(receipt.pk) not in client.get("/consent/").content.decode()
    client.post("/consent/withdraw/")
    receipt.refresh_from_db()
    assert receipt.ended_at is None
