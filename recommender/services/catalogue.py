"""Loading the starter catalogue without ever undoing what administrators did to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from django.db import models, transaction
from django.utils import timezone

from recommender.models import Activity, Category, ShippedItem, SupportContact

CATALOGUE_DIR: Final = Path(__file__).parent.parent / "catalogue"

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
    shipped = _read(directory / "activities.json") | _read(directory / "contacts.json")
    loader = _Loader()
    loader.load(Category, shipped["categories"])
    loader.categories = {category.slug: category for category in Category.objects.all()}
    loader.load(Activity, [item for item in shipped["activities"] if item["category"] in loader.categories])
    loader.load(SupportContact, shipped["contacts"])
    loader.remember()
    overdue = Activity.objects.filter(active=True, review_due__lt=timezone.localdate()).count()
    return LoadReport(loader.created, loader.updated, loader.kept, overdue)


class _Loader:
    """Counts what it does; knows every digest that was loaded before."""

    def __init__(self) -> None:
        self.created = self.updated = self.kept = 0
        self.categories: dict[str, Category] = {}
        self._digests = dict(ShippedItem.objects.values_list("key", "digest"))

    def load(self, model: type[Item], items: list[dict[str, Any]]) -> None:
        existing = {row.slug: row for row in model._default_manager.all()}
        for item in items:
            self._load_one(model, item, existing.get(item["slug"]))

    def remember(self) -> None:
        rows = [ShippedItem(key=key, digest=digest) for key, digest in self._digests.items()]
        ShippedItem.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=["digest"])

    def _load_one(self, model: type[Item], item: dict[str, Any], row: Item | None) -> None:
        key, digest = f"{model._meta.model_name}:{item['slug']}", _digest(item)
        before = self._digests.setdefault(key, "" if row is None else digest)
        if row is None and not before:
            model._default_manager.create(**self._to_fields(model, item))
            self.created += 1
        elif row is not None and before != digest and _digest(_to_item(row, item)) == before:
            for name, value in self._to_fields(model, item).items():
                setattr(row, name, value)
            row.save()
            self.updated += 1
        else:
            self.kept += 1
            return
        self._digests[key] = digest

    def _to_fields(self, model: type[models.Model], item: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments for `model`, each converted to its field's type."""
        fields = {name: model._meta.get_field(name) for name in item}
        return {
            name: self.categories[value] if name == "category" else fields[name].to_python(value)  # type: ignore[union-attr]
            for name, value in item.items()
        }


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _digest(item: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()


def _to_item(row: models.Model, like: Mapping[str, Any]) -> dict[str, Any]:
    """The row in the shape of the file, with the keys of `like`."""
    values = {name: getattr(row, name) for name in like}
    if isinstance(row, Activity):
        values["category"] = row.category.slug
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
