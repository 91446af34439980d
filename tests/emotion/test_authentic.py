"""Who writes to the database can neither agree for somebody nor change when snapshots of them are taken."""

import hmac
import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Consent, Schedule
from emotion.selectors import get_consents, get_live_consent, get_schedule, has_foreign_consent, has_foreign_schedule
from emotion.services.consents import give_consent, withdraw_consent
from emotion.services.schedules import finish_moment, pause_schedule, save_schedule, set_timezone
from tests.signed import agree, make_schedule
from tests.vaults import erase_vault, know_in, make_vault
from vault.crypto.key_pairs import key_id, make_key_pair
from vault.crypto.keys import rotation
from vault.crypto.keys.loader import server_keys
from vault.crypto.length_prefix import length_prefixed
from vault.journal.entries import KeyAltered, OpenedVault
from vault.journal.kinds import Audit
from vault.journal.reading import read_journal
from vault.models import Vault
from vault.services.binding import rebind_vaults

pytestmark = pytest.mark.django_db

ALWAYS: dict[str, Any] = {"start": time(9), "end": time(17), "days": range(7), "enabled": True}


@pytest.fixture
def vault(alice: User) -> Vault:
    return Vault.objects.get(pk=make_vault(alice).vault_id)


def forge(vault: Vault, **said: Any) -> Consent:
    """All of it right, but for the MAC, which only the site can make."""
    words = {"text_version": CONSENT_TEXT.version, "text_hash": CONSENT_TEXT.sha256}
    place = {"vault_id": vault.pk, "key_id": key_id(bytes(vault.public_key)), "mac": b"m" * 32}
    return Consent.objects.create(user=vault.user, purpose="camera", **(words | place | said))


def test_a_forged_consent_is_none_and_has_no_receipt(alice_client: Client, alice: User, vault: Vault) -> None:
    forged = forge(vault, given_at=datetime(2026, 1, 2, 10, tzinfo=UTC))
    assert get_live_consent(alice) is None
    shown = alice_client.get("/api/v1/consent/").json()
    assert (shown["live"], shown["receipts"]) == (False, [])
    for page in (f"/consent/{forged.pk}/", f"/consent/{forged.pk}/receipt.jsonld"):
        assert alice_client.get(page).status_code == 404


def test_a_snapshot_on_the_word_of_a_forged_consent_is_refused(
    alice_client: Client, alice: User, opened: OpenedVault, jpeg: bytes
) -> None:
    Consent.objects.all().delete()
    know_in(alice_client, alice)
    forge(alice.vault)
    answer = alice_client.post(f"/api/v1/captures/?id={uuid4()}", jpeg, content_type="application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_required")


def test_the_person_is_told_of_it_and_may_end_it_or_agree(alice_client: Client, alice: User, vault: Vault) -> None:
    forge(vault)
    assert "this site did not write that" in alice_client.get("/consent/").content.decode()
    withdraw_consent(user=alice)
    assert not has_foreign_consent(alice)
    assert "this site did not write that" not in alice_client.get("/consent/").content.decode()
    assert get_consents(alice) == []
    forge(vault)
    consent = give_consent(user=alice, text_version=CONSENT_TEXT.version)
    assert (get_live_consent(alice), get_consents(alice)) == (consent, [consent])


@pytest.mark.parametrize(
    "change",
    [
        {"given_at": datetime(2026, 1, 2, tzinfo=UTC)},
        {"text_hash": "f" * 64},
        {"key_id": bytes(16)},
        {"vault_id": uuid4()},
        {"id": uuid4()},
        {"ended_at": datetime(2026, 1, 2, tzinfo=UTC)},
    ],
)
def test_a_changed_consent_is_none(change: dict[str, Any], alice: User, vault: Vault) -> None:
    agree(alice)
    assert len(get_consents(alice)) == 1
    Consent.objects.update(**change)
    assert (get_live_consent(alice), get_consents(alice)) == (None, [])


def test_a_consent_of_somebody_else_is_none(alice: User, bob: User, vault: Vault) -> None:
    agree(alice)
    Consent.objects.update(user=bob)
    Vault.objects.update(user=bob)
    assert get_live_consent(bob) is None


def test_a_consent_that_ended_does_not_come_back_by_striking_out_its_end(alice: User, vault: Vault) -> None:
    give_consent(user=alice, text_version=CONSENT_TEXT.version)
    withdraw_consent(user=alice)
    Consent.objects.update(ended_at=None)
    assert get_live_consent(alice) is None
    assert has_foreign_consent(alice)


def test_a_consent_is_for_one_vault_and_ends_with_it(alice: User, vault: Vault) -> None:
    given = give_consent(user=alice, text_version=CONSENT_TEXT.version)
    erase_vault(user=alice)
    make_vault(alice)
    assert get_live_consent(alice) is None
    given.refresh_from_db()
    assert given.ended_at is not None
    assert [consent.pk for consent in get_consents(alice)] == [given.pk], "it was given once, and stays a receipt"


def test_a_consent_is_not_for_a_vault_put_in_the_place_of_the_one_it_names(alice: User, vault: Vault) -> None:
    agree(alice)
    Vault.objects.filter(user=alice).delete()
    make_vault(alice)
    assert get_live_consent(alice) is None
    Consent.objects.update(vault_id=alice.vault.pk, key_id=key_id(bytes(alice.vault.public_key)), ended_at=None)
    assert get_live_consent(alice) is None


def test_nobody_agrees_for_a_public_key_that_was_swapped(alice: User, vault: Vault) -> None:
    Vault.objects.update(public_key=make_key_pair().public)
    with pytest.raises(KeyAltered):
        give_consent(user=alice, text_version=CONSENT_TEXT.version)
    assert not Consent.objects.exists()


def test_agreeing_and_stopping_are_sealed_into_the_journal(alice: User) -> None:
    opened = make_vault(alice)
    for _ in range(2):
        give_consent(user=alice, text_version=CONSENT_TEXT.version)
    for _ in range(2):
        withdraw_consent(user=alice)
    noted = [entry.data.event for entry in read_journal(opened).of(Audit)]
    assert noted == ["consent_given", "consent_ended"]


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"per_day": 12},
        {"start": time(0)},
        {"quiet": []},
        {"days": [6]},
        {"paused_until": None},
        {"seed": b"s" * 32},
        {"mac": b"m" * 32},
    ],
)
def test_a_schedule_that_somebody_else_changed_is_not_followed(
    change: dict[str, Any], alice: User, alice_client: Client, vault: Vault
) -> None:
    agree(alice)
    know_in(alice_client, alice)
    save_schedule(user=alice, timezone="Europe/Berlin", quiet=[["12:00", "13:00"]], **ALWAYS)
    pause_schedule(user=alice, until=timezone.now() + timedelta(days=1))
    assert get_schedule(alice).enabled
    Schedule.objects.update(**change)
    assert (get_schedule(alice).enabled, has_foreign_schedule(alice)) == (False, True)
    assert alice_client.get("/api/v1/schedule/").json()["why_none"] == "altered"
    assert "not by this site" in alice_client.get("/capture/").content.decode()
    assert "not by this site" in alice_client.get("/you/").content.decode()


def test_a_time_zone_that_somebody_else_changed_moves_no_snapshot(alice: User, vault: Vault) -> None:
    save_schedule(user=alice, timezone="Europe/Berlin", **ALWAYS)
    User.objects.update(timezone="Asia/Tokyo")
    assert not get_schedule(alice).enabled


def test_setting_it_again_makes_it_ones_own_and_keeps_nothing_of_what_was_forged(alice: User, vault: Vault) -> None:
    save_schedule(user=alice, timezone="UTC", **ALWAYS)
    Schedule.objects.update(paused_until=timezone.now() + timedelta(days=9), seed=b"s" * 32)
    assert pause_schedule(user=alice, until=None).pk is None
    save_schedule(user=alice, timezone="UTC", **ALWAYS)
    schedule = get_schedule(alice)
    assert (schedule.enabled, schedule.paused_until, bytes(schedule.seed) == b"s" * 32) == (True, None, False)


def test_whatever_the_person_does_to_a_schedule_leaves_it_signed(alice: User, bob: User, vault: Vault) -> None:
    save_schedule(user=alice, timezone="UTC", times=["10:00"], quiet=[["23:00", "06:00"]], **ALWAYS)
    pause_schedule(user=alice, until=timezone.now() + timedelta(hours=1, microseconds=17))
    finish_moment(user=alice, moment=timezone.now())
    set_timezone(user=User.objects.get(pk=alice.pk), zone="Asia/Tokyo")
    pause_schedule(user=alice, until=None)
    assert get_schedule(alice).enabled
    assert not has_foreign_schedule(alice)
    make_schedule(bob, enabled=True)
    assert get_schedule(bob).enabled


def test_macs_are_those_that_the_formats_say(alice: User, vault: Vault) -> None:
    [key], kid = server_keys().binding, key_id(bytes(vault.public_key))

    def mac_of(label: str, *parts: bytes) -> bytes:
        return hmac.digest(key, length_prefixed(label.encode(), b"\x01", *parts), "sha256")

    owner, day = str(alice.pk).encode(), vault.created_on.isoformat().encode()
    assert bytes(vault.mac) == mac_of("wb-vault", vault.pk.bytes, owner, kid, day, b"", b"")
    given_at = datetime(2026, 3, 2, 9, 0, 0, 17, tzinfo=timezone.get_fixed_timezone(60))
    consent = agree(alice, given_at=given_at)
    words = (b"camera", CONSENT_TEXT.version.encode(), CONSENT_TEXT.sha256.encode())
    moments = (b"2026-03-02T08:00:00.000017+00:00", b"")
    assert bytes(consent.mac) == mac_of("wb-consent", consent.pk.bytes, owner, vault.pk.bytes, kid, *words, *moments)
    schedule = make_schedule(alice, days=[0], start="09:00", end="17:00:30")
    told = json.dumps(
        {
            "days": [0], "enabled": False, "end": "17:00:30", "every_minutes": 60, "expiry_minutes": 30,
            "min_gap_minutes": 45, "mode": "random", "paused_until": None, "per_day": 3, "quiet": [],
            "start": "09:00:00", "times": [],
        },
        sort_keys=True,
    )  # fmt: skip
    assert bytes(schedule.mac) == mac_of("wb-schedule", owner, b"UTC", bytes(schedule.seed), told.encode())


def test_an_exchange_of_keys_takes_consents_and_schedules_along_and_forgives_no_forgery(
    alice: User, bob: User, tmp_path: Path, settings: Settings
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    for user in (alice, bob):
        make_vault(user)
        save_schedule(user=user, timezone="UTC", **ALWAYS)
    agree(alice)
    forge(bob.vault)
    Schedule.objects.filter(user=bob).update(per_day=9)
    rotation.announce_keys(["binding"])
    rotation.activate_keys(["binding"], now=0)
    assert rebind_vaults() == 4, "two vaults, a consent and a schedule"
    assert rebind_vaults() == 0
    rotation.destroy_retired_keys(now=rotation.now_seconds())
    assert [get_live_consent(user) is not None for user in (alice, bob)] == [True, False]
    assert [get_schedule(user).enabled for user in (alice, bob)] == [True, False]
