"""Attackers who act and then wait: an administrator, a reader of logs, a writer of activities, a forger of rows."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from django.db import transaction
from django.test import Client, override_settings
from django.test.utils import setup_test_environment, teardown_test_environment
from django.utils import timezone

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Consent, Schedule
from emotion.selectors import get_live_consent, get_schedule
from emotion.services.consents import give_consent
from emotion.services.schedules import save_schedule
from recommender.ranking import suggest as ranking
from recommender.ranking.bound import FACTOR
from recommender.ranking.exposure import measure_exposure
from tests.accounts.test_credentials import CREDENTIALS, Given, close_account, give_everything
from tests.conftest import PASSWORD
from tests.conftest import sign_in as sign_in_at_once
from tests.emotion.test_authentic import ALWAYS, forge
from tests.emotion.test_takeover import (
    AGREED,
    GIVEN,
    HERS,
    THEIRS,
    give_password,
    go_on_recording,
    let_days_pass,
    make_in,
    sign_in,
)
from tests.entries import checkin
from tests.faces import smile, to_jpeg
from tests.outside import ORIGIN, Answer, Visitor, make_person, spend_a_day
from tests.proof.attack import Attack, require
from tests.recommender.people import SITUATION
from tests.recommender.ranking.test_bound import ROUNDING, make_honey, make_hostile
from tests.signed import tell_vault
from tests.vaults import know_in, make_vault
from vault.journal.compaction import compact_inbox
from vault.journal.entries import append_entry
from vault.journal.kinds import Audit
from vault.journal.reading import read_journal
from vault.models import Entry, Vault
from vault.services.lifecycle import create_vault, open_vault
from vault.services.retention import prune

_HONEYS: Final = (5, 10, 20, 40, 80)
_HOSTILE: Final = 20
_SEEDS: Final = 3


@contextmanager
def _on_test_clients() -> Iterator[None]:
    """Requests that reach the same databases and the same Valkey as the site's own."""
    setup_test_environment(debug=False)
    try:
        with override_settings(PUBLIC_URL=ORIGIN):
            yield
    finally:
        teardown_test_environment()


def _make_user(name: str) -> User:
    return User.objects.create_user(f"{name}@example.org", PASSWORD)


def _make_root_client() -> Client:
    client = Client()
    sign_in_at_once(client, User.objects.get(email="root@example.org"))
    return client


def take_over() -> Attack:
    """Resets a password, erases the vault after three days, makes another one, waits until she goes on, and reads."""
    attack = Attack("Administrator who acts and waits", "the administration pages, and all the time it takes")
    jpeg = to_jpeg(smile(640, 480))
    with _on_test_clients():
        for name in ("erin", "frida"):
            user, hers, theirs = _make_user(name), Client(), Client()
            create_vault(user=user, passphrase=HERS)
            sign_in(hers, user, PASSWORD)
            hers.post("/vault/open/", {"passphrase": HERS})
            before = go_on_recording(hers, jpeg)
            hers.post("/vault/close/")
            _replace_vault(theirs, user)
            if name == "frida":
                hers = Client()
            sign_in(hers, user, GIVEN)
            after = go_on_recording(hers, jpeg)
            attack.attempts += len(after)
            attack.accepted += [f"what {name} recorded ({status})" for status in after if status < 400]
            attack.read += _read_with(THEIRS, user)
            sealed = Entry.objects.filter(vault__user=user).exclude(capture_id=None).count()
            attack.figures["sealed_to_another"] = attack.figures.get("sealed_to_another", 0) + sealed
            require(before == [202, 201, 201], "what she recorded before")
    attack.tried += [
        "a new password, erasing without the passphrase, 72 hours, a vault of its own in her place, a consent for her",
        "then a check-in, a snapshot and the use of a camera of hers, in her own browser and in a new one",
    ]
    attack.learned.append("that she signs in again; and for three days every page has told her, and a mail")
    attack.control = "the same things recorded, before, in the vault of her own"
    return attack


def _replace_vault(theirs: Client, user: User) -> None:
    give_password(_make_root_client(), user)
    sign_in(theirs, user, GIVEN)
    theirs.post("/vault/erase/ask/")
    let_days_pass()
    sign_in(theirs, user, GIVEN)
    theirs.post("/vault/erase/", {"confirmation": "erase everything"})
    sign_in(theirs, user, GIVEN)
    make_in(theirs, THEIRS)
    theirs.post("/consent/agree/", AGREED)
    theirs.post("/vault/close/")


def _read_with(passphrase: str, user: User) -> list[str]:
    entries = read_journal(open_vault(user=user, passphrase=passphrase)).entries
    return [f"a {entry.data.kind} of {user.email}" for entry in entries if entry.data.kind != Audit.kind]


@cache
def _watch_days() -> dict[tuple[bool, int, bool], tuple[list[str], list[int]]]:
    """For script or none, seed, and low or calm: a proxy's lines, and how long each page is without what pads it."""
    days = {}
    with _on_test_clients():
        for has_script in (True, False):
            for seed in range(_SEEDS):
                for low in (False, True):
                    name = f"outside-{has_script}-{seed}-{low}".lower()
                    days[has_script, seed, low] = _watch_day(name, has_script=has_script, seed=seed, low=low)
    return days


def _watch_day(name: str, *, has_script: bool, seed: int, low: bool) -> tuple[list[str], list[int]]:
    visitor = Visitor.of(*make_person(name, low=low, seed=seed), has_script=has_script)
    asking, lengths = visitor.ask, list[int]()

    def ask(*said: Any) -> Answer:
        answer = asking(*said)
        lengths.append(len(answer.text.rstrip()))
        return answer

    visitor.ask = ask
    spend_a_day(visitor, is_asked=low)
    return visitor.lines, lengths


def read_proxy_log() -> Attack:
    """The default log of a proxy: who has low days, if the same things are done?"""
    return _compare_days(
        "Reader of a proxy's log", "each line, with address, status, size and referrer", lambda line: line
    )


def measure_sizes() -> Attack:
    return _compare_days(
        "Measuring what passes the network", "how long each answer is, and in which order", lambda line: line.split()[4]
    )


def _compare_days(name: str, holds: str, seen: Callable[[str], str]) -> Attack:
    attack = Attack(name, holds)
    for (has_script, seed, low), (lines, _) in (days := _watch_days()).items():
        calm = days[has_script, 0, False][0]
        attack.attempts += len(lines)
        if [seen(line) for line in lines] != [seen(line) for line in calm]:
            attack.read.append(f"the mood of {'a low' if low else 'a calm'} person ({seed})")
    attack.figures["told_apart"] = len(attack.read)
    attack.tried.append(f"{len(days)} days of calm and of low people who did the same, with and without script")
    attack.learned.append("who opened which page when, and that something was sent")
    differ = [days[script, 0, True][1] != days[script, 0, False][1] for script in (True, False)]
    attack.control = require(all(differ), "that the pages differ in length before they are padded")
    return attack


def write_honey() -> Attack:
    """An activity for one mood alone, in a catalogue where nothing else fits that mood: who does it tells the mood."""
    attack = Attack("Writer of a honey activity", "the catalogue, and a view of who does what it names")
    rng = np.random.default_rng(11)
    catalogues = [make_honey(others) for others in _HONEYS] + [make_hostile(rng) for _ in range(_HOSTILE)]
    found = [one for catalogue in catalogues if (one := measure_exposure(catalogue, [SITUATION]))]
    attack.attempts = len(catalogues)
    attack.read += [f"a mood, by {one.activity} ({one.factor:.1f})" for one in found if one.factor > FACTOR * ROUNDING]
    attack.figures |= {"told_apart": len(attack.read), "worst_factor": round(max(one.factor for one in found), 3)}
    attack.tried.append(
        f"{len(_HONEYS)} catalogues around one activity for sad people, and {_HOSTILE} of every kind, in every mood"
    )
    attack.learned.append(
        f"how much likelier a mood makes an activity on one page: {attack.figures['worst_factor']} times at most"
    )
    with patch.object(ranking, "hold_chances", lambda wanted, blind: wanted):
        loose = measure_exposure(make_honey(), [SITUATION], deals=20)
    attack.control = require(loose and loose.factor > 20, "the honey activity, where chances are not held")
    return attack


def forge_rows() -> Attack:
    """Agrees for somebody, sets when snapshots are taken, and has the site delete what she recorded."""
    attack = Attack("Writer to the database: forged wishes", "rights to write into every table but the keystore")
    with _on_test_clients():
        user, client = _make_user("grace"), Client()
        make_vault(user)
        sign_in_at_once(client, user)
        know_in(client, user)
        attack.accepted += [*_forge_consents(client, user), *_forge_schedules(user), *_forge_keeping()]
    attack.attempts = len(_CONSENTS) + len(_SCHEDULES) + len(_KEEPING)
    attack.tried += [
        f"{len(_CONSENTS)} consents right in all but their MAC, and a snapshot on the word of each",
        f"{len(_SCHEDULES)} changes of a schedule, one at a time",
        f"{len(_KEEPING)} times of keeping that would have the site delete, and its nightly deletion",
    ]
    attack.learned.append("nothing; the owner is told on the page that this site did not write it")
    attack.control = "the same, where she had agreed and chosen herself"
    return attack


def _forge_consents(client: Client, user: User) -> Iterator[str]:
    jpeg = to_jpeg(smile(640, 480))
    for change in _CONSENTS:
        forge(user.vault, **change)
        if _send(client, jpeg) < 400 or get_live_consent(user):
            yield "a forged consent"
        Consent.objects.filter(user=user).delete()
    give_consent(user=user, text_version=CONSENT_TEXT.version)
    require(_send(client, jpeg) == 202, "a snapshot on the word of her own consent")


def _forge_schedules(user: User) -> Iterator[str]:
    save_schedule(user=user, timezone="UTC", **ALWAYS)
    rows = Schedule.objects.filter(user=user)
    kept = rows.values(*{name for change in _SCHEDULES for name in change}).get()
    for change in _SCHEDULES:
        rows.update(**change)
        if get_schedule(user).enabled:
            yield f"a forged schedule ({', '.join(change)})"
        rows.update(**kept)
    require(get_schedule(user).enabled, "her own schedule")


_CONSENTS: Final[tuple[dict[str, Any], ...]] = ({}, {"mac": b""}, {"mac": bytes(32)}, {"id": uuid.UUID(int=7)})
_SCHEDULES: Final[tuple[dict[str, Any], ...]] = (
    {"per_day": 12},
    {"start": time(0)},
    {"days": [6]},
    {"quiet": [["12:00", "13:00"]]},
    {"seed": b"s" * 32},
    {"mac": b"m" * 32},
)
_LONG_AGO: Final = date(2000, 1, 1)
_KEEPING_FIELDS: Final = ("keep_days", "opened_in", "created_on")
_KEEPING: Final[tuple[dict[str, Any], ...]] = (
    {"keep_days": 7},
    {"keep_days": 0},
    {"opened_in": _LONG_AGO},
    {"created_on": _LONG_AGO, "opened_in": None},
    {"keep_days": 7, "opened_in": _LONG_AGO},
)


def _send(client: Client, jpeg: bytes) -> int:
    address = f"/api/v1/captures/?id={uuid.uuid4()}"
    return client.post(address, jpeg, content_type="application/octet-stream").status_code


def _forge_keeping() -> Iterator[str]:
    """What is believed of the times of keeping, for a month-old entry in a page and another in the inbox."""
    opened, old = make_vault(_make_user("greta")), timezone.now() - timedelta(days=30)
    vault = Vault.objects.get(pk=opened.vault_id)
    append_entry(vault=vault, entry=checkin(), at=old)
    compact_inbox(opened)
    append_entry(vault=vault, entry=checkin(), at=old)
    before, kept = _count_stored(vault), Vault.objects.filter(pk=vault.pk).values(*_KEEPING_FIELDS).get()
    for change in _KEEPING:
        Vault.objects.filter(pk=vault.pk).update(**change)
        prune()
        if _count_stored(vault) != before:
            yield f"a forged time of keeping ({', '.join(change)})"
        Vault.objects.filter(pk=vault.pk).update(**kept)
    tell_vault(vault.user, keep_days=7, opened_in=_LONG_AGO)
    prune()
    require(before > 1 and not _count_stored(vault), "what a time of keeping of her own deletes")


def _count_stored(vault: Vault) -> int:
    return vault.entries.count() + vault.pages.count()


def open_closed_account() -> Attack:
    """An account is closed and opened again, and whoever holds something from before tries it."""
    attack = Attack("A closed account opened again", f"from before: {', '.join(CREDENTIALS)}")
    app = {"provider_id": "work", "name": "Example Ltd", "client_id": "wellbeing"}
    with _on_test_clients(), override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [app]}}):
        # Both have the same addresses, which no two people can.
        with transaction.atomic():
            works = _use_all(give_everything(_make_user("hanna"), _make_root_client()))
            transaction.set_rollback(True)
        given = give_everything(_make_user("iris"), _make_root_client())
        close_account(given)
        attack.accepted += [f"{name} from before" for name in _use_all(given)]
    attack.attempts = len(CREDENTIALS)
    attack.tried.append("each of them, once the account is open again")
    attack.control = require(works == list(CREDENTIALS), "that each of them worked before, for somebody else")
    return attack


def _use_all(given: Given) -> list[str]:
    return [name for name, works in CREDENTIALS.items() if works(given)]
