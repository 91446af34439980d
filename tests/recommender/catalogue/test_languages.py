from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from recommender.catalogue.models import Activity
from recommender.catalogue.services.catalogue import load_catalogue
from tests.recommender.activities import make_activity

pytestmark = pytest.mark.django_db

GERMAN = {"de": {"title": "Ein Gang", "body": "Geh ein Stück.", "effect_note": "Hilft ein wenig."}}


def read(client: Client, path: str, accept: str = "") -> str:
    return client.get(path, headers={"accept-language": accept}).content.decode()


def make_walk(**changes: Any) -> Activity:
    return make_activity(effect_note="Helps a little.", reference="A (2020). B.", doi="10.1/x", **changes)


@pytest.mark.parametrize(
    ("accept", "told"),
    [("de", "Ein Gang"), ("de-AT,de;q=0.9,en;q=0.5", "Ein Gang"), ("fr", "Walk"), ("", "Walk"), ("en-GB,de", "Walk")],
)
def test_an_activity_is_told_in_the_language_of_the_browser_else_in_english(
    alice_client: Client, accept: str, told: str
) -> None:
    make_walk(translations=GERMAN)
    assert f">{told}</span>" in read(alice_client, "/activities/", accept)


def test_what_is_not_translated_is_told_in_english_and_marked_as_such(alice_client: Client) -> None:
    make_walk()
    page = read(alice_client, "/activities/", "de")
    assert '<span lang="en">Walk</span>' in page
    assert "Such dir selbst etwas aus" in page


def test_a_choice_made_here_outdoes_the_browser_and_needs_no_script(alice_client: Client) -> None:
    make_walk(translations=GERMAN)
    response = alice_client.post("/language/", {"language": "de", "next": "/activities/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/activities/")
    assert "Ein Gang" in read(alice_client, "/activities/", "en")


@pytest.mark.parametrize(
    ("translations", "message"),
    [
        ({"de": {"title": "Nur ein Titel"}}, "de: body is not translated"),
        ({"xx": {"title": "A", "body": "B"}}, "Unknown language: xx"),
        ({"de": GERMAN["de"] | {"colour": "rot"}}, "de: unknown text colour"),
        ({"de": GERMAN["de"] | {"title": "x" * 81}}, "title must be a text of at most 80 characters"),
        ({"de": "Ein Gang"}, "Unknown language: de"),
        (["de"], "must map languages"),
    ],
)
def test_a_translation_is_whole_or_refused(translations: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        make_walk(translations=translations).full_clean()


def test_the_whole_starter_catalogue_speaks_german() -> None:
    load_catalogue()
    for activity in Activity.objects.select_related("category"):
        text = activity.text_in("de")
        assert (text.language, bool(text.title and text.body)) == ("de", True), activity.slug
        assert bool(text.effect_note) == bool(activity.effect_note)
        assert activity.category.name_in("de") != activity.category.name
        activity.full_clean()


def test_the_page_explains_grade_and_reference_and_goes_when_the_activity_is_switched_off(alice_client: Client) -> None:
    walk = make_walk()
    page = read(alice_client, "/activities/")
    assert "Evidence: grade B" in page
    assert "Some good studies support it." in page
    assert 'href="https://doi.org/10.1/x"' in page
    assert "has not opened it yet" in page
    Activity.objects.filter(pk=walk.pk).update(active=False)
    assert "Evidence: grade B" not in read(alice_client, "/activities/")


def test_the_api_tells_suggestions_in_the_language_asked_for_and_says_which(opened_client: Client) -> None:
    make_walk(translations=GERMAN)
    (told,) = opened_client.get("/api/v1/suggestions/", headers={"accept-language": "de"}).json()
    assert (told["activity"]["language"], told["activity"]["title"]) == ("de", "Ein Gang")
    (told,) = opened_client.get("/api/v1/suggestions/").json()
    assert (told["activity"]["language"], told["activity"]["title"]) == ("en", "Walk")
    assert told["activity"]["effect_note"] == "Helps a little."
