from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import OperationalError, transaction
from redis import Redis

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent
from emotion.selectors import get_consents, get_live_consent
from emotion.services.admission import check_admission
from emotion.services.consents import ConsentOutdated, give_consent, withdraw_consent
from tests.crashes import Crash, dying_at
from tests.emotion.elsewhere import run_elsewhere
from tests.signed import agree
from tests.vaults import make_vault

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _vaults(alice: User, bob: User) -> None:
    for user in (alice, bob):
        make_vault(user)


def test_a_receipt_says_which_words_were_agreed_to(alice: User, valkey: Redis) -> None:
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    receipt = Consent.objects.get()
    assert (receipt.text_version, receipt.text_hash) == (CONSENT_TEXT.version, CONSENT_TEXT.sha256)
    assert receipt.ended_at is None


def test_the_words_of_a_version_never_change() -> None:
    """Fails when a word is changed: raise the version, then note the new hash here."""
    assert (CONSENT_TEXT.version, CONSENT_TEXT.sha256) == (
        "1",
        "ec3b32a7da45748aa5795d3bb9f8e3078009ec2f9f92046a57331c76bb26669d",
    )


def test_agreeing_twice_is_one_agreement_and_a_receipt_outlives_its_end(alice: User, valkey: Redis) -> None:
    first = give_consent(user=alice, text_version=CONSENT_TEXT.version)
    assert give_consent(user=alice, text_version=CONSENT_TEXT.version) == first
    withdraw_consent(user=alice)
    withdraw_consent(user=alice)
    assert get_live_consent(alice) is None
    again = give_consent(user=alice, text_version=CONSENT_TEXT.version)
    assert [consent.pk for consent in get_consents(alice)] == [again.pk, first.pk]
    assert get_consents(alice)[1].ended_at is not None


def test_other_words_than_todays_are_not_agreed_to(alice: User) -> None:
    with pytest.raises(ConsentOutdated):
        give_consent(user=alice, text_version="0")
    assert Consent.objects.count() == 0


def test_agreement_to_older_words_is_not_live_and_is_replaced(alice: User) -> None:
    old = agree(alice, text_version="0", text_hash="0" * 64)
    assert get_live_consent(alice) is None
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    old.refresh_from_db()
    assert old.ended_at is not None
    assert get_live_consent(alice) is not None


def test_one_persons_withdrawal_is_nobody_elses(alice: User, bob: User, valkey: Redis) -> None:
    for user in (alice, bob):
        give_consent(user=user, text_version=CONSENT_TEXT.version)
    withdraw_consent(user=bob)
    assert get_live_consent(alice) is not None
    assert get_live_consent(bob) is None


def test_the_end_of_a_consent_never_moves(alice: User, valkey: Redis) -> None:
    def give_and_withdraw() -> Consent:
        consent = give_consent(user=alice, text_version=CONSENT_TEXT.version)
        withdraw_consent(user=alice)
        consent.refresh_from_db()
        return consent

    first = give_and_withdraw()
    second = give_and_withdraw()
    again = Consent.objects.get(pk=first.pk)
    assert (again.given_at, again.ended_at) == (first.given_at, first.ended_at)
    assert again.ended_at is not None
    assert second.ended_at is not None
    assert again.ended_at <= second.given_at < second.ended_at


@pytest.mark.parametrize(
    "other", [{"text_hash": "0" * 64}, {"text_hash": "f" * 64}, {"text_version": "0"}, {"text_version": "9"}]
)
def test_a_consent_to_other_words_is_not_live(other: dict[str, str], alice: User) -> None:
    agree(alice, **other)
    assert get_live_consent(alice) is None
    assert not check_admission(user_id=alice.pk, capture_id=uuid4()).has_consent


def test_one_persons_withdrawal_destroys_nobody_elses_snapshots(alice: User, bob: User, valkey: Redis) -> None:
    for user in (alice, bob):
        vault_id = user.vault.pk
        Capture.objects.create(id=vault_id, vault_id=vault_id, sealed_key=b"key")
    withdraw_consent(user=bob)
    found = Capture.objects.order_by("vault__user__email").values_list("state", "finished_at", "sealed_key")
    (alices, finished_at, sealed_key), (bobs, _, _) = found
    assert (alices, finished_at, bytes(sealed_key or b"")) == ("queued", None, b"key")
    assert bobs == "withdrawn"


def test_agreeing_again_cut_off_at_any_write_leaves_one_consent_that_stands(alice: User) -> None:
    old = agree(alice, text_version="0", text_hash="0" * 64)
    for number in range(2):
        with suppress(Crash), dying_at(number, "default"):
            give_consent(user=alice, text_version=CONSENT_TEXT.version)
        assert list(Consent.objects.values_list("pk", "ended_at")) == [(old.pk, None)]


def test_withdrawing_cut_off_at_any_write_withdraws_nothing(alice: User, valkey: Redis) -> None:
    consent = give_consent(user=alice, text_version=CONSENT_TEXT.version)
    vault_id = alice.vault.pk
    Capture.objects.create(id=vault_id, vault_id=vault_id, sealed_key=b"key")
    for number in range(2):
        with suppress(Crash), dying_at(number, "default"):
            withdraw_consent(user=alice)
        assert get_live_consent(alice) == consent
        assert Capture.objects.get().state == "queued"


@pytest.mark.django_db(transaction=True)
def test_agreeing_waits_for_who_holds_the_account(alice: User) -> None:
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=alice.pk)
        with pytest.raises(OperationalError, match="lock timeout"):
            run_elsewhere(lambda: give_consent(user=alice, text_version=CONSENT_TEXT.version))
    assert get_live_consent(alice) is None
