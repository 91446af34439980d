"""What people tell and pick on the pages beside the dashboard."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recommender.catalogue.models import WindowSettings
from tests.entries import checkin
from tests.recommender.activities import make_activity, make_catalogue
from tests.recommender.conftest import Append
from tests.recommender.dashboard.test_views import text_of
from vault.journal.entries import OpenedVault
from vault.journal.kinds import LowDays, Suggestion, Taste
from vault.journal.reading import read_journal

pytestmark = pytest.mark.django_db


def fill_days(append: Append) -> None:
    """Ordinary days, then low ones, all rated by check-in."""
    now = datetime.now(tz=UTC)
    for ago in range(60):
        value = -0.6 if ago < 12 else 0.1 + 0.2 * (ago % 2)
        append(checkin(value), now - timedelta(days=ago))


def test_what_is_picked_from_the_whole_catalogue_joins_the_page(opened_client: Client, opened: OpenedVault) -> None:
    make_activity("indoors", "rest", places=["desk"], minutes=5)
    make_activity("outside", "movement", places=["outdoors"], minutes=20)
    text = text_of(opened_client.get("/today/choose/", {"place": "desk", "minutes": "5"}))
    assert "Indoors" in text
    assert "Outside" not in text
    response = opened_client.post("/today/choose/outside/", follow=True)
    assert "It is on your page now" in text_of(response)
    picked = [entry.data.activity for entry in read_journal(opened).of(Suggestion) if entry.data.chosen]
    assert picked == ["outside"]
    assert opened_client.post("/today/choose/nothing/").status_code == 404


def test_three_questions_are_asked_until_answered_and_kept_in_the_journal(
    opened_client: Client, opened: OpenedVault
) -> None:
    make_catalogue()
    assert "Three questions" in text_of(opened_client.get("/today/"))
    data = {"likes": ["rest", "social"], "minutes": "5", "company": "alone"}
    text = text_of(opened_client.post("/today/taste/", data, follow=True))
    assert "Three questions" not in text
    (entry,) = read_journal(opened).of(Taste)
    assert entry.data == Taste(likes=("rest", "social"), minutes=5, company="alone")


def test_four_kinds_are_too_many(opened_client: Client, opened: OpenedVault) -> None:
    make_catalogue()
    data = {"likes": ["rest", "social", "focus", "movement"], "minutes": "", "company": "either"}
    assert "at most three" in text_of(opened_client.post("/today/taste/", data))
    assert read_journal(opened).of(Taste) == ()


@pytest.mark.parametrize(("answer", "low"), [("yes", True), ("no", False)])
def test_low_days_are_asked_about_once_and_only_the_answer_changes_the_tone(
    opened_client: Client, opened: OpenedVault, append: Append, answer: str, low: bool
) -> None:
    make_catalogue()
    fill_days(append)
    assert "May we ask?" in text_of(opened_client.get("/today/"))
    assert {entry.data.reason["rule"] for entry in read_journal(opened).of(Suggestion)} == {"variety"}
    text = text_of(opened_client.post("/today/low-days/", {"low": answer}, follow=True))
    assert "May we ask?" not in text
    assert ("You said that the last days were low ones" in text) is low
    (entry,) = read_journal(opened).of(LowDays)
    assert entry.data == LowDays(low=low)
    offer = read_journal(opened).of(Suggestion)[0]
    opened_client.post(f"/today/suggestions/{offer.id}/answer/", {"answer": "not_now"})
    opened_client.get("/today/")
    rules = {entry.data.reason["rule"] for entry in read_journal(opened).of(Suggestion)}
    assert ("gentle" in rules) is low


def test_row_of_the_session_is_the_same_whatever_was_answered_about_low_days(opened_client: Client) -> None:
    told = []
    for answer in ("yes", "no"):
        opened_client.post("/today/low-days/", {"low": answer})
        told.append(dict(opened_client.session.items()))
        opened_client.get("/you/")
    assert told[0] == told[1]
    assert "Noted, thank you." in str(told[0])


def test_what_administrators_set_about_low_days_holds_with_the_next_look(opened_client: Client, append: Append) -> None:
    make_catalogue()
    fill_days(append)
    assert "May we ask?" in text_of(opened_client.get("/today/"))
    WindowSettings(usual_days=60).save()
    assert "May we ask?" not in text_of(opened_client.get("/today/"))
    WindowSettings(gentle_days=30).save()
    assert "gentler for 30 days" in text_of(opened_client.get("/today/"))


def test_an_answer_about_low_days_holds_as_long_as_administrators_say(opened_client: Client, append: Append) -> None:
    make_catalogue()
    fill_days(append)
    append(LowDays(low=False), at=timezone.now() - timedelta(days=10))
    assert "May we ask?" not in text_of(opened_client.get("/today/"))
    WindowSettings(gentle_days=7).save()
    assert "May we ask?" in text_of(opened_client.get("/today/"))


def test_every_chart_has_a_table_and_trends_can_be_hidden(opened_client: Client, append: Append) -> None:
    fill_days(append)
    text = text_of(opened_client.get("/today/"))
    assert 'class="trend"' in text
    assert "The days as a table" in text
    assert "what you said was less pleasant than your usual" in text
    assert 'class="pixel level-' in text_of(opened_client.get("/journal/year/"))
    text = text_of(opened_client.post("/journal/trends/", {"show": "no"}, follow=True))
    assert 'class="trend"' not in text
    assert "level-" not in text_of(opened_client.get("/journal/year/"))
    assert 'class="trend"' in text_of(opened_client.post("/journal/trends/", {"show": "yes"}, follow=True))


@pytest.mark.parametrize("year", ["", "soon", "1", "2999", "٢٠٢٦", "9" * 40, "0020245"])
def test_any_year_may_be_asked_for(opened_client: Client, year: str) -> None:
    assert opened_client.get("/journal/year/", {"year": year}).status_code == 200


@pytest.mark.parametrize("path", ["/today/choose/", "/today/taste/", "/journal/year/"])
def test_with_a_locked_vault_each_page_leads_to_opening_it(
    opened: OpenedVault, alice_client: Client, path: str
) -> None:
    assert alice_client.get(path)["Location"].startswith("/vault/open/?next=")


@pytest.mark.parametrize("role", ["bob", "root"])
def test_others_see_nothing_of_it(
    role: str, request: pytest.FixtureRequest, opened: OpenedVault, append: Append
) -> None:
    fill_days(append)
    append(LowDays(low=True))
    client = request.getfixturevalue(f"{role}_client")
    for path in ("/today/", "/journal/year/", "/today/taste/"):
        text = text_of(client.get(path, follow=True))
        assert "May we ask?" not in text
        assert "level-0" not in text
