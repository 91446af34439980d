"""Reading for everybody: what changed in the catalogue and when, never which administrator did it or who saw it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emotion.choices import Expression
from recommender.catalogue.fields import further_languages
from recommender.catalogue.models import Activity, ActivityVersion
from recommender.choices import Daypart, Limit, Place

Words = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is told of an activity, before and now; `before` is empty where there was nothing."""

    name: Promise
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class CatalogueChange:
    """One version of an activity. The first one tells whom it is for, a later one what differs from the one before."""

    title: str
    number: int
    at: datetime
    differences: tuple[Difference, ...]


def list_versions() -> QuerySet[ActivityVersion]:
    """Every version, the latest first."""
    return ActivityVersion.objects.order_by("-saved_at", "-pk")


def describe_versions(versions: Iterable[ActivityVersion]) -> list[CatalogueChange]:
    """As a page tells them, in their order."""
    shown = list(versions)
    known = {
        (row.slug, row.number): row.content
        for row in ActivityVersion.objects.filter(slug__in={version.slug for version in shown}).only(
            "slug", "number", "content"
        )
    }
    return [
        CatalogueChange(
            version.content["title"],
            version.number,
            version.saved_at,
            tuple(_compare(known.get((version.slug, version.number - 1)), version.content)),
        )
        for version in shown
    ]


def _compare(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterable[Difference]:
    for key, (name, tell) in _TOLD.items():
        if before is None and (key in _OF_A_NEW_ONE):
            yield Difference(name, "", tell(now[key]))
        elif before is not None and before.get(key) != now.get(key):
            yield Difference(name, tell(before.get(key)), tell(now.get(key)))


def _tell_yes_or_no(value: Any) -> str:
    return _("yes") if value else _("no")


def _tell_text(value: Any) -> str:
    return "" if value is None else str(value)


def _name_words(labels: Iterable[tuple[str, Any]], otherwise: Promise | str = "") -> Words:
    named = dict(labels)
    return lambda value: ", ".join(str(named.get(word, word)) for word in value or ()) or str(otherwise)


def _tell_translations(value: Any) -> str:
    return " ".join(
        f"{language}: {' / '.join(value[code].values())}"
        for code, language in further_languages().items()
        if code in (value or {})
    )


def _tell_safety(value: Any) -> str:
    return str(dict(Activity.Safety.choices).get(value, value))


#: What is told of each field, in this order.
_TOLD: Final[Mapping[str, tuple[Promise, Words]]] = {
    "deleted": (gettext_lazy("Taken out of the catalogue"), _tell_yes_or_no),
    "title": (gettext_lazy("Title"), _tell_text),
    "active": (gettext_lazy("Offered"), _tell_yes_or_no),
    "targets": (gettext_lazy("For a face that looks"), _name_words(Expression.choices)),
    "minutes": (gettext_lazy("Minutes"), _tell_text),
    "places": (gettext_lazy("Where"), _name_words(Place.choices, gettext_lazy("anywhere"))),
    "dayparts": (gettext_lazy("When"), _name_words(Daypart.choices, gettext_lazy("at any time"))),
    "limits": (gettext_lazy("It asks for"), _name_words(Limit.choices)),
    "cooldown_hours": (gettext_lazy("Hours it rests once it was offered"), _tell_text),
    "category": (gettext_lazy("Kind"), _tell_text),
    "safety": (gettext_lazy("Where it is shown"), _tell_safety),
    "body": (gettext_lazy("What to do"), _tell_text),
    "effect_note": (gettext_lazy("What is known of it"), _tell_text),
    "evidence_grade": (gettext_lazy("Grade of the evidence"), _tell_text),
    "reference": (gettext_lazy("Source"), _tell_text),
    "doi": (gettext_lazy("DOI of the source"), _tell_text),
    "reference_verified": (gettext_lazy("Source was opened"), _tell_yes_or_no),
    "review_due": (gettext_lazy("To be looked over until"), _tell_text),
    "translations": (gettext_lazy("In other languages"), _tell_translations),
}
_OF_A_NEW_ONE: Final = {"active", "targets", "minutes", "places", "dayparts", "cooldown_hours", "category", "body"}
