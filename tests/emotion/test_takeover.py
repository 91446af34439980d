"""An administrator resets a password, erases the vault, makes another one, waits, and reads: nothing."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from redis import Redis

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent
from emotion.services.classify import record_waiting
from tests.conftest import PASSWORD
from vault.forms import asked_places
from vault.journal.kinds import Audit
from vault.journal.reading import read_journal
from vault.models import Entry, Precaution, Vault
from vault.services.lifecycle import create_vault, open_vault

pytestmark = pytest.mark.django_db(transaction=True)

HERS, THEIRS, GIVEN = "quilted otter drums vivid canyon", "mellow anchor tulip frosty gecko", "set by an administrator"
AGREED = {"agreed": "yes", "text_version": CONSENT_TEXT.version}


def sign_in(client: Client, user: User, password: str) -> None:
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": user.email, "password": password})
    assert client.get("/you/").status_code == 200


def give_password(root_client: Client, user: User) -> None:
    new = {"password1": GIVEN, "password2": GIVEN, "usable_password": "true"}
    assert root_client.post(f"/admin/accounts/user/{user.pk}/password/", new).status_code == 302


def make_in(client: Client, passphrase: str) -> Any:
    """What the last step answers."""
    client.post("/vault/new/", {"new_passphrase": passphrase, "again": passphrase})
    shown = client.get("/vault/code/")
    if shown.status_code != 200:
        return shown
    groups = shown.context["draft"].recovery_groups
    places = asked_places(shown.context["draft"].recovery_code)
    return client.post("/vault/code/check/", {f"group_{place}": groups[place - 1] for place in places})


def let_days_pass() -> None:
    ago = timezone.now() - timedelta(hours=72)
    Precaution.objects.filter(password_given_at__isnull=False).update(password_given_at=ago)
    Precaution.objects.filter(erasure_asked_at__isnull=False).update(erasure_asked_at=ago)


def go_on_recording(client: Client, jpeg: bytes) -> list[int]:
    """All that somebody does who notices nothing."""
    client.post("/consent/agree/", AGREED)
    client.post("/today/", {"act": "checkin", "pleasantness": "-1", "energy": "-0.5", "note": "marmalade"})
    sent = [client.post(f"/api/v1/captures/?id={uuid4()}", jpeg, content_type="application/octet-stream")]
    checkin = {"pleasantness": -1, "energy": 0, "note": "marmalade"}
    sent.append(client.post("/api/v1/checkins/", checkin, content_type="application/json"))
    use = {"use": str(uuid4()), "trigger": "manual", "ended": "sent"}
    sent.append(client.post("/api/v1/camera-uses/", use, content_type="application/json"))
    record_waiting(task_id=uuid4())
    return [answer.status_code for answer in sent]


@pytest.fixture
def her_browser(alice: User, valkey: Redis) -> Client:
    create_vault(user=alice, passphrase=HERS)
    client = Client()
    sign_in(client, alice, PASSWORD)
    client.post("/vault/open/", {"passphrase": HERS})
    client.post("/consent/agree/", AGREED)
    client.post("/vault/close/")
    return client


def test_what_is_right_goes_on(alice: User, her_browser: Client, jpeg: bytes) -> None:
    assert go_on_recording(her_browser, jpeg) == [202, 201, 201]
    kinds = {entry.data.kind for entry in read_journal(open_vault(user=alice, passphrase=HERS)).entries}
    assert kinds == {"audit", "checkin", "reading", "camera"}


def test_a_given_password_alone_ends_no_vault(alice: User, her_browser: Client, root_client: Client) -> None:
    give_password(root_client, alice)
    attacker = Client()
    sign_in(attacker, alice, GIVEN)
    vault = Vault.objects.get()
    for body in ({}, {"secret": GIVEN}, {"secret": THEIRS}):
        attacker.post("/vault/erase/", {"confirmation": "erase everything", **body})
        attacker.post("/you/leave/", {"confirmation": "delete my account", **body})
    attacker.post("/vault/erase/ask/")
    attacker.post("/vault/erase/", {"confirmation": "erase everything"})
    assert make_in(attacker, THEIRS).status_code == 302
    assert Vault.objects.get() == vault
    sign_in(her_browser, alice, GIVEN)
    assert "Call it off" in her_browser.get("/today/").content.decode()
    page = her_browser.post("/vault/open/", {"passphrase": HERS}, follow=True).content.decode()
    assert "called off" in page


@pytest.mark.parametrize("has_new_browser", [False, True])
def test_who_waits_and_makes_another_vault_reads_nothing(
    has_new_browser: bool, alice: User, her_browser: Client, root_client: Client, jpeg: bytes
) -> None:
    give_password(root_client, alice)
    attacker = Client()
    sign_in(attacker, alice, GIVEN)
    attacker.post("/vault/erase/ask/")
    let_days_pass()
    sign_in(attacker, alice, GIVEN)
    assert attacker.post("/vault/erase/", {"confirmation": "erase everything"}).headers["Location"] == "/vault/new/"
    sign_in(attacker, alice, GIVEN)
    assert make_in(attacker, THEIRS).headers["Location"] == "/"
    attacker.post("/consent/agree/", AGREED)
    attacker.post("/vault/close/")

    hers = Client() if has_new_browser else her_browser
    sign_in(hers, alice, GIVEN)
    assert "this browser has not opened it since" in hers.get("/today/").content.decode()
    assert go_on_recording(hers, jpeg) == [423, 423, 423]

    opened = open_vault(user=alice, passphrase=THEIRS)
    assert {entry.data.kind for entry in read_journal(opened).entries} <= {Audit.kind}
    assert not Capture.objects.exists()
    assert Entry.objects.exclude(capture_id=None).count() == 0


def test_the_consent_for_the_vault_before_is_none_for_the_next(
    alice: User, her_browser: Client, root_client: Client, jpeg: bytes
) -> None:
    """Even in a browser that the attacker has let open the new vault, nothing is sealed on the word of the old one."""
    erased = {"confirmation": "erase everything", "secret": HERS}
    assert her_browser.post("/vault/erase/", erased).headers["Location"] == "/vault/new/"
    sign_in(her_browser, alice, PASSWORD)
    assert make_in(her_browser, THEIRS).headers["Location"] == "/"
    answer = her_browser.post(f"/api/v1/captures/?id={uuid4()}", jpeg, content_type="application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_required")
    assert Consent.objects.filter(ended_at=None).count() == 0
