import csv
import html
import io
from datetime import date, timedelta
from typing import Any

import pytest
import tablib
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from recommender.catalogue.admin import ActivityResource
from recommender.catalogue.models import (
    Activity,
    ActivityDraft,
    ActivityVersion,
    Category,
    ShippedItem,
    SupportContact,
    WindowSettings,
)
from recommender.catalogue.services.catalogue import load_catalogue
from recommender.mood.drop_detection import LowRules
from tests.recommender.activities import make_activity, make_catalogue
from tests.responses import ClientResponse

pytestmark = pytest.mark.django_db

LISTS = ["activity", "category", "supportcontact"]


def test_only_the_catalogue_is_registered() -> None:
    ours = {model for model in admin.site._registry if model._meta.app_label in {"recommender", "emotion", "keystore"}}
    assert ours == {Activity, Category, SupportContact, WindowSettings}
    assert ShippedItem not in admin.site._registry


@pytest.mark.parametrize("name", LISTS)
def test_lists_and_forms_open(root_client: Client, name: str) -> None:
    load_catalogue()
    assert root_client.get(f"/admin/recommender/{name}/").status_code == 200
    assert root_client.get(f"/admin/recommender/{name}/add/").status_code == 200
    assert root_client.get(f"/admin/recommender/{name}/", {"q": "a"} if name != "category" else {}).status_code == 200


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("yes", {"fine", "soon"}),
        ("no", {"overdue", "off"}),
        ("soon", {"soon", "overdue"}),
        ("overdue", {"overdue"}),
    ],
)
def test_the_list_finds_what_is_offered_and_what_needs_a_look(root_client: Client, value: str, found: set[str]) -> None:
    today = timezone.localdate()
    make_activity("fine")
    make_activity("soon", review_due=today + timedelta(days=10))
    make_activity("overdue", review_due=today - timedelta(days=1))
    make_activity("off", active=False)
    response = root_client.get("/admin/recommender/activity/", {"live": value})
    assert {activity.slug for activity in response.context["cl"].queryset} == found


def post_change(client: Client, activity: Activity, query: str = "", **changes: Any) -> ClientResponse:
    data: dict[str, Any] = {
        "title": activity.title,
        "body": activity.body,
        "category": activity.category_id,
        "targets": activity.targets,
        "minutes": activity.minutes,
        "cooldown_hours": activity.cooldown_hours,
        "evidence_grade": activity.evidence_grade,
        "review_due": activity.review_due,
        "safety": activity.safety,
        "active": "on",
    }
    return client.post(f"/admin/recommender/activity/{activity.pk}/change/{query}", data | changes)


def test_an_activity_is_edited_with_check_boxes(root_client: Client) -> None:
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
def test_the_form_keeps_an_ungraded_or_overdue_activity_off(
    root_client: Client, changes: dict[str, str], message: str
) -> None:
    response = post_change(root_client, make_activity(), **changes)
    assert response.status_code == 200
    assert message in response.content.decode()


def test_switching_many_on_leaves_out_what_is_not_ready(root_client: Client) -> None:
    ready = make_activity("ready", active=False)
    draft = make_activity("draft", active=False, evidence_grade="", review_due=None)
    data = {"action": "switch_on", "_selected_action": [ready.pk, draft.pk]}
    text = root_client.post("/admin/recommender/activity/", data, follow=True).content.decode()
    assert "1 switched on." in text
    assert "1 left off" in text
    assert list(Activity.objects.filter(active=True)) == [ready]
    root_client.post("/admin/recommender/activity/", data | {"action": "switch_off"})
    assert not Activity.objects.filter(active=True).exists()


def test_contacts_are_marked_as_checked(root_client: Client) -> None:
    contact = SupportContact.objects.create(slug="x", name="X", kind="crisis", phone="1", how="Call.")
    root_client.post("/admin/recommender/supportcontact/", {"action": "mark_checked", "_selected_action": [contact.pk]})
    contact.refresh_from_db()
    assert contact.verified_on == timezone.localdate()


def test_window_settings_are_one_page(root_client: Client) -> None:
    response = root_client.get("/admin/recommender/windowsettings/", follow=True)
    assert response.redirect_chain == [("/admin/recommender/windowsettings/1/change/", 302)]
    data: dict[str, float] = {
        "window_days": 14,
        "half_life_days": 7,
        "floor_readings": 5,
        "floor_days": 3,
        "floor_checkins": 3,
    }
    data |= {"usual_days": 28, "low_caution": 1.1, "gentle_days": 21}
    page = root_client.post("/admin/recommender/windowsettings/1/change/", data)
    assert "greater than or equal to 10" in page.content.decode()
    assert (
        root_client.post("/admin/recommender/windowsettings/1/change/", data | {"floor_readings": 20}).status_code
        == 302
    )
    assert WindowSettings.objects.get().to_rules().floor_readings == 20
    assert WindowSettings.objects.get().to_low_rules() == LowRules(28, 1.1, 21)
    assert root_client.get("/admin/recommender/windowsettings/add/").status_code == 403
    assert root_client.post("/admin/recommender/windowsettings/1/delete/", {"post": "yes"}).status_code == 403


def test_an_export_imports_again_unchanged() -> None:
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


def upload(client: Client, text: str | bytes) -> ClientResponse:
    data = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("catalogue.csv", data, content_type="text/csv")
    return client.post("/admin/recommender/activity/import/", {"format": "0", "import_file": file, "resource": "0"})


def test_a_csv_is_previewed_and_then_imported(root_client: Client) -> None:
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
        ({"category": "moon"}, "There is no category &#x27;moon&#x27;. Known: rest."),
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"evidence_grade": ""}, "Grade the evidence before you switch this on."),
        ({"review_due": "2020-01-01"}, "The review is overdue"),
        ({"active": "perhaps"}, "Write yes or no"),
        ({"evidence_grade": "E"}, "is not a valid choice"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(root_client: Client, change: dict[str, str], message: str) -> None:
    Category.objects.create(slug="rest", name="Rest")
    page = upload(root_client, rows({"slug": "good"}, change))
    text = page.content.decode()
    (column,) = change
    assert message in text
    assert f'<th scope="row">2</th><td>{column}</td>' in text
    assert page.context.get("confirm_form") is None
    assert Activity.objects.count() == 0


def as_excel(text: str) -> str:
    """With semicolons, blank rows and a blank column, and a heading somebody typed again."""
    lines = [";".join(row) + ";" for row in csv.reader(io.StringIO(text))]
    return "\r\n".join([lines[0].replace("slug", "Slug "), *lines[1:], ";" * 11, "", ";"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_what_a_german_excel_saves_is_imported(root_client: Client, encoding: str) -> None:
    Category.objects.create(slug="rest", name="Rest")
    table = as_excel(rows({"title": "Tee für später", "review_due": "31.12.2099", "active": "WAHR"}))
    form = upload(root_client, table.encode(encoding)).context["confirm_form"]
    root_client.post("/admin/recommender/activity/process_import/", form.initial)
    (tea,) = Activity.objects.all()
    assert (tea.title, tea.review_due, tea.active) == ("Tee für später", date(2099, 12, 31), True)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The submitted file is empty."),
        (b"\r\n;;;\r\n", "No valid data to import"),
        (b"slug,title\r\ntea,Tea,more\r\n", "Some cells stand in a column without a heading."),
        (b"slug,title\r\ntea,T\x81a\r\n", "These are no letters we can read"),
        (b"\xff\xfes", "These are no letters we can read"),
        (rows({"review_due": "12/31/2099"}).encode(), "Write a day as 2027-12-31 or 31.12.2027, not"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_words(root_client: Client, data: bytes, message: str) -> None:
    Category.objects.create(slug="rest", name="Rest")
    assert message in upload(root_client, data).content.decode()
    assert Activity.objects.count() == 0


def test_excel_reads_an_export_and_what_it_saves_changes_nothing(root_client: Client) -> None:
    load_catalogue()
    exported = root_client.post("/admin/recommender/activity/export/", {"format": "0", "resource": "0"})
    assert exported.content.startswith(b"\xef\xbb\xbf")
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=";").writerows(csv.reader(io.StringIO(exported.content.decode("utf-8-sig"))))
    page = upload(root_client, sheet.getvalue().encode("utf-16"))
    assert page.context["result"].totals["skip"] == Activity.objects.count()


def test_a_misspelt_heading_is_named_and_nothing_is_imported(root_client: Client) -> None:
    Category.objects.create(slug="rest", name="Rest")
    text = upload(root_client, rows({}).replace("minutes", "minuets")).content.decode()
    assert "Unknown column: minuets." in text
    assert "Traceback" not in text
    assert Activity.objects.count() == 0


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_either_format_makes_the_round_trip(format_: str) -> None:
    load_catalogue()
    before = [activity.to_content() for activity in Activity.objects.order_by("slug")]
    text = ActivityResource().export().export(format_)
    Activity.objects.all().delete()
    result = ActivityResource().import_data(tablib.Dataset().load(text, format=format_), raise_errors=True)
    assert result.totals["new"] == len(before) >= 80
    assert [activity.to_content() for activity in Activity.objects.order_by("slug")] == before


def test_an_import_is_a_version_with_its_administrator(root_client: Client, root: User) -> None:
    make_activity("tea", "rest")
    form = upload(root_client, rows({"title": "Green tea"})).context["confirm_form"]
    root_client.post("/admin/recommender/activity/process_import/", form.initial)
    (version,) = ActivityVersion.objects.filter(slug="tea")
    assert (version.content["title"], version.note, version.saved_by) == ("Green tea", "Imported", root)


def test_editing_keeps_a_version_that_can_be_looked_at_and_brought_back(root_client: Client) -> None:
    activity = make_activity()
    post_change(root_client, activity)
    post_change(root_client, activity, title="A stroll", body="Stroll.")
    where = f"/admin/recommender/activity/{activity.pk}"
    page = root_client.get(f"{where}/history/").content.decode()
    assert "body, title" in page or "title, body" in page
    assert page.count("root@example.org") >= 2
    first = " ".join(root_client.get(f"{where}/history/1/").content.decode().split())
    for name, told in (("Body", "Do walk."), ("Minutes", "5"), ("Active", "yes"), ("Reference verified", "no")):
        assert f'<th scope="row">{name}</th> <td>{told}</td>' in first
    response = root_client.post(f"{where}/history/1/", follow=True)
    assert response.redirect_chain == [(f"{where}/change/?draft", 302)]
    assert 'value="Walk"' in response.content.decode()
    activity.refresh_from_db()
    assert activity.title == "A stroll"
    root_client.post(f"{where}/draft/publish/")
    activity.refresh_from_db()
    assert (activity.title, activity.body) == ("Walk", "Do walk.")


def test_a_draft_is_kept_aside_gone_on_with_and_published_by_saving(root_client: Client) -> None:
    activity = make_activity()
    where = f"/admin/recommender/activity/{activity.pk}/change/"
    response = post_change(root_client, activity, title="Half an idea", evidence_grade="", _draft="1")
    assert (response.status_code, response.headers["Location"]) == (302, f"{where}?draft")
    activity.refresh_from_db()
    assert (activity.title, activity.evidence_grade) == ("Walk", "B")
    assert "There is a draft" in root_client.get(where).content.decode()
    page = root_client.get(f"{where}?draft").content.decode()
    assert 'value="Half an idea"' in page
    root_client.post(f"/admin/recommender/activity/{activity.pk}/draft/publish/")
    activity.refresh_from_db()
    assert (activity.title, ActivityDraft.objects.count()) == ("Walk", 1)
    assert post_change(root_client, activity, "?draft", title="A whole idea").status_code == 302
    activity.refresh_from_db()
    assert (activity.title, ActivityDraft.objects.count()) == ("A whole idea", 0)
    assert ActivityVersion.objects.get(slug="walk").note == "Published from a draft"


def test_a_draft_is_thrown_away_without_a_trace_on_what_is_live(root_client: Client) -> None:
    activity = make_activity()
    post_change(root_client, activity, title="Half an idea", _draft="1")
    root_client.post(f"/admin/recommender/activity/{activity.pk}/draft/discard/")
    activity.refresh_from_db()
    assert (activity.title, ActivityDraft.objects.count()) == ("Walk", 0)


def test_an_activity_is_translated_in_the_form_whole_or_not_at_all(root_client: Client) -> None:
    activity = make_activity()
    page = post_change(root_client, activity, title_de="Ein Gang")
    assert "Translate all of it, or nothing." in page.content.decode()
    post_change(root_client, activity, title_de="Ein Gang", body_de="Geh.")
    activity.refresh_from_db()
    assert activity.translations == {"de": {"title": "Ein Gang", "body": "Geh."}}
    assert 'value="Ein Gang"' in root_client.get(f"/admin/recommender/activity/{activity.pk}/change/").content.decode()


def test_a_phrase_that_judges_is_refused_in_every_language(root_client: Client) -> None:
    activity = make_activity()
    page = post_change(root_client, activity, body="When you are sad, walk.")
    assert "not what somebody is: you are sad." in page.content.decode()
    page = post_change(root_client, activity, title_de="Ein Gang", body_de="Du bist traurig.")
    assert "not what somebody is: Du bist traurig." in page.content.decode()


def test_the_first_page_says_what_needs_a_look_and_nothing_of_employees(root_client: Client, alice: User) -> None:
    today = timezone.localdate()
    make_activity("fine")
    make_activity("late", review_due=today - timedelta(days=3))
    make_activity("soon-due", review_due=today + timedelta(days=3))
    SupportContact.objects.create(slug="x", country="X", name="X", kind="crisis", phone="1", how="Call.")
    text = " ".join(root_client.get("/admin/").content.decode().split())
    assert "Review overdue: 1" in text
    assert "Due within 60 days: 1" in text
    assert "Contacts to check: 1" in text
    assert alice.email not in text


def test_the_preview_shows_offers_with_reasons_and_everything_held_back_with_why(root_client: Client) -> None:
    make_catalogue()
    make_activity("far", "outing", places=["outdoors"])
    make_activity("long", "rest", minutes=30)
    make_activity("off", active=False)
    query = {"expression": "sadness", "percent": "60", "at": "2026-11-25T10:00", "place": "desk", "minutes": "10"}
    response = root_client.get("/admin/recommender/activity/preview/", query | {"energy": "0", "draw": "1"})
    preview = response.context["preview"]
    text = " ".join(response.content.decode().split())
    assert len(preview.offered) >= 2
    assert all(one.reason in html.unescape(text) for one in preview.offered)
    assert "your face" in preview.offered[0].reason
    held = {why: [activity.slug for activity in rows] for why, rows in preview.withheld}
    assert held == {
        "Switched off": ["off"],
        "Not at this place": ["far"],
        "Takes longer than they have": ["long"],
    }
    assert len(preview.offered) + len(preview.possible) + 3 == Activity.objects.count()


def test_the_preview_reads_check_ins_and_nothing_at_all(root_client: Client) -> None:
    make_activity(targets=["sadness"])
    query = {"at": "2026-11-25T10:00", "percent": "40", "energy": "-0.8", "draw": "1"}
    first = root_client.get("/admin/recommender/activity/preview/", query).context["preview"]
    assert first.mood.mix is None
    said = root_client.get("/admin/recommender/activity/preview/", query | {"pleasantness": "-0.8"}).context["preview"]
    assert said.mood.said.pleasantness.value < 0
    assert "check-ins" in said.offered[0].reason


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "1999-12-31T23:59", "2101-01-01T00:00", "9999-12-31T23:59"])
def test_the_preview_says_which_years_it_can_look_at(root_client: Client, at: str) -> None:
    make_activity(targets=["sadness"])
    query = {"expression": "sadness", "percent": "60", "at": at, "energy": "0", "draw": "1"}
    response = root_client.get("/admin/recommender/activity/preview/", query)
    assert (response.status_code, response.context["preview"]) == (200, None)
    assert "Please choose a year from 2000 to 2100." in response.content.decode()


def test_window_settings_go_back_to_their_defaults(root_client: Client) -> None:
    WindowSettings(window_days=14, floor_readings=20, support_country="Atlantis").save()
    page = root_client.get("/admin/recommender/windowsettings/1/change/").content.decode()
    assert "From 1 to 366; at first 7." in page
    assert "From 0.8 to 1.35; at first 1.0." in page
    root_client.post("/admin/recommender/windowsettings/reset/")
    row = WindowSettings.objects.get()
    assert (row.window_days, row.floor_readings, row.support_country) == (7, 30, "Atlantis")


@pytest.mark.parametrize(
    "path", ["activity/preview/", "activity/1/history/1/", "activity/1/draft/publish/", "windowsettings/reset/"]
)
def test_the_desk_is_for_administrators(alice_client: Client, path: str) -> None:
    for method in (alice_client.get, alice_client.post):
        response = method(f"/admin/recommender/{path}")
        assert response.status_code == 302
        assert "login" in response.headers["Location"]


def test_contacts_and_categories_are_translated_in_their_forms_too(root_client: Client) -> None:
    contact = SupportContact.objects.create(
        slug="x", country="Spain", name="X", kind="crisis", phone="024", how="Call.", verified_on=timezone.localdate()
    )
    data = {
        "slug": "x",
        "country": "Spain",
        "name": "X",
        "kind": "crisis",
        "phone": "024",
        "how": "Call.",
        "order": "0",
    }
    where = f"/admin/recommender/supportcontact/{contact.pk}/change/"
    root_client.post(where, data | {"country_de": "Spanien", "how_de": "Ruf an.", "active": "on"})
    contact.refresh_from_db()
    assert contact.translations == {"de": {"country": "Spanien", "how": "Ruf an."}}
    rest = Category.objects.create(slug="rest", name="Rest")
    data = {"slug": "rest", "name": "Rest", "order": "1", "name_de": "Ruhe"}
    root_client.post(f"/admin/recommender/category/{rest.pk}/change/", data)
    rest.refresh_from_db()
    assert rest.name_in("de") == "Ruhe"


def test_a_draft_that_was_overtaken_says_so(root_client: Client) -> None:
    activity = make_activity()
    post_change(root_client, activity, title="First")
    post_change(root_client, activity, title="Half an idea", _draft="1")
    where = f"/admin/recommender/activity/{activity.pk}/change/?draft"
    assert "has changed since this draft was begun" not in root_client.get(where).content.decode()
    post_change(root_client, activity, title="Second")
    assert "has changed since this draft was begun" in root_client.get(where).content.decode()


def test_a_deleted_activity_comes_back_switched_off(root_client: Client) -> None:
    activity = make_activity()
    post_change(root_client, activity)
    before = activity.to_content()
    root_client.post(f"/admin/recommender/activity/{activity.pk}/delete/", {"post": "yes"})
    assert not Activity.objects.exists()
    assert "Walk" in root_client.get("/admin/recommender/activity/deleted/").content.decode()
    root_client.post("/admin/recommender/activity/deleted/", {"slug": "walk"})
    back = Activity.objects.get()
    assert back.to_content() == before | {"active": False}
    assert ActivityVersion.objects.get(slug="walk", number=2).note == "Deleted"
    assert ActivityVersion.objects.get(slug="walk", number=3).note == "Brought back from version 2"
    assert root_client.post("/admin/recommender/activity/deleted/", {"slug": "walk"}).status_code == 404


def test_a_deleted_activity_whose_category_is_gone_says_what_to_do_first(root_client: Client) -> None:
    activity = make_activity()
    post_change(root_client, activity)
    activity.delete()
    Category.objects.all().delete()
    page = root_client.post("/admin/recommender/activity/deleted/", {"slug": "walk"}, follow=True)
    assert "First make a category" in page.content.decode()
    assert not Activity.objects.exists()


def read_form(client: Client, address: str) -> dict[str, Any]:
    """What a browser would send back from the page as it is now."""
    form = client.get(address).context["adminform"].form
    values = {name: field.value() for name, field in ((name, form[name]) for name in form.fields)}
    return {name: value for name, value in values.items() if value is not None and value is not False}


OVERTAKEN = "Somebody else saved this since you opened it."


def make_each_kind() -> dict[str, str]:
    """Address of a form, and a field to change on it."""
    activity = make_activity()
    contact = SupportContact.objects.create(
        slug="line", country="Norway", name="Line", kind="crisis", phone="1", how="-"
    )
    WindowSettings().save()
    return {
        f"/admin/recommender/activity/{activity.pk}/change/": "title",
        f"/admin/recommender/category/{activity.category_id}/change/": "name",
        f"/admin/recommender/supportcontact/{contact.pk}/change/": "phone",
        "/admin/recommender/windowsettings/1/change/": "window_days",
    }


def test_a_form_that_was_overtaken_says_so_keeps_what_was_typed_and_saves_the_second_time(root_client: Client) -> None:
    for address, field in make_each_kind().items():
        first, second = read_form(root_client, address), read_form(root_client, address)
        assert root_client.post(address, first | {field: "11"}).status_code == 302, address
        refused = root_client.post(address, second | {field: "12"})
        assert OVERTAKEN in refused.content.decode(), address
        assert read_form(root_client, address)[field] in ("11", 11)
        form = refused.context["adminform"].form
        assert form[field].value() == "12"
        again = second | {field: "12", "seen": form["seen"].value()}
        assert root_client.post(address, again).status_code == 302, address
        assert read_form(root_client, address)[field] in ("12", 12)


def test_the_page_of_a_form_carries_what_it_was_opened_with(root_client: Client) -> None:
    for address in make_each_kind():
        form = root_client.get(address)
        assert f'name="seen" value="{form.context["adminform"].form["seen"].value()}"' in form.content.decode()


def test_a_draft_and_what_is_live_are_overtaken_each_by_its_own_kind(root_client: Client) -> None:
    activity = make_activity()
    address = f"/admin/recommender/activity/{activity.pk}/change/"
    live = read_form(root_client, address)
    assert root_client.post(address, live | {"title": "A draft", "_draft": "1"}).status_code == 302
    assert OVERTAKEN in root_client.post(address, live | {"title": "Another", "_draft": "1"}).content.decode()
    assert OVERTAKEN in root_client.post(address, live | {"seen": "nonsense"}).content.decode()
    assert ActivityDraft.objects.get().content["title"] == "A draft"
    draft = read_form(root_client, address + "?draft")
    assert root_client.post(address, live | {"title": "Live"}).status_code == 302, "the draft of others is left alone"
    assert root_client.post(address + "?draft", draft | {"title": "More", "_draft": "1"}).status_code == 302
    assert OVERTAKEN in root_client.post(address + "?draft", draft | {"title": "Publish"}).content.decode()
