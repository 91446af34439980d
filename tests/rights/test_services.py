import csv
import io
import json
import shutil
import subprocess
import zipfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pyzipper
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from accounts.allauth_internals import TOTP, generate_totp_secret
from accounts.choices import Event
from accounts.models import ApiToken, User
from accounts.tokens import make_token
from emotion.models import Consent, PersonalSettings, Schedule
from rights.export_csv import COLUMNS, find_fields_without_column
from rights.export_json import MAX_BYTES
from rights.services import ImportRefused, delete_account, import_document, make_export
from tests.crashes import Crash, dying_at
from tests.entries import checkin, feedback, preferences, reading, suggestion, taste
from tests.rights.conftest import NOTE, REASON, P, fill
from tests.signed import make_schedule
from tests.vault.journal.people import append_raw
from tests.vaults import CODE_TEXT, erase_vault, make_vault
from vault.journal.entries import OpenedVault, append_entry
from vault.journal.kinds import (
    KINDS,
    Audit,
    Camera,
    CameraKept,
    CheckIn,
    CheckInSkipped,
    Correction,
    Display,
    Feedback,
    Kind,
    LowDays,
    Neutral,
    Preferences,
    Reading,
    RestingFace,
    Suggestion,
    Taste,
    show_data,
)
from vault.journal.reading import read_journal
from vault.keystore.models import ErasureKey
from vault.models import Entry, Vault

pytestmark = pytest.mark.django_db


def export_json(user: User, opened: OpenedVault) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(make_export(user=user, opened=opened, formats=["json"]).content)
    return document


def test_export_erase_import_gives_the_identical_export(alice: User, opened: OpenedVault) -> None:
    before = make_export(user=alice, opened=opened, formats=["json"]).content
    erase_vault(user=alice)
    alice = User.objects.get(pk=alice.pk)
    opened = make_vault(alice)
    done = import_document(user=alice, opened=opened, data=before)
    assert (done.added, done.known) == (10, 0)
    entries = json.loads(before)["entries"]
    after = export_json(alice, opened)
    assert after["entries"] == entries
    # Written by the site alone: the file does not bring it back.
    assert [line["data"]["event"] for line in after["audit"]] == ["imported"]


#: Every kind of entry that may come back, with all that it may hold.
EVERY_KIND: list[Kind] = [
    reading(p=P),
    reading(p=None, outcome="no_face"),
    reading(p=P, kind=Neutral),
    Correction(of=uuid4(), expression="fear"),
    RestingFace(version=1, model="vgg16-1", shift=(0.5, -0.25, 0.0, 0.1, 0.2, -0.3, -0.25)),
    Camera(use=uuid4(), trigger="scheduled", ended="skipped"),
    checkin(-1.0, 0.5, "calm", note=NOTE),
    CheckInSkipped(),
    CameraKept(),
    preferences("desk", 15, ("walking",)),
    preferences(kept=True),
    suggestion(reason=REASON),
    suggestion(slot=2, reason={"rule": "of another release"}, propensity=None, chosen=True),
    feedback(uuid4(), "did", 2, before=-1, after=1),
    feedback(uuid4(), "never"),
    taste("move"),
    LowDays(low=True),
    Display(trends=False),
]


def test_every_kind_of_entry_leaves_and_comes_back_whole(alice: User, bob: User) -> None:
    assert {type(entry) for entry in EVERY_KIND} == {kind for kind in KINDS.values() if kind.importable}
    opened, bobs, at = make_vault(alice), make_vault(bob), timezone.now() - timedelta(days=1)
    for entry in EVERY_KIND:
        append_entry(vault=alice.vault, entry=entry, at=at)
    content = make_export(user=alice, opened=opened, formats=["json", "csv", "pdf"]).content
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        document = files.read(next(name for name in files.namelist() if name.endswith(".json")))
    assert import_document(user=bob, opened=bobs, data=document).added == len(EVERY_KIND)
    told = [entry.data for entry in read_journal(bobs).entries if not isinstance(entry.data, Audit)]
    assert sorted(map(repr, told)) == sorted(map(repr, EVERY_KIND))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_field_of_every_kind_has_its_place_in_the_table(kind: type[Kind]) -> None:
    assert find_fields_without_column(kind) == set()


def test_every_list_of_an_export_is_one_it_writes(alice: User, opened: OpenedVault) -> None:
    assert {kind.exported for kind in KINDS.values()} - {None} <= export_json(alice, opened).keys()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Preferences, {"avoid": 5}),
        (Taste, {"likes": "move"}),
        (LowDays, {"low": "yes"}),
        (Display, {"trends": None}),
        (RestingFace, {"shift": ["a"] * 7}),
        (Neutral, {"p": [2] * 7}),
        (Neutral, {"p": None}),
        (Neutral, {"model": ""}),
        (Neutral, {"model": "a\nb"}),
        (Reading, {"outcome": "sunspots"}),
        (Reading, {"p": None}),
        (Correction, {"expression": "hungry"}),
        (Suggestion, {"slot": "first"}),
        (Suggestion, {"reason": None}),
        (Suggestion, {"activity": "\0"}),
        (Feedback, {"before": "good"}),
        (Feedback, {"helped": 99}),
        (CheckIn, {"newer": 1}),
    ],
)
def test_what_a_page_could_not_read_later_is_refused(
    alice: User, opened: OpenedVault, kind: type[Kind], data: dict[str, Any]
) -> None:
    document = export_json(alice, opened)
    whole = show_data(next(entry for entry in EVERY_KIND if isinstance(entry, kind)))
    document["entries"][-1] |= {"id": str(uuid4()), "kind": kind.kind, "data": whole}
    assert import_document(user=alice, opened=opened, data=json.dumps(document).encode()).added == 1
    document["entries"][-1] |= {"id": str(uuid4()), "data": whole | data}
    with pytest.raises(ImportRefused) as refused:
        import_document(user=alice, opened=opened, data=json.dumps(document).encode())
    (name,) = data
    assert str(refused.value.detail).startswith("Entry 10: ")
    assert name in str(refused.value.detail)


def test_an_impossible_entry_is_left_out_of_every_format_and_named(alice: User, opened: OpenedVault) -> None:
    whole = export_json(alice, opened)
    misfits = [
        append_raw(opened, Feedback.kind, show_data(feedback(uuid4())) | {"helped": 99}),
        append_raw(opened, Reading.kind, show_data(reading()) | {"outcome": "sunspots"}),
        append_raw(opened, "moon", {}),
    ]
    document = export_json(alice, opened)
    assert document["entries"] == whole["entries"]
    assert sorted(document["damaged"]) == sorted(map(str, misfits))
    assert make_export(user=alice, opened=opened, formats=["csv", "pdf"]).content
    assert import_document(user=alice, opened=opened, data=json.dumps(document).encode()).added == 0


def test_the_export_holds_every_choice_of_the_person(alice: User, opened: OpenedVault) -> None:
    document = export_json(alice, opened)
    fields = {
        name: {field.name for field in model._meta.get_fields()} - {"id", "user"}
        for name, model in (("schedule", Schedule), ("personal", PersonalSettings))
    }
    # The seed is a secret that moments are drawn from; until when one was answered is the site's own note.
    assert document["schedule"].keys() == fields["schedule"] - {"seed", "done_until", "mac"} | {"timezone"}
    assert document["personal"].keys() == fields["personal"]
    assert document["personal"] == {"ask_first": True, "resting_face_on": None, "resting_face_model": ""}


def test_what_is_there_already_is_not_added_again(alice: User, opened: OpenedVault) -> None:
    before = make_export(user=alice, opened=opened, formats=["json"]).content
    done = import_document(user=alice, opened=opened, data=before)
    assert (done.added, done.known) == (0, 10)
    twice = json.loads(before)
    twice["entries"] = [twice["entries"][0], twice["entries"][0]]
    assert import_document(user=alice, opened=opened, data=json.dumps(twice).encode()).added == 0
    assert json.loads(before)["entries"] == export_json(alice, opened)["entries"]


def test_one_bad_entry_changes_nothing(alice: User, opened: OpenedVault) -> None:
    document = export_json(alice, opened)
    erase_vault(user=alice)
    alice = User.objects.get(pk=alice.pk)
    opened = make_vault(alice)
    del document["entries"][-1]["data"]["trigger"]
    with pytest.raises(ImportRefused) as refused:
        import_document(user=alice, opened=opened, data=json.dumps(document).encode())
    told = "Entry 10: its data does not fit its kind: Object missing required field `trigger`. Nothing was changed."
    assert str(refused.value.detail) == told
    assert read_journal(opened).entries == ()


def test_an_export_goes_into_another_vault_and_takes_nothing_from_the_first(
    alice: User, opened: OpenedVault, bob: User
) -> None:
    data = make_export(user=alice, opened=opened, formats=["json"]).content
    bobs = make_vault(bob)
    count = import_document(user=bob, opened=bobs, data=data).added
    assert count == len(read_journal(bobs).entries) - 1 == len(json.loads(data)["entries"])
    assert len(export_json(alice, opened)["entries"]) == 10


def test_the_json_holds_consents_schedule_and_what_was_done(alice: User, opened: OpenedVault) -> None:
    document = export_json(alice, opened)
    assert document["account"]["email"] == "alice@example.org"
    assert [consent["purpose"] for consent in document["consents"]] == ["camera"]
    assert document["consents"][0]["ended_at"] is not None
    assert document["schedule"]["every_minutes"] == 60
    assert [line["data"]["event"] for line in document["audit"]] == ["vault_opened"]
    assert document["expressions"][3] == "happiness"


def test_the_table_has_numbers_and_words(alice: User, opened: OpenedVault) -> None:
    content = make_export(user=alice, opened=opened, formats=["csv"]).content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    seen = rows[0]
    assert [float(seen[name]) for name in ("anger", "happiness", "surprise")] == [P[0], P[3], P[6]]
    assert (seen["expression"], seen["expression_said"], seen["kind"]) == ("happiness", "surprise", Reading.kind)
    assert seen["summary"] == "You said: surprised"
    said = next(row for row in rows if row["kind"] == CheckIn.kind)
    assert (said["pleasantness"], said["energy"], said["words"]) == ("0.5", "-0.25", "calm, proud")
    # A cell that begins like a formula must not become one.
    assert said["note"] == "'" + NOTE
    assert [row["camera_ended"] for row in rows if row["kind"] == Camera.kind] == [
        "sent",
        "discarded",
        "discarded",
        "denied",
    ]
    assert json.loads(next(row for row in rows if row["kind"] == Suggestion.kind)["other"]) == {
        "slot": 0,
        "reason": REASON,
        "propensity": 0.25,
    }


def test_the_pdf_reads_as_text(alice: User, opened: OpenedVault, tmp_path: Path) -> None:
    content = make_export(user=alice, opened=opened, formats=["pdf"]).content
    assert content.startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed here")
    (tmp_path / "journal.pdf").write_bytes(content)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "journal.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    for words in (
        "My journal",
        "Tuesday, 29 September 2026",
        "You said: surprised",
        "calm, proud",
        "Vault opened",
        "September 2026",
    ):
        assert words in text
    assert "ünïcode" in text


def test_no_log_lists_the_letters_of_a_document(
    alice: User, opened: OpenedVault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    make_export(user=alice, opened=opened, formats=["pdf"])
    assert [record.name for record in caplog.records if record.name.startswith(("fontTools", "fpdf"))] == []


def test_a_locked_zip_opens_with_its_password_alone(alice: User, opened: OpenedVault) -> None:
    file = make_export(user=alice, opened=opened, formats=["json", "csv"], password="quilted otter drums")
    assert file.name.endswith(".zip")
    assert b"marmalade" not in file.content
    with pyzipper.AESZipFile(io.BytesIO(file.content)) as archive:
        names = archive.namelist()
        assert [name.rpartition(".")[2] for name in names] == ["json", "csv"]
        with pytest.raises(RuntimeError, match="password"):
            archive.read(names[0])
        archive.setpassword(b"quilted otter drum")
        with pytest.raises(RuntimeError, match="password"):
            archive.read(names[0])
        archive.setpassword(b"quilted otter drums")
        assert len(json.loads(archive.read(names[0]))["entries"]) == 10


def test_the_password_is_kept_nowhere(alice: User, opened: OpenedVault) -> None:
    make_export(user=alice, opened=opened, formats=["json"], password="quilted otter drums")
    assert "quilted" not in str(export_json(alice, opened))


def test_taking_away_is_noted_with_its_kind(alice: User, opened: OpenedVault) -> None:
    make_export(user=alice, opened=opened, formats=["json", "pdf"], password="quilted otter drums")
    last = read_journal(opened).of(Audit)[-1]
    assert last.data == Audit(event=Event.EXPORTED, detail="json, pdf, with a password")


def test_a_file_over_the_limit_is_refused(alice: User, opened: OpenedVault) -> None:
    with pytest.raises(ImportRefused, match="import_refused"):
        import_document(user=alice, opened=opened, data=b" " * (MAX_BYTES + 1))


def test_deleting_an_account_leaves_no_row_that_names_it(
    alice: User, opened: OpenedVault, bob: User, root: User, alice_client: Client
) -> None:
    EmailAddress.objects.create(user=alice, email="alice.private@example.org", primary=False, verified=True)
    SocialAccount.objects.create(user=alice, provider="openid_connect", uid="alice-at-work")
    TOTP.activate(alice, generate_totp_secret())
    make_token(alice, ApiToken.Scope.READ)
    make_schedule(alice)
    about = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=root, content_type=about, object_id=str(alice.pk), object_repr=alice.email, action_flag=CHANGE
    )
    user_id, vault_id = alice.pk, alice.vault.pk
    make_vault(bob)
    fill(bob)
    bobs = Entry.objects.filter(vault__user=bob).count()
    receipt = delete_account(user=alice, secret=CODE_TEXT)
    assert (receipt.had_vault, receipt.consents, receipt.sessions, receipt.addresses) == (True, 1, 1, 2)
    assert rows_about(user_id, vault_id, "alice") == []
    assert Entry.objects.filter(vault__user=bob).count() == bobs
    assert ErasureKey.objects.count() == 1


def test_deleting_an_account_leaves_what_administrators_did_to_others(alice: User, bob: User, root: User) -> None:
    about = ContentType.objects.get_for_model(User)
    other = ContentType.objects.get_for_model(Vault)
    kept = [
        LogEntry.objects.create(user=root, content_type=kind, object_id=str(number), action_flag=CHANGE).pk
        for kind, number in ((about, bob.pk), (other, alice.pk))
    ]
    LogEntry.objects.create(user=root, content_type=about, object_id=str(alice.pk), action_flag=CHANGE)
    delete_account(user=alice, secret=CODE_TEXT)
    assert sorted(LogEntry.objects.values_list("pk", flat=True)) == kept


@pytest.mark.django_db(transaction=True)
def test_deleting_an_account_cut_off_at_any_write_leaves_all_its_rows_or_none(
    alice: User, opened: OpenedVault, root: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the vault's key, which no transaction brings back: while there is a row, the vault opens."""
    about = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=root, content_type=about, object_id=str(alice.pk), action_flag=CHANGE)
    user_id, vault_id = alice.pk, opened.vault_id
    # It counts a try, which stays counted.
    monkeypatch.setattr("rights.services.prove_owner", lambda **told: None)
    before, number = rows_about(user_id, vault_id, "alice"), 0
    while User.objects.filter(pk=user_id).exists():
        with suppress(Crash), dying_at(number, "default", "keystore"):
            delete_account(user=User.objects.get(pk=user_id), secret=CODE_TEXT)
            continue
        assert rows_about(user_id, vault_id, "alice") == before
        number += 1
    assert number >= 10, "what administrators did, consent, vault, its key and the account are separate writes"
    assert rows_about(user_id, vault_id, "alice") == []


def rows_about(user_id: int, vault_id: Any, name: str) -> list[str]:
    """Every row of every table that has the person's name, or points at them or their vault."""
    found = []
    for model in apps.get_models():
        if model._meta.proxy or not model._meta.managed:
            continue
        for row in model._base_manager.using("keystore" if model is ErasureKey else "default").values():
            points = any(value == user_id for field, value in row.items() if field in {"user_id", "user"}) or any(
                value == vault_id for value in row.values()
            )
            if points or name in str(row):
                found.append(f"{model._meta.label}: {row}")
    return sorted(found)


def test_the_search_for_rows_would_notice(alice: User, opened: OpenedVault) -> None:
    labels = {row.partition(":")[0] for row in rows_about(alice.pk, alice.vault.pk, "alice")}
    assert {
        "accounts.User",
        "vault.Vault",
        "vault.Entry",
        "vault.KeySlot",
        "emotion.Consent",
        "keystore.ErasureKey",
    } <= labels
    assert Consent.objects.exists()
    assert Vault.objects.exists()
