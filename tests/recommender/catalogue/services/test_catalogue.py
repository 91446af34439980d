import json
import re
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from recommender.catalogue.models import Activity, Category, SupportContact
from recommender.catalogue.services.catalogue import CATALOGUE_DIR, LoadReport, load_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the shipped files that a test may change."""
    for file in CATALOGUE_DIR.glob("*.json"):
        (tmp_path / file.name).write_text(file.read_text())
    return tmp_path


def rewrite(directory: Path, slug: str, **changes: Any) -> None:
    path = directory / "activities.json"
    content = json.loads(path.read_text())
    next(item for item in content["activities"] if item["slug"] == slug).update(changes)
    path.write_text(json.dumps(content))


def test_the_shipped_catalogue_loads_and_every_item_is_valid() -> None:
    report = load_catalogue()
    assert report.created == Category.objects.count() + Activity.objects.count() + SupportContact.objects.count()
    assert (Activity.objects.count() >= 50, Category.objects.count()) == (True, 8)
    for row in (*Category.objects.all(), *Activity.objects.all(), *SupportContact.objects.all()):
        if isinstance(row, Activity):
            row.review_due = timezone.localdate()
            words = (row.targets, row.places, row.dayparts, row.limits)
        row.full_clean()
        if isinstance(row, Activity):
            assert words == (row.targets, row.places, row.dayparts, row.limits)


def test_every_shipped_activity_is_graded_honestly() -> None:
    load_catalogue()
    for activity in Activity.objects.all():
        assert activity.evidence_grade in "ABCD"
        assert activity.effect_note.endswith(".")
        assert bool(activity.reference) == bool(activity.doi) == (activity.evidence_grade != "D")
        assert not activity.doi or re.fullmatch(r"10\.\d{4,}/\S+", activity.doi)
        assert activity.reference_verified is False or activity.doi
        assert activity.targets


def test_every_shipped_contact_can_be_reached_and_names_its_source() -> None:
    load_catalogue()
    for contact in SupportContact.objects.all():
        assert contact.phone or contact.url.startswith("https://")
        assert contact.source
        assert contact.verified_on is None


def test_there_is_something_gentle_in_several_categories_for_a_first_day() -> None:
    load_catalogue()
    gentle = [
        activity for activity in Activity.objects.all() if "neutral" in activity.targets and activity.minutes <= 5
    ]
    assert len({row.category_id for row in gentle if not row.places}) >= 3


def test_loading_twice_changes_nothing() -> None:
    first = load_catalogue()
    assert load_catalogue() == LoadReport(0, 0, first.created)


def test_what_administrators_changed_stays(shipped: Path) -> None:
    load_catalogue(directory=shipped)
    Activity.objects.filter(slug="micro-break").update(title="Our own pause", active=False)
    rewrite(shipped, "micro-break", title="Newer title")
    report = load_catalogue(directory=shipped)
    row = Activity.objects.get(slug="micro-break")
    assert (row.title, row.active) == ("Our own pause", False)
    assert (report.created, report.updated) == (0, 0)


def test_what_nobody_changed_is_brought_up_to_date(shipped: Path) -> None:
    load_catalogue(directory=shipped)
    rewrite(shipped, "micro-break", title="Newer title", review_due="2031-01-01", category="focus")
    assert load_catalogue(directory=shipped).updated == 1
    row = Activity.objects.get(slug="micro-break")
    assert (row.title, row.review_due, row.category.slug) == ("Newer title", date(2031, 1, 1), "focus")
    assert load_catalogue(directory=shipped).updated == 0


def test_what_administrators_deleted_stays_deleted() -> None:
    load_catalogue()
    Activity.objects.get(slug="micro-break").delete()
    SupportContact.objects.get(slug="nz-1737").delete()
    load_catalogue()
    assert not Activity.objects.filter(slug="micro-break").exists()
    assert not SupportContact.objects.filter(slug="nz-1737").exists()


def test_a_deleted_category_takes_no_activity_along_again() -> None:
    load_catalogue()
    Activity.objects.filter(category__slug="work").delete()
    Category.objects.get(slug="work").delete()
    load_catalogue()
    assert not Category.objects.filter(slug="work").exists()


def test_an_activity_made_under_a_shipped_slug_is_never_touched(shipped: Path) -> None:
    category = Category.objects.create(slug="rest", name="Ours")
    Activity.objects.create(slug="micro-break", title="Ours", body="Ours", category=category, minutes=3)
    load_catalogue(directory=shipped)
    rewrite(shipped, "micro-break", title="Newer title")
    load_catalogue(directory=shipped)
    assert Activity.objects.get(slug="micro-break").title == "Ours"
    assert Category.objects.get(slug="rest").name == "Ours"


def test_the_command_reports_and_names_what_is_overdue() -> None:
    out, err = StringIO(), StringIO()
    call_command("load_catalogue", stdout=out, stderr=err)
    assert re.fullmatch(r"\d+ created, 0 updated, 0 kept as they are\.\n", out.getvalue())
    Activity.objects.filter(slug="micro-break").update(
        reviewed_on=date(2025, 1, 1), review_due=timezone.localdate() - timedelta(days=1)
    )
    overdue = Activity.objects.filter(review_due__lt=timezone.localdate()).count()
    call_command("load_catalogue", stdout=StringIO(), stderr=err)
    assert err.getvalue().endswith(f"{overdue} active activities are past their review date and not offered.\n")
