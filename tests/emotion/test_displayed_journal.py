"""Today's readings wait for the person's own word, on every way they could be seen; a resting face is taken off."""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from emotion.ask_first import find_todays_readings, has_checked_in
from emotion.classifier.spec import ModelSpec
from emotion.consent_text import CONSENT_TEXT
from emotion.displayed_journal import read_displayed_journal, read_resting_face
from emotion.models import Capture, PersonalSettings
from emotion.services.consents import give_consent
from emotion.services.schedules import set_timezone
from tests.entries import checkin, reading
from tests.vaults import hold_open_in, make_vault
from vault.journal.contents import Journal, JournalEntry
from vault.journal.entries import OpenedVault, append_entry
from vault.journal.kinds import CheckIn, CheckInSkipped, Kind, Neutral, Reading, RestingFace
from vault.journal.reading import read_journal
from vault.models import Vault

pytestmark = pytest.mark.django_db

P = [0.04, 0.01, 0.03, 0.01, 0.29, 0.60, 0.02]
SKIP = "/api/v1/checkins/skip/"
WORD = {"pleasantness": 0.4, "energy": -0.2}


class Append(Protocol):
    def __call__(self, entry: Kind, at: datetime | None = None) -> UUID: ...


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


@pytest.fixture
def append(opened: OpenedVault) -> Append:
    vault = Vault.objects.get(pk=opened.vault_id)

    def append(entry: Kind, at: datetime | None = None) -> UUID:
        return append_entry(vault=vault, entry=entry, at=at or timezone.now())

    return append


@pytest.fixture
def capture(opened: OpenedVault, append: Append) -> Capture:
    """A snapshot of just now that was read."""
    capture = Capture.objects.create(id=uuid4(), vault_id=opened.vault_id, state="recorded")
    append(reading(capture.pk, p=P))
    return capture


@pytest.fixture
def client(alice: User, alice_client: Client, opened: OpenedVault) -> Client:
    """Alice's browser with her vault open."""
    hold_open_in(alice_client, alice, opened)
    return alice_client


def see(client: Client) -> dict[str, bool]:
    """Whether the reading shows, on each way to it."""
    entries = client.get("/api/v1/journal/entries/").json()
    captures = client.get("/api/v1/captures/").json()
    mood = client.get("/api/v1/mood/").json()
    pages = {path: client.get(path).content.decode() for path in ("/today/", "/journal/")}
    return {
        "entries": any(entry["kind"] == Reading.kind for entry in entries["entries"]),
        "captures": captures[0]["reading"] is not None,
        "capture": client.get(f"/api/v1/captures/{captures[0]['id']}/").json()["reading"] is not None,
        "mood": mood["coverage"]["readings"] > 0,
        **{path: "Your face looked sad" in text or "60%" in text for path, text in pages.items()},
    }


def test_todays_readings_stay_hidden_until_the_person_has_spoken(client: Client, capture: Capture) -> None:
    assert set(see(client).values()) == {False}
    assert client.get("/api/v1/captures/").json()[0]["ask_first"] is True
    assert client.get("/api/v1/journal/entries/").json()["withheld"] == 1
    assert "The camera has read 1 snapshot today" in client.get("/today/").content.decode()
    assert client.post("/api/v1/checkins/", WORD, content_type="application/json").status_code == 201
    assert set(see(client).values()) == {True}
    assert client.get("/api/v1/captures/").json()[0]["ask_first"] is False


@pytest.mark.parametrize("way", [SKIP, "/today/"])
def test_who_would_rather_not_say_sees_them_all_the_same(client: Client, capture: Capture, way: str) -> None:
    client.post(way, {"act": "skip"})
    assert set(see(client).values()) == {True}


def test_who_switched_the_question_off_sees_them_at_once(client: Client, capture: Capture) -> None:
    client.put("/api/v1/settings/", {"ask_first": False}, content_type="application/json")
    assert set(see(client).values()) == {True}
    client.post("/you/ask-first/", {"ask_first": "yes"})
    assert client.get("/api/v1/settings/").json() == {"ask_first": True}
    assert set(see(client).values()) == {False}


def test_yesterdays_word_does_not_open_today_and_yesterdays_readings_stay_open(
    alice: User, opened: OpenedVault, append: Append
) -> None:
    set_timezone(user=alice, zone="Pacific/Auckland")
    yesterday = timezone.now() - timedelta(days=1)
    for at in (yesterday, timezone.now()):
        append(reading(p=P), at)
    append(checkin(), yesterday + timedelta(minutes=1))
    journal = read_displayed_journal(alice, opened)
    assert [type(entry.data) for entry in journal.entries] == [Reading, CheckIn]
    assert len(journal.withheld) == 1


def test_the_word_counts_although_only_later_entries_are_read(alice: User, opened: OpenedVault, append: Append) -> None:
    now = timezone.now()
    append(checkin(), now - timedelta(seconds=20))
    shown = append(reading(p=P), now)
    journal = read_displayed_journal(alice, opened, since=now - timedelta(seconds=5))
    assert [entry.id for entry in journal.entries] == [shown]


def test_the_day_is_the_persons_own() -> None:
    zone = timezone.get_fixed_timezone(timedelta(hours=12))
    now = datetime(2026, 6, 2, 0, 30, tzinfo=zone)
    early, late = (JournalEntry(uuid4(), datetime(2026, 6, 1, hour, 10, tzinfo=UTC), reading()) for hour in (11, 12))
    assert find_todays_readings(Journal((early, late)), now=now) == (late,)
    assert not has_checked_in(Journal((early._replace(data=checkin()),)), now=now)
    assert has_checked_in(Journal((late._replace(data=CheckInSkipped()),)), now=now)


@pytest.mark.parametrize("stranger", ["bob_client", "root_client"])
def test_a_strangers_word_opens_nothing(
    client: Client, capture: Capture, stranger: str, request: pytest.FixtureRequest
) -> None:
    other: Client = request.getfixturevalue(stranger)
    assert other.post(SKIP).status_code == 409
    assert other.put("/api/v1/settings/", {"ask_first": False}, content_type="application/json").status_code == 200
    assert set(see(client).values()) == {False}


@pytest.mark.usefixtures("opened_before")
def test_a_check_in_is_sealed_while_the_vault_is_locked(alice_client: Client, opened: OpenedVault) -> None:
    body = {**WORD, "words": ["tired"], "own_words": ["Wired ", "wired", "calm"], "note": "x"}
    assert alice_client.post("/api/v1/checkins/", body, content_type="application/json").status_code == 201
    (entry,) = read_journal(opened).entries
    assert entry.data == checkin(0.4, -0.2, "tired", "wired", note="x")


class TestRestingFace:
    URL = "/api/v1/resting-face/"

    def take_stills(self, append: Append, count: int = 3, model: str = "m", **said: Any) -> None:
        for _ in range(count):
            append(reading(kind=Neutral, model=model, **{"p": P} | said))

    def reading(self, client: Client) -> dict[str, Any]:
        client.post(SKIP)
        entries = client.get("/api/v1/journal/entries/").json()["entries"]
        data: dict[str, Any] = next(entry["data"] for entry in entries if entry["kind"] == Reading.kind)
        return data

    def test_three_stills_change_how_readings_are_shown_and_forgetting_them_changes_it_back(
        self, client: Client, capture: Capture, append: Append, opened: OpenedVault
    ) -> None:
        self.take_stills(append)
        assert client.get(self.URL).json() == {"learnt_on": None, "stills": 3, "needed": 3}
        assert client.post(self.URL).json()["learnt_on"] == timezone.now().date().isoformat()
        shown = self.reading(client)
        assert (shown["p"].index(max(shown["p"])), shown["p_read"]) == (4, P)
        assert [entry.data.p for entry in read_journal(opened).of(Reading)] == [tuple(P)]
        assert client.delete(self.URL).status_code == 204
        assert self.reading(client)["p"] == P
        assert read_journal(opened).of(RestingFace) == ()

    def test_learning_again_replaces_what_was_learnt(self, client: Client, append: Append, opened: OpenedVault) -> None:
        for _ in range(2):
            self.take_stills(append)
            client.post(self.URL)
        assert len(read_journal(opened).of(RestingFace)) == 1

    def test_stills_without_a_face_do_not_count(self, client: Client, append: Append) -> None:
        self.take_stills(append, 2)
        self.take_stills(append, 3, p=None, outcome="no_face")
        answer = client.post(self.URL)
        assert (answer.status_code, answer.json()["code"]) == (409, "stills_missing")
        assert not PersonalSettings.objects.filter(resting_face_on__isnull=False).exists()

    def test_a_face_of_another_version_is_not_used(
        self, alice: User, capture: Capture, append: Append, opened: OpenedVault
    ) -> None:
        append(RestingFace(version=2, model="m", shift=(1.0,) * 7))
        PersonalSettings.objects.create(user=alice, resting_face_on=timezone.now().date(), resting_face_model="m")
        assert read_resting_face(opened, PersonalSettings.objects.get()) is None

    def test_another_models_readings_are_left_alone(self, client: Client, capture: Capture, append: Append) -> None:
        self.take_stills(append, model="older")
        client.post(self.URL)
        assert self.reading(client)["p"] == P

    def test_the_page_says_when_faces_are_read_by_another_model_since(
        self, alice: User, client: Client, append: Append
    ) -> None:
        give_consent(user=alice, text_version=CONSENT_TEXT.version)
        for model, outdated in (("older", True), (ModelSpec.load().name, False)):
            self.take_stills(append, model=model)
            client.post(self.URL)
            page = client.get(reverse("capture")).content.decode()
            assert ('data-part="outdated"' in page, '<p data-part="learnt" hidden>' in page) == (outdated, outdated)
        client.delete(self.URL)
        assert 'data-part="outdated"' not in client.get(reverse("capture")).content.decode()

    def test_a_locked_vault_learns_nothing(self, alice_client: Client, opened: OpenedVault) -> None:
        answers = [getattr(alice_client, method)(self.URL) for method in ("get", "post", "delete")]
        assert [answer.status_code for answer in answers] == [423, 423, 423]
