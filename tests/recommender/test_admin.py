from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from recommender.admin import ActivityResource
from recommender.models import Activity, Category, ShippedItem, SupportContact, WindowSettings
from recommender.services.catalogue import load_catalogue
from tests.recommender.catalogue import make_activity

pytestmark = pytest.mark.django_db

LISTS = ["activity", "category", "supportcontact"]


def test_only_the_catalogue_is_registered():
    ours = {model for model in admin.site._registry if model._meta.app_label in {"recommender", "emotion", "keystore"}}
    assert ours == {Activity, Category, SupportContact, WindowSettings}
    assert ShippedItem not in admin.site._registry


@pytest.mark.parametrize("name", LISTS)
def test_lists_and_forms_open(root_client, name):
    load_catalogue()
    assert root_client.get(f"/admin/recommender/{name}/").status_code == 200
    assert root_client.get(f"/admin/recommender/{name}/add/").status_code == 200
    assert root_client.get(f"/admin/recommender/{name}/", {"q": "a"} if name != "category" else {}).status_code == 200


@pytest.mark.parametrize(
    ("value", "found"), [("yes", {"fine", "soon"}), ("no", {"overdue", "off"}), ("soon", {"soon", "overdue"})]
)
def test_the_list_finds_what_is_offered_and_what_needs_a_look(root_client, value, found):
    today = timezone.localdate()
    make_activity("fine")
    make_activity("soon", review_due=today + timedelta(days=10))
    make_activity("overdue", review_due=today - timedelta(days=1))
    make_activity("off", active=False)
    response = root_client.get("/admin/recommender/activity/", {"live": value})
    assert {activity.slug for activity in response.context["cl"].queryset} == found


def post_change(client, activity: Activity, **changes):
    data = {
        "title": activity.title,
        "slug": activity.slug,
        "body": activity.body,
        "category": activity.category_id,
        "targets": activity.targets,
        "minutes": activity.minutes,
        "cooldown_hours": activity.cooldown_hours,
        "evidence_grade": activity.evidence_grade,
        "review_due": activity.review_due.isoformat(),
        "safety": activity.safety,
        "active": "on",
    }
    return client.post(f"/admin/recommender/activity/{activity.pk}/change/", data | changes)


def test_an_activity_is_edited_with_check_boxes(root_client):
    activity = make_activity()
    response = post_change(root_client, activity, targets=["sadness", "anger"], places=["home"])
    assert response.status_code == 302
    activity.refresh_from_db()
    assert (activity.targets, activity.places, activity.active) == (["anger", "sadness"], ["home"], True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evidence_grade": ""}, "Grade the evidence before you switch this on."),
        ({"review_due": ""}, "Set a review date before you switch this on."),
        ({"review_due": "2020-01-01"}, "The review is overdue"),
    ],
)
def test_the_form_keeps_an_ungraded_or_overdue_activity_off(root_client, changes, message):
    response = post_change(root_client, make_activity(), **changes)
    assert response.status_code == 200
    assert message in response.content.decode()


def test_switching_many_on_leaves_out_what_is_not_ready(root_client):
    ready = make_activity("ready", active=False)
    draft = make_activity("draft", active=False, evidence_grade="", review_due=None)
    data = {"action": "switch_on", "_selected_action": [ready.pk, draft.pk]}
    text = root_client.post("/admin/recommender/activity/", data, follow=True).content.decode()
    assert "1 switched on." in text
    assert "1 left off" in text
    assert list(Activity.objects.filter(active=True)) == [ready]
    root_client.post("/admin/recommender/activity/", data | {"action": "switch_off"})
    assert not Activity.objects.filter(active=True).exists()


def test_contacts_are_marked_as_checked(root_client):
    contact = SupportContact.objects.create(slug="x", name="X", kind="crisis", phone="1", how="Call.")
    root_client.post("/admin/recommender/supportcontact/", {"action": "mark_checked", "_selected_action": [contact.pk]})
    contact.refresh_from_db()
    assert contact.verified_on == timezone.localdate()


def test_window_settings_are_one_page(root_client):
    response = root_client.get("/admin/recommender/windowsettings/", follow=True)
    assert response.redirect_chain == [("/admin/recommender/windowsettings/1/change/", 302)]
    data = {"window_days": 14, "half_life_days": 7, "floor_readings": 5, "floor_days": 3, "floor_checkins": 3}
    page = root_client.post("/admin/recommender/windowsettings/1/change/", data)
    assert "greater than or equal to 10" in page.content.decode()
    assert (
        root_client.post("/admin/recommender/windowsettings/1/change/", data | {"floor_readings": 20}).status_code
        == 302
    )
    assert WindowSettings.objects.get().to_rules().floor_readings == 20
    assert root_client.get("/admin/recommender/windowsettings/add/").status_code == 403
    assert root_client.post("/admin/recommender/windowsettings/1/delete/", {"post": "yes"}).status_code == 403


def test_an_export_imports_again_unchanged():
    load_catalogue()
    before = list(Activity.objects.order_by("slug").values())
    dataset = ActivityResource().export()
    result = ActivityResource().import_data(dataset, dry_run=False)
    assert not result.has_errors()
    assert not result.has_validation_errors()
    assert result.totals["skip"] == len(before)
    Activity.objects.all().delete()
    ActivityResource().import_data(dataset, dry_run=False, raise_errors=True)
    after = list(Activity.objects.order_by("slug").values())
    drop = ("id", "changed_at")
    assert [{k: v for k, v in row.items() if k not in drop} for row in after] == [
        {k: v for k, v in row.items() if k not in drop} for row in before
    ]


def rows(*changes: dict[str, str]) -> str:
    good = {
        "slug": "tea", "title": "Tea", "body": "Drink tea.", "category": "rest", "targets": "neutral, sadness",
        "minutes": "5", "evidence_grade": "D", "review_due": "2099-01-01", "active": "yes", "cooldown_hours": "20",
        "safety": "normal",
    }  # fmt: skip
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(good))
    writer.writeheader()
    writer.writerows(good | change for change in changes)
    return out.getvalue()


def upload(client, text: str):
    file = SimpleUploadedFile("catalogue.csv", text.encode(), content_type="text/csv")
    return client.post("/admin/recommender/activity/import/", {"format": "0", "import_file": file, "resource": "0"})


def test_a_csv_is_previewed_and_then_imported(root_client):
    Category.objects.create(slug="rest", name="Rest")
    page = upload(root_client, rows({}))
    assert page.status_code == 200
    form = page.context["confirm_form"]
    assert Activity.objects.count() == 0
    root_client.post("/admin/recommender/activity/process_import/", form.initial)
    (tea,) = Activity.objects.all()
    assert (tea.slug, tea.targets, tea.active, tea.category.slug) == ("tea", ["neutral", "sadness"], True, "rest")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": "neutral hungry"}, "Unknown: hungry"),
        ({"category": "moon"}, "Category matching query does not exist"),
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"evidence_grade": ""}, "Grade the evidence before you switch this on."),
        ({"review_due": "2020-01-01"}, "The review is overdue"),
        ({"active": "perhaps"}, "Write yes or no"),
        ({"evidence_grade": "E"}, "is not a valid choice"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(root_client, change, message):
    Category.objects.create(slug="rest", name="Rest")
    page = upload(root_client, rows({"slug": "good"}, change))
    text = page.content.decode()
    assert message in text
    assert page.context.get("confirm_form") is None
    assert Activity.objects.count() == 0
