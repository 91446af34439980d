from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from recommender.catalogue.models import Activity, ActivityDraft, ActivityVersion, Category
from recommender.catalogue.services.activities import (
    keep_versions,
    publish_draft,
    save_activity,
    save_draft,
    switch_activities,
)
from tests.recommender.activities import make_activity

pytestmark = pytest.mark.django_db


def versions_of(slug: str) -> list[tuple[int, str, str, str | None]]:
    rows = ActivityVersion.objects.filter(slug=slug).order_by("number")
    return [(row.number, row.content["title"], row.note, row.saved_by.email if row.saved_by else None) for row in rows]


def test_every_saving_is_a_version_and_saving_the_same_again_is_none(root: User) -> None:
    activity = make_activity()
    save_activity(activity, by=None, note="First")
    activity.title = "A longer walk"
    save_activity(activity, by=root, note="Edited")
    save_activity(activity, by=root, note="Edited")
    assert versions_of("walk") == [(1, "Walk", "First", None), (2, "A longer walk", "Edited", "root@example.org")]


def test_a_version_outlives_its_activity_and_its_administrator(root: User) -> None:
    activity = make_activity()
    save_activity(activity, by=root, note="Edited")
    activity.delete()
    root.delete()
    assert versions_of("walk") == [(1, "Walk", "Edited", None)]


def test_a_new_review_date_is_a_review_and_other_edits_are_none(root: User) -> None:
    activity = make_activity()
    activity.title = "Stroll"
    save_activity(activity, by=root, note="Edited")
    assert activity.reviewed_on == date(2025, 1, 1)
    activity.review_due = timezone.localdate() + timedelta(days=300)
    save_activity(activity, by=root, note="Reviewed")
    assert activity.reviewed_on == timezone.localdate()


def test_an_invalid_activity_is_neither_saved_nor_versioned(root: User) -> None:
    activity = make_activity()
    activity.review_due = timezone.localdate() - timedelta(days=1)
    with pytest.raises(ValidationError, match="overdue"):
        save_activity(activity, by=root, note="Edited")
    assert versions_of("walk") == []


def test_a_draft_changes_nothing_until_it_is_published(root: User) -> None:
    activity = make_activity()
    keep_versions([activity], by=None, note="First")
    content = activity.to_content() | {"title": "Draft title", "targets": ["sadness"]}
    draft = save_draft(activity, content, by=root)
    save_draft(activity, content | {"minutes": 9}, by=root)
    activity.refresh_from_db()
    assert (activity.title, draft.based_on) == ("Walk", 1)
    publish_draft(ActivityDraft.objects.get(), by=root)
    activity.refresh_from_db()
    assert (activity.title, activity.targets, activity.minutes) == ("Draft title", ["sadness"], 9)
    assert versions_of("walk")[-1] == (2, "Draft title", "Published from a draft", "root@example.org")
    assert not ActivityDraft.objects.exists()


def test_a_draft_that_may_not_go_live_stays_a_draft(root: User) -> None:
    activity = make_activity()
    draft = save_draft(activity, activity.to_content() | {"evidence_grade": ""}, by=root)
    with pytest.raises(ValidationError, match="Grade the evidence"):
        publish_draft(draft, by=root)
    activity.refresh_from_db()
    assert (activity.evidence_grade, ActivityDraft.objects.count()) == ("B", 1)


def test_an_earlier_version_comes_back_whole(root: User) -> None:
    activity = make_activity(translations={"de": {"title": "Gang", "body": "Geh."}}, dayparts=["morning"])
    keep_versions([activity], by=None, note="First")
    before = activity.to_content()
    activity.title, activity.translations, activity.dayparts = "Changed", {}, []
    activity.category = Category.objects.create(slug="rest", name="Rest")
    save_activity(activity, by=root, note="Edited")
    publish_draft(save_draft(activity, ActivityVersion.objects.get(number=1).content, by=root), by=root)
    assert Activity.objects.get().to_content() == before
    assert [number for number, *_ in versions_of("walk")] == [1, 2, 3]


def test_switching_keeps_versions_and_leaves_out_what_is_not_ready(root: User) -> None:
    ready, draft = make_activity("ready", active=False), make_activity("draft", active=False, evidence_grade="")
    assert switch_activities(Activity.objects.all(), on=True, by=root) == (1, 1)
    assert switch_activities(Activity.objects.all(), on=True, by=root) == (0, 1)
    assert switch_activities(Activity.objects.filter(pk=ready.pk), on=False, by=root) == (1, 0)
    assert [note for _, _, note, _ in versions_of("ready")] == ["Switched on", "Switched off"]
    assert versions_of(draft.slug) == []
