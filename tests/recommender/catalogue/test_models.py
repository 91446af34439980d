from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommender.catalogue.models import Activity, Category, SupportContact, WindowSettings
from recommender.mood.drop_detection import LowRules
from recommender.mood.summary import MoodRules
from recommender.ranking.reward_model import Candidate
from tests.recommender.activities import make_activity

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"evidence_grade": ""}, {"evidence_grade"}),
        ({"review_due": None}, {"review_due"}),
        ({"review_due": date(2020, 1, 1)}, {"review_due"}),
        ({"active": False, "evidence_grade": "", "review_due": None}, set()),
        ({"targets": []}, {"targets"}),
        ({"targets": ["hungry"]}, {"targets"}),
        ({"places": "desk"}, {"places"}),
        ({"minutes": 0}, {"minutes"}),
        ({"minutes": 91}, {"minutes"}),
        ({"cooldown_hours": 745}, {"cooldown_hours"}),
        ({"title": "Badge in at intranet.example"}, {"title"}),
        ({"body": "Go to https://intranet.example/q?x=1 and breathe."}, {"body"}),
        ({"body": "Call 030 1234567."}, {"body"}),
        ({"effect_note": "More at calm@firm.example."}, {"effect_note"}),
        ({"translations": {"de": {"title": "Gehen", "body": "Ruf die 4711 an."}}}, {"translations"}),
        ({"reference": "Firm (2020), https://intranet.example"}, {"reference"}),
        ({"doi": "intranet.example"}, {"doi"}),
    ],
)
def test_what_an_activity_must_be(changes: dict[str, Any], fields: set[str]) -> None:
    activity = make_activity()
    for name, value in changes.items():
        setattr(activity, name, value)
    try:
        activity.full_clean()
        found: set[str] = set()
    except ValidationError as error:
        found = set(error.message_dict)
    assert found == fields


def test_the_database_itself_refuses_an_ungraded_active_activity() -> None:
    activity = make_activity()
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=activity.pk).update(evidence_grade="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=activity.pk).update(review_due=None)


def test_the_database_itself_refuses_an_active_activity_nobody_looked_over_before_its_review_was_due() -> None:
    today = timezone.localdate()
    off = make_activity(active=False, reviewed_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=off.pk).update(active=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=off.pk).update(active=True, reviewed_on=today, review_due=today - timedelta(days=1))
    off.active, off.review_due = True, today - timedelta(days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        off.save()


def test_live_is_active_graded_and_not_overdue() -> None:
    today = timezone.localdate()
    make_activity("due-today", review_due=today)
    make_activity("overdue", review_due=today - timedelta(days=1))
    make_activity("off", active=False)
    make_activity("draft", active=False, evidence_grade="", review_due=None)
    assert [activity.slug for activity in Activity.objects.live(today)] == ["due-today"]
    assert [activity.slug for activity in Activity.objects.order_by("slug") if activity.is_live] == ["due-today"]


def test_words_keep_the_order_of_the_options() -> None:
    activity = make_activity(targets=["sadness", "anger"], places=["home", "desk"])
    activity.full_clean()
    assert (activity.targets, activity.places) == (["anger", "sadness"], ["desk", "home"])


def test_ranking_sees_the_whole_activity() -> None:
    activity = make_activity(places=["desk"], dayparts=["morning"], limits=["company"], safety="support")
    assert activity.to_candidate() == Candidate(
        slug="walk",
        category="movement",
        targets=frozenset({"neutral"}),
        minutes=5,
        grade="B",
        places=frozenset({"desk"}),
        dayparts=frozenset({"morning"}),
        limits=frozenset({"company"}),
        cooldown_hours=20,
        safety="support",
        active=True,
        review_due=activity.review_due,
    )


def test_a_contact_needs_a_way_to_be_reached_and_no_check_from_tomorrow() -> None:
    contact = SupportContact(slug="x", name="X", kind="crisis", how="By post.")
    with pytest.raises(ValidationError, match="telephone"):
        contact.full_clean()
    contact.phone = "112"
    with pytest.raises(ValidationError, match="belongs to a country"):
        contact.full_clean()
    contact.country = "European Union"
    contact.full_clean()
    contact.verified_on = timezone.localdate() + timedelta(days=1)
    with pytest.raises(ValidationError, match="still to come"):
        contact.full_clean()


@pytest.mark.parametrize(("age", "fresh"), [(None, False), (0, True), (180, True), (181, False)])
def test_a_check_goes_stale_after_half_a_year(age: int | None, fresh: bool) -> None:
    checked = None if age is None else timezone.localdate() - timedelta(days=age)
    assert SupportContact(verified_on=checked).is_fresh is fresh


def test_there_is_one_row_of_window_settings() -> None:
    WindowSettings(window_days=14).save()
    WindowSettings(window_days=30).save()
    assert [row.window_days for row in WindowSettings.objects.all()] == [30]
    assert WindowSettings().to_rules() == MoodRules()
    assert WindowSettings().to_low_rules() == LowRules()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"window_days": 0}, "window_days"),
        ({"window_days": 367}, "window_days"),
        ({"half_life_days": 0.1}, "half_life_days"),
        ({"floor_readings": 9}, "floor_readings"),
        ({"window_days": 2, "floor_days": 3}, "floor_days"),
        ({"floor_checkins": 1}, "floor_checkins"),
        ({"usual_days": 20}, "usual_days"),
        ({"usual_days": 61}, "usual_days"),
        ({"low_caution": 0.7}, "low_caution"),
        ({"low_caution": 1.4}, "low_caution"),
        ({"gentle_days": 6}, "gentle_days"),
        ({"gentle_days": 61}, "gentle_days"),
    ],
)
def test_window_settings_have_bounds(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        WindowSettings(**changes).full_clean()
    assert set(caught.value.message_dict) == {field}


@pytest.mark.parametrize("changes", [{"usual_days": 20}, {"low_caution": 1.36}, {"gentle_days": 61}])
def test_the_database_keeps_the_question_about_low_days_within_bounds(changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        WindowSettings(**changes).save()


def test_the_widest_bounds_are_kept() -> None:
    WindowSettings(usual_days=60, low_caution=1.35, gentle_days=60).save()
    assert WindowSettings.objects.get().to_low_rules() == LowRules(60, 1.35, 60)


def test_a_category_leads_nowhere_but_a_contact_does() -> None:
    with pytest.raises(ValidationError, match="Leave out addresses and numbers to call"):
        Category(slug="x", name="See go/calm").full_clean()
    with pytest.raises(ValidationError, match="Leave out addresses"):
        Category(slug="x", name="Calm", translations={"de": {"name": "Siehe go/ruhe"}}).full_clean()
    contact = SupportContact(slug="line", country="Norway", name="Line", kind="crisis", phone="123", how="Text 4711.")
    contact.translations = {"de": {"country": "Norwegen", "how": "SMS an 4711."}}
    contact.full_clean()
