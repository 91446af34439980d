from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from recommender.catalogue.models import ActivityVersion
from recommender.catalogue.services.activities import delete_activities, keep_versions, save_activity
from recommender.dashboard.acts import ACTS, LOCKED_TOO
from tests.entries import checkin, feedback, of_face, reading, suggestion
from tests.recommender.activities import make_activity, make_catalogue
from tests.recommender.conftest import Append, ReadFace
from tests.responses import ClientResponse
from tests.signed import agree
from tests.vault.journal.people import append_raw
from tests.vaults import know_in
from vault.journal.compaction import compact_inbox
from vault.journal.entries import OpenedVault
from vault.journal.kinds import CheckIn, Correction, Feedback, Preferences, Reading, Suggestion, show_data
from vault.journal.reading import read_journal
from vault.models import Entry

pytestmark = pytest.mark.django_db


def text_of(response: ClientResponse) -> str:
    return " ".join(response.content.decode().split())


def fill_window(read_face: ReadFace) -> None:
    """42 readings on the six days before today: 30 neutral, 12 sad."""
    midnight = datetime.now(tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for index in range(42):
        name = "sadness" if index % 7 in (0, 3) else "neutral"
        read_face(name, midnight - timedelta(days=1 + index % 6) + timedelta(hours=9 + index // 6))


def test_without_a_vault_the_first_step_is_to_make_one(alice_client: Client) -> None:
    text = text_of(alice_client.get("/today/"))
    assert "First, make your vault" in text
    assert 'href="/vault/new/"' in text
    assert "Check in</button>" not in text


def test_with_a_locked_vault_the_next_step_is_to_open_it_or_check_in(
    opened: OpenedVault, alice: User, alice_client: Client
) -> None:
    know_in(alice_client, alice)
    text = text_of(alice_client.get("/today/"))
    assert "Your vault is locked" in text
    assert 'href="/vault/open/?next=/today/"' in text
    assert "Check in</button>" in text
    assert 'id="suggestions"' not in text


def test_without_consent_the_page_offers_both_ways(opened_client: Client) -> None:
    text = text_of(opened_client.get("/today/"))
    assert "The camera is off" in text
    assert "check in by hand" in text


def test_with_consent_and_no_readings_the_next_step_is_a_snapshot(opened_client: Client, alice: User) -> None:
    agree(alice)
    text = text_of(opened_client.get("/today/"))
    assert "No readings yet" in text
    assert "Take one now" in text
    assert "The camera is off" not in text


def test_a_few_readings_are_listed_but_not_summed_up(opened_client: Client, read_face: ReadFace) -> None:
    make_catalogue()
    read_face("happiness")
    text = text_of(opened_client.get("/today/"))
    assert "Your face looked happy" in text
    assert "Not enough yet to sum up: it takes 3 more check-ins." in text
    assert "too few readings to go by, 1 so far" in text
    assert text.count('class="card suggestion"') == 2


def test_a_full_window_shows_the_mix_with_its_table_and_its_reason(opened_client: Client, read_face: ReadFace) -> None:
    make_activity("note-to-self", "positive", targets=["sadness"])
    fill_window(read_face)
    text = text_of(opened_client.get("/today/"))
    assert "In the last 7 days your face looked sad more often than any other way besides neutral, about" in text
    assert text.count('class="mix-share') == 7
    assert text.count('<th scope="row">') == 7 + 6, "seven expressions, and the six days of the chart's table"
    assert "Readings on 6 of 7 days: 42 readings in all." in text
    assert "some good studies support it (grade B)" in text


def test_the_page_never_says_what_somebody_is(opened_client: Client, read_face: ReadFace) -> None:
    make_catalogue()
    fill_window(read_face)
    text = text_of(opened_client.get("/today/")).lower()
    for word in ("sad", "angry", "afraid", "happy", "depressed", "stressed"):
        assert f"you are {word}" not in text
        assert f"you're {word}" not in text


def test_an_answer_is_noted_and_makes_room_for_another(opened_client: Client, opened: OpenedVault) -> None:
    make_catalogue()
    opened_client.get("/today/")
    offer = read_journal(opened).of(Suggestion)[0]
    said = {"act": "answer", "suggestion": offer.id, "answer": "did", "helped": "2"}
    response = opened_client.post("/today/", said, follow=True)
    assert "Noted, thank you." in text_of(response)
    (feedback,) = read_journal(opened).of(Feedback)
    assert show_data(feedback.data) == {
        "suggestion": str(offer.id),
        "activity": offer.data.activity,
        "answer": "did",
        "helped": 2,
    }
    offered = [entry.data.activity for entry in read_journal(opened).of(Suggestion)]
    assert (len(offered), len(set(offered))) == (3, 3)


def test_htmx_gets_the_page_in_the_answer_and_takes_the_suggestions_from_it(
    opened_client: Client, opened: OpenedVault
) -> None:
    make_catalogue()
    opened_client.get("/today/")
    offer = read_journal(opened).of(Suggestion)[0]
    said = {"act": "answer", "suggestion": offer.id, "answer": "not_now"}
    response = opened_client.post("/today/", said, headers={"HX-Request": "true", "HX-Target": "suggestions"})
    assert response.status_code == 200
    part = text_of(response).partition('<section id="suggestions"')[2].partition("</section>")[0]
    assert 'hx-target="#suggestions" hx-select="#suggestions"' in part
    assert "Noted, thank you." in part
    assert part.count('class="card suggestion"') == 2
    assert str(offer.id) not in part


@pytest.mark.parametrize("answer", ["never", "not_now"])
def test_ratings_touched_before_another_button_was_pressed_are_dropped(
    opened_client: Client, opened: OpenedVault, answer: str
) -> None:
    make_catalogue()
    opened_client.get("/today/")
    offer = read_journal(opened).of(Suggestion)[0]
    data = {"act": "answer", "suggestion": offer.id, "answer": answer, "helped": "1", "before": "-1", "after": "2"}
    response = opened_client.post("/today/", data, headers={"HX-Request": "true"})
    assert "Noted, thank you." in text_of(response)
    (feedback,) = read_journal(opened).of(Feedback)
    about = {"suggestion": str(offer.id), "activity": offer.data.activity}
    assert show_data(feedback.data) == about | {"answer": answer, "helped": None}


@pytest.mark.parametrize("act", ["moment", "answer"])
def test_with_a_locked_vault_htmx_leads_the_whole_page_to_opening_it(
    opened: OpenedVault, alice_client: Client, act: str
) -> None:
    said = {"act": act, "suggestion": uuid4(), "answer": "never"}
    response = alice_client.post("/today/", said, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "/vault/open/?next=%2Ftoday%2F")
    assert response.content == b""


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["no script", "htmx"])
@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}, {"answer": "did", "helped": "9"}])
def test_an_answer_that_makes_no_sense_is_refused_in_the_answer_itself(
    opened_client: Client, opened: OpenedVault, data: dict[str, str], headers: dict[str, str]
) -> None:
    make_catalogue()
    opened_client.get("/today/")
    offer = read_journal(opened).of(Suggestion)[0]
    response = opened_client.post("/today/", {"act": "answer", "suggestion": offer.id} | data, headers=headers)
    assert response.status_code == 200
    told = "Sorry, that did not come through. Please choose one of the buttons again."
    assert text_of(response).count(told) == 1
    assert told not in text_of(opened_client.get("/today/"))
    assert read_journal(opened).of(Feedback) == ()


def test_telling_the_moment_changes_what_is_offered(opened_client: Client, opened: OpenedVault) -> None:
    make_activity("indoors", "rest", places=["desk"])
    make_activity("outside", "movement", places=["outdoors"])
    said = {"act": "moment", "place": "outdoors", "minutes": "10", "avoid": ["company"]}
    response = opened_client.post("/today/", said, follow=True)
    text = text_of(response)
    assert "Outside" in text
    assert "Indoors" not in text
    (told,) = read_journal(opened).of(Preferences)
    assert told.data == Preferences(place="outdoors", minutes=10, avoid=("company",))


def test_checking_in_works_while_the_vault_is_locked(opened: OpenedVault, alice: User, alice_client: Client) -> None:
    know_in(alice_client, alice)
    data = {"pleasantness": "0.5", "energy": "-0.5", "words": ["tired", "calm"], "note": " Long day. "}
    response = alice_client.post("/today/", {"act": "checkin"} | data, follow=True)
    assert "Noted, thank you." in text_of(response)
    (entry,) = read_journal(opened).of(CheckIn)
    assert entry.data == checkin(0.5, -0.5, "calm", "tired", note="Long day.")


def test_half_a_check_in_is_not_recorded(opened_client: Client) -> None:
    before = Entry.objects.count()
    response = opened_client.post("/today/", {"act": "checkin", "pleasantness": "1", "note": "Half of it."})
    assert text_of(response).count("Please choose both pleasantness and energy.") == 1
    assert ">\nHalf of it.</textarea>" in response.content.decode(), "nothing that was typed is lost"
    assert Entry.objects.count() == before


def test_checking_in_without_a_vault_says_what_is_missing(alice_client: Client) -> None:
    response = alice_client.post("/today/", {"act": "checkin", "pleasantness": "1", "energy": "0"})
    assert "Make your vault first" in text_of(response)


def test_three_check_ins_speak_for_themselves(opened_client: Client, append: Append) -> None:
    for day in range(3):
        at = datetime.now(tz=UTC) - timedelta(days=day)
        append(checkin(-0.5, -0.5), at)
    assert "Your 3 check-ins said unpleasant on the whole, with low energy." in text_of(opened_client.get("/today/"))


def test_a_reading_is_corrected_and_the_camera_keeps_its_say(
    opened_client: Client, read_face: ReadFace, opened: OpenedVault
) -> None:
    entry = read_face("sadness")
    page = "/journal/?week=2999-01-01"
    response = opened_client.post(page, {"act": "correct", "entry": entry, "expression": "neutral"}, follow=True)
    assert response.redirect_chain == [(page, 302)]
    text = text_of(response)
    assert "You said: neutral" in text
    assert "The camera read sad 94%" in text
    assert read_journal(opened).of(Reading)[0].data.p == of_face("sadness").p


def test_an_entry_is_deleted_for_good(opened_client: Client, read_face: ReadFace) -> None:
    entry = read_face("sadness")
    said = {"act": "delete", "entry": entry, "next": "https://evil.example/"}
    response = opened_client.post("/today/", said, follow=True)
    assert response.redirect_chain == [("/today/", 302)]
    assert not Entry.objects.filter(pk=entry).exists()


def test_the_journal_is_paged_by_week(opened_client: Client, read_face: ReadFace, append: Append) -> None:
    now = datetime.now(tz=UTC)
    read_face("happiness", now)
    read_face("fear", now - timedelta(days=7))
    append(reading(p=None, outcome="too_dark", quality=0), now)
    this_week = text_of(opened_client.get("/journal/"))
    assert "Your face looked happy" in this_week
    assert "Too dark" in this_week
    assert "afraid" not in this_week
    assert "Week after" not in this_week
    week_before = text_of(opened_client.get("/journal/", {"week": (now - timedelta(days=7)).date().isoformat()}))
    assert "Your face looked afraid" in week_before
    assert "happy" not in week_before
    assert "Week after" in week_before


#: What no code of this site writes.
IMPOSSIBLE = {
    "a kind of another release": ("moon", {}, timedelta(0)),
    "not a number": (Reading.kind, show_data(reading()) | {"quality": float("nan")}, timedelta(0)),
    "out of bounds": (Feedback.kind, show_data(feedback(uuid4())) | {"helped": 99}, timedelta(0)),
    "of wrong types": (CheckIn.kind, [1, 2], timedelta(0)),
    "without what is needed": (CheckIn.kind, {}, timedelta(0)),
    "an expression there is not": (Correction.kind, {"of": str(uuid4()), "expression": "hungry"}, timedelta(0)),
    "an outcome there is not": (Reading.kind, show_data(reading()) | {"outcome": "sunspots"}, timedelta(0)),
    "a reading without shares": (Reading.kind, show_data(reading()) | {"p": None}, timedelta(0)),
    "of next week": (CheckIn.kind, show_data(checkin()), timedelta(days=7)),
}


@pytest.mark.parametrize("is_compacted", [True, False])
@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_entry_is_left_out_and_told_and_takes_no_page_down(
    opened_client: Client, opened: OpenedVault, read_face: ReadFace, name: str, is_compacted: bool
) -> None:
    make_catalogue()
    kind, data, ahead = IMPOSSIBLE[name]
    now = datetime.now(tz=UTC)
    read_face("happiness", now)
    bad = append_raw(opened, kind, data, now + ahead)
    if is_compacted:
        compact_inbox(opened, settled_after=timedelta(days=-30))
    for page in ("/today/", "/journal/", "/journal/year/"):
        text = text_of(opened_client.get(page))
        assert "1 entry is left out because it was damaged or altered, or says what cannot be." in text
    assert "Your face looked happy" in text_of(opened_client.get("/journal/"))
    for page in ("/api/v1/journal/entries/", "/api/v1/mood/", "/api/v1/suggestions/", "/you/camera/", "/you/audit/"):
        assert opened_client.get(page).status_code == 200
    assert opened_client.get("/api/v1/journal/entries/").json()["damaged"] == [str(bad)]


@pytest.mark.parametrize("week", ["", "soon", "0001-01-01", "9999-12-31", "2026-13-01"])
def test_any_week_may_be_asked_for(opened_client: Client, week: str) -> None:
    assert opened_client.get("/journal/", {"week": week}).status_code == 200


def test_a_damaged_entry_is_named_and_the_rest_is_shown(opened_client: Client, read_face: ReadFace) -> None:
    broken = read_face("fear")
    read_face("happiness")
    Entry.objects.filter(pk=broken).update(sealed=b"x" * 1200)
    for page in ("/today/", "/journal/"):
        text = text_of(opened_client.get(page))
        assert "1 entry is left out because it was damaged or altered" in text
        assert "Your face looked happy" in text


@pytest.mark.parametrize("act", sorted(ACTS.keys() - LOCKED_TOO))
@pytest.mark.parametrize("path", ["/today/", "/journal/", "/journal/year/"])
def test_with_a_locked_vault_each_act_leads_to_opening_it(
    opened: OpenedVault, alice_client: Client, read_face: ReadFace, act: str, path: str
) -> None:
    entry = read_face("fear")
    response = alice_client.post(path, {"act": act, "entry": entry, "expression": "neutral", "said": "yes"})
    assert (response.status_code, response["Location"]) == (302, f"/vault/open/?{urlencode({'next': path})}")
    assert list(Entry.objects.values_list("pk", flat=True)) == [entry]


@pytest.fixture
def other_client(request: pytest.FixtureRequest, alice_client: Client) -> Client:
    """A stranger or a superuser with an open vault of their own."""
    from tests.recommender.conftest import PASSPHRASE
    from vault.services.lifecycle import create_vault

    user = request.getfixturevalue(request.param)
    create_vault(user=user, passphrase=PASSPHRASE)
    client: Client = request.getfixturevalue(f"{request.param}_client")
    client.post("/vault/open/", {"passphrase": PASSPHRASE})
    return client


@pytest.mark.parametrize("other_client", ["bob", "root"], indirect=True)
def test_others_see_and_change_nothing_of_alice(
    other_client: Client, opened: OpenedVault, read_face: ReadFace, append: Append
) -> None:
    make_catalogue()
    fill_window(read_face)
    seen = read_face("disgust")
    note = append(checkin(-1, 1, "lonely", note="marmalade-7731"))
    offer = append(suggestion("rest-one", reason={"rule": "few", "days": 7, "grade": "B"}))
    before = Entry.objects.filter(vault_id=opened.vault_id).count()
    for page in ("/today/", "/journal/", "/support/", "/api/v1/mood/", "/api/v1/suggestions/"):
        text = text_of(other_client.get(page))
        for secret in ("marmalade-7731", "lonely", "looked sad", "disgusted", str(seen), str(note), str(offer)):
            # The check-in form offers its words to everybody.
            assert secret not in text.replace('value="lonely"', "").replace("<span>lonely</span>", "")
    for said in (
        {"act": "answer", "suggestion": offer, "answer": "never"},
        {"act": "correct", "entry": seen, "expression": "neutral"},
        {"act": "delete", "entry": note},
    ):
        assert {other_client.post(path, said).status_code for path in ("/today/", "/journal/")} == {404}
    assert Entry.objects.filter(vault_id=opened.vault_id).count() == before


def test_a_correction_of_what_gave_no_reading_is_shown_as_none(opened_client: Client, append: Append) -> None:
    append(Correction(of=append(reading(p=None, outcome="no_face")), expression="fear"))
    assert "No reading" in text_of(opened_client.get("/today/"))


@pytest.mark.parametrize("reason", [{}, {"rule": "stars", "grade": "B"}])
def test_a_suggestion_whose_reason_says_nothing_is_still_shown(
    opened_client: Client, append: Append, reason: dict[str, str]
) -> None:
    make_activity("walk", "movement")
    append(suggestion("walk", reason=reason))
    assert "Why this was suggested is not known any more." in text_of(opened_client.get("/today/"))
    (told,) = opened_client.get("/api/v1/suggestions/").json()
    assert told["reason"] == "Why this was suggested is not known any more."


def test_the_dashboard_asks_a_fixed_number_of_questions(
    opened_client: Client, read_face: ReadFace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_catalogue()
    opened_client.get("/today/")
    with django_assert_max_num_queries(22):
        opened_client.get("/today/")
    fill_window(read_face)
    # Folds what has settled; what comes after only reads.
    opened_client.get("/today/")
    with django_assert_max_num_queries(22):
        opened_client.get("/today/")


def test_private_pages_are_kept_in_no_cache(opened_client: Client) -> None:
    for page in ("/today/", "/journal/"):
        assert "no-store" in opened_client.get(page)["Cache-Control"]


def test_a_renamed_and_deleted_activity_keeps_the_name_it_was_done_under(
    opened_client: Client, append: Append, root: User
) -> None:
    walk = make_activity("ask-one-more", title="Ask one more question")
    keep_versions([walk], by=None, note="Made")
    ActivityVersion.objects.update(saved_at=datetime.now(tz=UTC) - timedelta(days=9))
    done = datetime.now(tz=UTC) - timedelta(days=1)
    append(suggestion("ask-one-more"), done)
    walk.title = "Listen"
    save_activity(walk, by=root, note="Renamed")
    delete_activities([walk], by=root)
    text = text_of(opened_client.get("/journal/", {"day": done.date().isoformat()}))
    assert "Suggested: Ask one more question" in text
    assert "Listen" not in text
