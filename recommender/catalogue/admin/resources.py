"""The catalogue as a table: CSV and JSON, out and in again without a difference."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets

from recommender.catalogue.fields import further_languages
from recommender.catalogue.models import Activity, Category
from recommender.catalogue.services.activities import keep_versions

TRANSLATED = ("title", "body", "effect_note")


class ListWidget(widgets.Widget):
    """Words of a list field, separated by spaces or commas in a cell."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        return str(value or "").replace(",", " ").split()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return " ".join(value or ())


class StrictBooleanWidget(widgets.BooleanWidget):
    """Yes or no and nothing else: a misspelt cell must not switch an activity off unnoticed."""

    TRUE_VALUES, FALSE_VALUES = ["yes", "true", "1", "ja", "wahr"], ["no", "false", "0", "nein", "falsch"]

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        text = str(value).strip().lower()
        if text not in self.TRUE_VALUES + self.FALSE_VALUES:
            raise ValueError(_("Write yes or no, not '%(value)s'.") % {"value": value})
        return text in self.TRUE_VALUES


class DayWidget(widgets.DateWidget):
    """A day as we write it, or as a German spreadsheet does."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.formats = ("%Y-%m-%d", "%d.%m.%Y")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        try:
            found: date | None = super().clean(value, row, **kwargs)
        except ValueError as error:
            raise ValueError(
                _("Write a day as 2027-12-31 or 31.12.2027, not '%(value)s'.") % {"value": value}
            ) from error
        return found


class CategoryWidget(widgets.ForeignKeyWidget):
    """A category by its slug."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Category:
        found = Category.objects.filter(slug=str(value).strip()).first()
        if found is None:
            known = ", ".join(Category.objects.values_list("slug", flat=True))
            told = {"value": value, "known": known}
            raise ValueError(_("There is no category '%(value)s'. Known: %(known)s.") % told)
        return found


class TranslationColumn(fields.Field):
    """One text in one further language; an empty cell takes it away."""

    def __init__(self, text: str, language: str) -> None:
        super().__init__(column_name=f"{text}_{language}", attribute="translations")
        self.text, self.language = text, language

    def get_value(self, instance: Activity) -> str:
        return str(instance.translations.get(self.language, {}).get(self.text, ""))

    def save(self, instance: Activity, row: Mapping[str, Any], is_m2m: bool = False, **kwargs: Any) -> None:
        told = {**instance.translations.get(self.language, {}), self.text: str(row.get(self.column_name) or "")}
        told = {text: words for text, words in told.items() if words}
        others = {language: kept for language, kept in instance.translations.items() if language != self.language}
        instance.translations = others | ({self.language: told} if told else {})


class ActivityResource(resources.ModelResource):
    """One activity a row, found by its slug. A row that would not be valid is refused with its reasons."""

    category = fields.Field(column_name="category", attribute="category", widget=CategoryWidget(Category, "slug"))
    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | {
        "JSONField": ListWidget,
        "BooleanField": StrictBooleanWidget,
        "DateField": DayWidget,
    }

    class Meta:
        model = Activity
        import_id_fields = ("slug",)
        exclude = ("id", "changed_at", "translations")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for language in further_languages():
            self.fields |= {f"{text}_{language}": TranslationColumn(text, language) for text in TRANSLATED}

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """A misspelt heading would lose a whole column without a word."""
        known = {field.column_name for field in self.get_import_fields()}
        unknown = [heading for heading in dataset.headers or () if heading not in known]
        if unknown:
            told = {"unknown": ", ".join(unknown), "known": ", ".join(sorted(known))}
            raise ValidationError(_("Unknown column: %(unknown)s. Known: %(known)s.") % told)

    def after_save_instance(self, instance: Activity, row: Any, **kwargs: Any) -> None:
        keep_versions([instance], by=kwargs.get("user"), note=_("Imported"))
