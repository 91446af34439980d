"""Reading for administrators: what needs a look, and what changed from one version to the next."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from recommender.catalogue.models import Activity, ActivityDraft, ActivityVersion, SupportContact

#: A review is announced so many days before it is due.
SOON_DAYS = 60
LATEST = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One version and the fields in which it differs from the one before; the first one differs in none."""

    version: ActivityVersion
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class AdminOverview:
    """What an administrator should look at next. Concerns the catalogue alone, never a person who uses it."""

    overdue: QuerySet[Activity]
    soon: QuerySet[Activity]
    drafts: QuerySet[ActivityDraft]
    unchecked: QuerySet[SupportContact]
    latest: QuerySet[ActivityVersion]


def get_desk(today: date) -> AdminOverview:
    active = Activity.objects.filter(active=True).order_by("review_due", "title")
    stale = today - timedelta(days=SupportContact.FRESH_DAYS)
    checked = SupportContact.objects.filter(verified_on__gte=stale).values("pk")
    by_people = ActivityVersion.objects.exclude(saved_by=None).select_related("saved_by")
    return AdminOverview(
        overdue=active.filter(review_due__lt=today),
        soon=active.filter(review_due__gte=today, review_due__lte=today + timedelta(days=SOON_DAYS)),
        drafts=ActivityDraft.objects.select_related("activity", "saved_by").order_by("-saved_at"),
        unchecked=SupportContact.objects.filter(active=True).exclude(pk__in=checked),
        latest=by_people.order_by("-saved_at")[:LATEST],
    )


def get_deleted() -> list[ActivityVersion]:
    """The last version of every activity that is gone, the latest first."""
    gone = ActivityVersion.objects.exclude(slug__in=Activity.objects.values("slug")).select_related("saved_by")
    last = {version.slug: version for version in gone.order_by("number")}
    return sorted(last.values(), key=lambda version: version.saved_at, reverse=True)


def compare_versions(slug: str) -> list[Change]:
    """Every version of an activity, newest first."""
    versions = list(ActivityVersion.objects.filter(slug=slug).select_related("saved_by").order_by("-number"))
    pairs = zip(versions, [*versions[1:], *versions[-1:]], strict=True)
    return [
        Change(new, frozenset(name for name in new.content if new.content[name] != old.content.get(name)))
        for new, old in pairs
    ]
