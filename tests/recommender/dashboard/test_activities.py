"""The catalogue on one page: which activity is read stays in the browser."""

import re

import pytest
from django.test import Client

from tests.recommender.activities import make_activity
from tests.recommender.dashboard.test_views import text_of
from vault.journal.entries import OpenedVault

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    make_activity("indoors", "rest", places=["desk"], minutes=5, effect_note="Calms a little.")
    make_activity("outside", "movement", places=["outdoors"], minutes=20)
    make_activity("talk", "social", safety="support")
    make_activity("call", "social", safety="crisis")


def shown_in(text: str) -> set[str]:
    """Slugs of the activities that are not hidden."""
    rows = re.findall(r'<li class="row-spread"( hidden)?>.*?id="activity-([^"]+)"', text)
    return {slug for hidden, slug in rows if not hidden}


def test_all_of_it_is_on_the_page_for_everybody_with_what_is_known(alice_client: Client, root_client: Client) -> None:
    pages = [text_of(client.get("/activities/")) for client in (alice_client, root_client)]
    assert [shown_in(page) for page in pages] == [{"indoors", "outside"}] * 2
    assert "Calms a little." in pages[0]
    assert "2 activities" in pages[0]
    assert "Pick it" not in pages[0], "there is no open vault to note it in"


def test_what_does_not_fit_is_hidden_and_not_left_out(opened_client: Client) -> None:
    whole = opened_client.get("/activities/")
    part = opened_client.post("/activities/", {"place": "desk", "minutes": "5"})
    assert shown_in(text_of(part)) == {"indoors"}
    assert "1 activity" in text_of(part)
    assert part.content.count(b"Pick it") == whole.content.count(b"Pick it") == 2
    assert len(part.content) == len(whole.content)
    nothing = text_of(opened_client.post("/activities/", {"place": "home", "minutes": "2"}))
    assert (shown_in(nothing), "Nothing fits that" in nothing) == (set(), True)
    assert len(re.findall(r'<section class="card"[^>]* hidden>', nothing)) == 2


@pytest.mark.parametrize("said", [{"place": "moon"}, {"minutes": "7"}, {"minutes": "NaN"}, {}])
def test_what_makes_no_sense_narrows_nothing(opened_client: Client, said: dict[str, str]) -> None:
    assert shown_in(text_of(opened_client.post("/activities/", said))) == {"indoors", "outside"}


def test_the_moment_told_on_the_day_narrows_it_without_standing_in_an_address(opened_client: Client) -> None:
    opened_client.post("/today/", {"act": "moment", "place": "outdoors", "minutes": "20"})
    assert 'href="/activities/"' in text_of(opened_client.get("/today/"))
    page = text_of(opened_client.get("/activities/"))
    assert shown_in(page) == {"outside"}
    assert re.findall(r'<option value="([^"]+)" selected>', page) == ["outdoors", "20"]


def test_on_the_day_what_is_known_of_a_suggestion_needs_no_other_page(
    opened_client: Client, opened: OpenedVault
) -> None:
    page = text_of(opened_client.get("/today/"))
    assert "Calms a little." in page
    assert "Evidence: grade B" in page
    assert re.findall(r'href="(/activities/[^"]*)"', page) == ["/activities/"]


@pytest.mark.parametrize("slug", ["indoors", "call", "nothing"])
def test_no_address_names_an_activity(opened_client: Client, slug: str) -> None:
    assert opened_client.get(f"/activities/{slug}/").status_code == 404
