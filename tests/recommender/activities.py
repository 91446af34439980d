"""A small catalogue whose ranking is easy to foresee."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from recommender.catalogue.models import Activity, Category


def make_activity(slug: str = "walk", category: str = "movement", **changes: Any) -> Activity:
    kind, _ = Category.objects.get_or_create(slug=category, defaults={"name": category.capitalize()})
    values: dict[str, Any] = {
        "title": slug.replace("-", " ").capitalize(),
        "body": f"Do {slug}.",
        "category": kind,
        "targets": ["neutral"],
        "minutes": 5,
        "evidence_grade": "B",
        "reviewed_on": date(2025, 1, 1),
        "review_due": timezone.localdate() + timedelta(days=100),
        "active": True,
    }
    return Activity.objects.create(slug=slug, **(values | changes))


def make_catalogue() -> list[Activity]:
    """Six activities in six categories, all gentle."""
    kinds = ("movement", "rest", "social", "cognitive", "positive", "focus")
    return [make_activity(f"{kind}-one", kind, effect_note=f"Note on {kind}.") for kind in kinds]
