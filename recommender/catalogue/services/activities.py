"""Changing the catalogue: every change of an activity is kept as a version; drafts wait until they are published."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommender.catalogue.models import Activity, ActivityDraft, ActivityVersion, Category


def get_latest_number(slug: str) -> int:
    """The number of the version that is live; 0 while none was kept."""
    return ActivityVersion.objects.filter(slug=slug).aggregate(latest=models.Max("number"))["latest"] or 0


@transaction.atomic
def save_activity(activity: Activity, *, by: User | None, note: str) -> None:
    """Save at once, for everybody, and keep the version. Raises ValidationError."""
    before = Activity.objects.select_for_update().filter(pk=activity.pk).first()
    if before is None or before.review_due != activity.review_due:
        activity.reviewed_on = timezone.localdate()
    activity.full_clean()
    activity.save()
    keep_versions([activity], by=by, note=note)


def keep_versions(activities: Iterable[Activity], *, by: User | None, note: str) -> None:
    """Note what each activity says now, unless that is what its latest version says."""
    rows = {activity.slug: activity for activity in activities}
    latest = {row.slug: row for row in ActivityVersion.objects.filter(slug__in=rows).order_by("number")}
    fresh = []
    for slug, activity in rows.items():
        content, last = activity.to_content(), latest.get(slug)
        if last is None or last.content != content:
            number = last.number + 1 if last else 1
            fresh.append(ActivityVersion(slug=slug, number=number, content=content, note=note, saved_by=by))
    ActivityVersion.objects.bulk_create(fresh)


def switch_activities(activities: models.QuerySet[Activity], *, on: bool, by: User) -> tuple[int, int]:
    """Switch all on or off, at once for everybody; how many were switched, and how many were not ready to be."""
    chosen = activities.exclude(active=on)
    today = timezone.localdate()
    ready = chosen.filter(review_due__gte=today).exclude(evidence_grade="") if on else chosen
    rows = list(ready.select_related("category"))
    left_out = chosen.count() - len(rows)
    with transaction.atomic():
        for activity in rows:
            activity.active = on
            activity.save()
        keep_versions(rows, by=by, note=_("Switched on") if on else _("Switched off"))
    return len(rows), left_out


def save_draft(activity: Activity, content: Mapping[str, Any], *, by: User) -> ActivityDraft:
    """Keep changes aside; what people see stays as it is. A draft that is there already is replaced."""
    values = {"content": dict(content), "saved_by": by}
    new = values | {"based_on": get_latest_number(activity.slug)}
    return ActivityDraft.objects.update_or_create(activity=activity, defaults=values, create_defaults=new)[0]


@transaction.atomic
def publish_draft(draft: ActivityDraft, *, by: User) -> Activity:
    """Put the draft in place of what is live. Raises ValidationError, and then keeps the draft."""
    activity = Activity.objects.select_for_update().select_related("category").get(pk=draft.activity_id)
    apply_content(activity, draft.content)
    save_activity(activity, by=by, note=_("Published from a draft"))
    draft.delete()
    return activity


@transaction.atomic
def delete_activities(activities: Iterable[Activity], *, by: User) -> None:
    """Take them out of the catalogue. The last version says so: what changed can be read afterwards."""
    for activity in list(activities):
        content = activity.to_content() | {"deleted": True}
        number = get_latest_number(activity.slug) + 1
        ActivityVersion.objects.create(
            slug=activity.slug, number=number, content=content, note=_("Deleted"), saved_by=by
        )
        activity.delete()


@transaction.atomic
def bring_back(version: ActivityVersion, *, by: User) -> Activity:
    """A deleted activity as that version has it, switched off. Raises ValidationError when its category is gone too."""
    category = Category.objects.filter(slug=version.content["category"]).first()
    if category is None:
        raise ValidationError(_("First make a category '%(slug)s' again.") % {"slug": version.content["category"]})
    activity = Activity(slug=version.slug, category=category)
    apply_content(activity, version.content)
    activity.active = False
    activity.full_clean()
    activity.save()
    keep_versions([activity], by=by, note=_("Brought back from version %(number)d") % {"number": version.number})
    return activity


def apply_content(activity: Activity, content: Mapping[str, Any]) -> None:
    """Set every field of it but the slug, unsaved. A category that is gone leaves the activity in the one it has."""
    fields = {field.name: field for field in Activity._meta.concrete_fields}
    for name, value in content.items():
        if name == "category":
            activity.category = Category.objects.filter(slug=value).first() or activity.category
        elif name in fields and name != "slug":
            setattr(activity, name, fields[name].to_python(value))
