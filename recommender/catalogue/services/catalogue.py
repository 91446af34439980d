"""Loading the starter catalogue without ever undoing what administrators did to it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.catalogue.fields import further_languages
from recommender.catalogue.models import Activity, Category, ShippedItem, SupportContact
from recommender.catalogue.services.activities import keep_versions

CATALOGUE_DIR: Final = Path(__file__).parent.parent / "data"

Item = TypeVar("Item", Category, Activity, SupportContact)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """How many starter items were new, brought up to date, or left as administrators have them."""

    created: int = 0
    updated: int = 0
    kept: int = 0
    overdue: int = 0


@transaction.atomic
def load_catalogue(*, directory: Path = CATALOGUE_DIR) -> LoadReport:
    """Create the starter items that were never loaded, and update those nobody has changed since.

    Items that administrators edited, deleted or made themselves under the same slug stay as they are.
    """
    shipped = read_shipped(directory)
    loader = _Loader()
    loader.load(Category, shipped["categories"])
    loader.categories = {category.slug: category for category in Category.objects.all()}
    loader.load(Activity, [item for item in shipped["activities"] if item["category"] in loader.categories])
    loader.load(SupportContact, shipped["contacts"])
    loader.remember()
    keep_versions(loader.activities, by=None, note=_("Starter catalogue"))
    overdue = Activity.objects.filter(active=True, review_due__lt=timezone.localdate()).count()
    return LoadReport(loader.created, loader.updated, loader.kept, overdue)


def read_shipped(directory: Path = CATALOGUE_DIR) -> dict[str, list[dict[str, Any]]]:
    """`categories`, `activities` and `contacts` of the starter files, each with its translations."""
    shipped: dict[str, list[dict[str, Any]]] = _read(directory / "activities.json") | _read(directory / "contacts.json")
    for language in further_languages():
        for kind, texts in _read(directory / f"{language}.json").items():
            for item in shipped[kind]:
                if item["slug"] in texts:
                    item.setdefault("translations", {})[language] = texts[item["slug"]]
    return shipped


class _Loader:
    """Counts what it does; knows every digest that was loaded before."""

    def __init__(self) -> None:
        self.created = self.updated = self.kept = 0
        self.categories: dict[str, Category] = {}
        self.activities: list[Activity] = []
        self._known = {row.key: row for row in ShippedItem.objects.all()}
        self._news: list[ShippedItem] = []

    def load(self, model: type[Item], items: list[dict[str, Any]]) -> None:
        existing = {row.slug: row for row in model._default_manager.all()}
        for item in items:
            self._load_one(model, item, existing.get(item["slug"]))

    def remember(self) -> None:
        ShippedItem.objects.bulk_create(
            self._news, update_conflicts=True, unique_fields=["key"], update_fields=["digest", "names"]
        )

    def _load_one(self, model: type[Item], item: dict[str, Any], row: Item | None) -> None:
        now = ShippedItem(key=f"{model._meta.model_name}:{item['slug']}", digest=_digest(item), names=list(item))
        before = self._known.get(now.key, now)
        if before is now:
            self._news.append(now)
        # One that somebody made under the same slug is never ours; one that is gone was deleted on purpose.
        if row is None and before is now:
            row = model._default_manager.create(**self._to_fields(model, item))
            self.created += 1
        elif row is not None and before.digest != now.digest and _digest(_to_item(row, before.names)) == before.digest:
            for name, value in self._to_fields(model, item).items():
                setattr(row, name, value)
            row.save()
            self._news.append(now)
            self.updated += 1
        else:
            self.kept += 1
            return
        if isinstance(row, Activity):
            self.activities.append(row)

    def _to_fields(self, model: type[models.Model], item: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments for `model`, each converted to its field's type."""
        fields = {field.name: field for field in model._meta.concrete_fields}
        return {
            name: self.categories[value] if name == "category" else fields[name].to_python(value)
            for name, value in item.items()
        }


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _digest(item: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()


def _to_item(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """The row in the shape of the file, with the keys `names`."""
    values = {name: getattr(row, name) for name in names}
    if isinstance(row, Activity):
        values["category"] = row.category.slug
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
