"""What people tell and pick on the pages beside the dashboard."""

import re
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
    said = {"act": "choose", "slug": "outside"}
    response = opened_client.post("/today/", said, follow=True)
    assert "Outside" in text_of(response)
    picked = [entry.data.activity for entry in read_journal(opened).of(Suggestion) if entry.data.chosen]
    assert picked == ["outside"]
    assert opened_client.post("/today/", said | {"slug": "nothing"}).status_code == 404


def test_three_questions_are_asked_until_answered_and_kept_in_the_journal(
    opened_client: Client, opened: OpenedVault
) -> None:
    make_catalogue()
    assert "Three questions" in text_of(opened_client.get("/today/"))
    data = {"act": "taste", "likes": ["rest", "social"], "minutes": "5", "company": "alone"}
    text = text_of(opened_client.post("/today/", data, follow=True))
    assert "Three questions" not in text
    (entry,) = read_journal(opened).of(Taste)
    assert entry.data == Taste(likes=("rest", "social"), minutes=5, company="alone")


def test_four_kinds_are_too_many(opened_client: Client, opened: OpenedVault) -> None:
    make_catalogue()
    data = {"act": "taste", "likes": ["rest", "social", "focus", "movement"], "minutes": "", "company": "either"}
    text = text_of(opened_client.post("/today/", data))
    assert "at most three" in text
    assert all(re.search(rf'value="{kind}"[^>]* checked', text) for kind in data["likes"]), "none of it is lost"
    assert read_journal(opened).of(Taste) == ()


@pytest.mark.parametrize(("answer", "low"), [("yes", True), ("no", False)])
def test_low_days_are_asked_about_once_and_only_the_answer_changes_the_tone(
    opened_client: Client, opened: OpenedVault, append: Append, answer: str, low: bool
) -> None:
    make_catalogue()
    fill_days(append)
    assert "May we ask?" in text_of(opened_client.get("/today/"))
    assert {entry.data.reason["rule"] for entry in read_journal(opened).of(Suggestion)} == {"variety"}
    text = text_of(opened_client.post("/today/", {"act": "gentler", "said": answer}, follow=True))
    assert "May we ask?" not in text
    assert ("You said that the last days were low ones" in text) is low
    (entry,) = read_journal(opened).of(LowDays)
    assert entry.data == LowDays(low=low)
    offer = read_journal(opened).of(Suggestion)[0]
    opened_client.post("/today/", {"act": "answer", "suggestion": offer.id, "answer": "not_now"})
    opened_client.get("/today/")
    rules = {entry.data.reason["rule"] for entry in read_journal(opened).of(Suggestion)}
    assert ("gentle" in rules) is low


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
    text = text_of(opened_client.post("/today/", {"act": "trends", "said": "no"}, follow=True))
    assert 'class="trend"' not in text
    assert "level-" not in text_of(opened_client.get("/journal/year/"))
    response = opened_client.post("/journal/year/", {"act": "trends", "said": "yes"}, follow=True)
    assert response.redirect_chain == [("/journal/year/", 302)]
    assert "level-" in text_of(response)


@pytest.mark.parametrize("year", ["", "soon", "1", "2999", "٢٠٢٦", "9" * 40, "0020245"])
def test_any_year_may_be_asked_for(opened_client: Client, year: str) -> None:
    assert opened_client.get("/journal/year/", {"year": year}).status_code == 200


@pytest.mark.parametrize("path", ["/today/taste/", "/journal/year/"])
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
