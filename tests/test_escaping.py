"""What people, files and administrators write is shown as text on every page, never as markup."""

import csv
import io
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from accounts.choices import Event
from accounts.models import User
from recommender.catalogue.models import Activity
from rights.services import make_export
from tests.entries import checkin, suggestion
from tests.recommender.activities import make_activity
from tests.vaults import hold_open_in, make_vault
from vault.journal.entries import OpenedVault
from vault.journal.kinds import CheckIn, Kind, show_data
from vault.services.audit import record_event

pytestmark = pytest.mark.django_db

MARKUP = '<b>&"'
AS_TEXT = "&lt;b&gt;&amp;&quot;"


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


@pytest.fixture
def open_client(alice: User, alice_client: Client, opened: OpenedVault) -> Client:
    hold_open_in(alice_client, alice, opened)
    return alice_client


@pytest.fixture
def activity(db: None) -> Activity:
    return make_activity(title=f"Title {MARKUP}", body=f"Body {MARKUP}", effect_note=f"Effect {MARKUP}")


def _page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def _check_in(client: Client) -> None:
    said = {"act": "checkin", "pleasantness": "0.5", "energy": "0"}
    told = said | {"own_words": f"word {MARKUP}", "note": f"Note {MARKUP}"}
    assert client.post("/today/", told).status_code == 302


def _bring_back(client: Client, *entries: Kind) -> None:
    at = datetime.now(UTC).isoformat()
    lines = [{"id": str(uuid4()), "at": at, "kind": entry.kind, "data": show_data(entry)} for entry in entries]
    document = {"format": "wellbeing-export", "version": 1, "entries": lines}
    answer = client.post("/you/data/import/", {"file": io.BytesIO(json.dumps(document).encode())})
    assert answer.status_code == 302


def test_a_persons_own_note_and_word(open_client: Client) -> None:
    _check_in(open_client)
    journal = _page(open_client, "/journal/")
    assert f"word {AS_TEXT} · Note {AS_TEXT}" in journal
    assert MARKUP not in journal


def test_a_persons_own_word_offered_again(open_client: Client) -> None:
    _check_in(open_client)
    today = _page(open_client, "/today/")
    assert f'value="word {AS_TEXT}"' in today
    assert f"<span>word {AS_TEXT}</span>" in today
    assert MARKUP not in today


def test_notes_words_and_activities_from_a_file(open_client: Client) -> None:
    said = checkin(0.0, 0.0, f"word {MARKUP}", note=f"Note {MARKUP}")
    _bring_back(open_client, said, suggestion(f"walk {MARKUP}"))
    journal = _page(open_client, "/journal/")
    assert f"word {AS_TEXT} · Note {AS_TEXT}" in journal
    assert f"Suggested: Walk {AS_TEXT}" in journal
    assert MARKUP not in journal


def test_what_was_done_with_the_account(open_client: Client, alice: User) -> None:
    record_event(user=alice, event=Event.NEW_BROWSER, detail=f"detail {MARKUP}")
    done = _page(open_client, "/you/audit/")
    assert f"detail {AS_TEXT}" in done
    assert MARKUP not in done


def test_an_activity_that_is_suggested(open_client: Client, activity: Activity) -> None:
    today = _page(open_client, "/today/")
    for text in ("Title", "Body", "Effect"):
        assert f"{text} {AS_TEXT}" in today
    assert MARKUP not in today


def test_an_activity_that_is_looked_at(open_client: Client, activity: Activity) -> None:
    page = _page(open_client, "/activities/")
    assert f"Title {AS_TEXT}" in page
    assert MARKUP not in page


def test_an_activity_in_the_journal(open_client: Client, activity: Activity) -> None:
    _page(open_client, "/today/")
    journal = _page(open_client, "/journal/")
    assert f"Suggested: Title {AS_TEXT}" in journal
    assert MARKUP not in journal


def test_a_table_that_is_taken_away_holds_the_note_as_it_was_written(
    open_client: Client, alice: User, opened: OpenedVault
) -> None:
    _check_in(open_client)
    content = make_export(user=alice, opened=opened, formats=["csv"]).content.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(content)) if row["kind"] == CheckIn.kind]
    assert [(row["words"], row["note"]) for row in rows] == [(f"word {MARKUP}", f"Note {MARKUP}")]


def test_a_kind_of_file_that_the_export_page_refuses(open_client: Client) -> None:
    answer = open_client.post("/you/data/export/", {"formats": [MARKUP], "span": "all"})
    assert answer.status_code == 400
    assert AS_TEXT in answer.content.decode()
    assert MARKUP not in answer.content.decode()
