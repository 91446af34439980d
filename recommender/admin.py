"""The catalogue's desk. Nothing of any person is registered here, and no figure of who was shown or did what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from import_export import fields, resources, widgets
from import_export.admin import ImportExportModelAdmin
from import_export.formats import base_formats
from import_export.forms import ExportForm

from recommender.models import Activity, Category, SupportContact, WindowSettings
from recommender.selectors import get_window_settings

SOON_DAYS = 60


class ListWidget(widgets.Widget):
    """Words of a list field, separated by spaces or commas in a cell."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        return str(value or "").replace(",", " ").split()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return " ".join(value or ())


class StrictBooleanWidget(widgets.BooleanWidget):
    """Yes or no and nothing else: a misspelt cell must not switch an activity off unnoticed."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        text = str(value).strip().lower()
        if text not in {"1", "0", "true", "false", "yes", "no"}:
            raise ValueError(f"Write yes or no, not {value!r}.")
        return text in {"1", "true", "yes"}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "yes" if value else "no"


def _list_column(name: str) -> fields.Field:
    return fields.Field(column_name=name, attribute=name, widget=ListWidget())


def _boolean_column(name: str) -> fields.Field:
    return fields.Field(column_name=name, attribute=name, widget=StrictBooleanWidget())


class ActivityResource(resources.ModelResource):
    """One activity a row, found by its slug. A row that would not be valid is refused with its reasons."""

    category = fields.Field(
        column_name="category", attribute="category", widget=widgets.ForeignKeyWidget(Category, "slug")
    )
    targets = _list_column("targets")
    places = _list_column("places")
    dayparts = _list_column("dayparts")
    limits = _list_column("limits")
    reference_verified = _boolean_column("reference_verified")
    active = _boolean_column("active")

    class Meta:
        model = Activity
        import_id_fields = ("slug",)
        exclude = ("id", "changed_at")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True


class LiveFilter(admin.SimpleListFilter):
    title = "offered to people"
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No"), ("soon", f"Review due within {SOON_DAYS} days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> QuerySet[Activity]:
        today = timezone.localdate()
        live = Activity.objects.live(today).values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=live)
        if self.value() == "no":
            return queryset.exclude(pk__in=live)
        if self.value() == "soon":
            return queryset.filter(active=True, review_due__lte=today + timedelta(days=SOON_DAYS))
        return queryset


@admin.register(Activity)
class ActivityAdmin(ImportExportModelAdmin):
    resource_classes = [ActivityResource]
    # The form that lets columns be chosen needs inline script.
    export_form_class = ExportForm
    formats = [base_formats.CSV, base_formats.JSON]
    list_display = ("title", "category", "minutes", "evidence_grade", "reference_verified", "review_due", "live")
    list_filter = (LiveFilter, "category", "evidence_grade", "safety", "reference_verified")
    list_select_related = ("category",)
    search_fields = ("slug", "title", "body", "reference")
    prepopulated_fields = {"slug": ("title",)}
    date_hierarchy = "review_due"
    actions = ("switch_on", "switch_off")
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("title", "slug", "body", "category", "active")}),
        ("Whom it suits", {"fields": ("targets", "minutes", "places", "dayparts", "limits", "cooldown_hours")}),
        (
            "What is known of it",
            {
                "fields": ("evidence_grade", "effect_note", "reference", "doi", "reference_verified", "review_due"),
                "description": "Modest and honest: the note becomes part of the reason people read.",
            },
        ),
        ("Safety", {"fields": ("safety",)}),
    )

    @admin.display(boolean=True, description="Offered")
    def live(self, activity: Activity) -> bool:
        return activity.is_live

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        due = timezone.localdate()
        ready = queryset.filter(review_due__gte=due).exclude(evidence_grade="")
        left_out = queryset.exclude(pk__in=ready.values("pk")).count()
        switched = ready.update(active=True)
        self.message_user(request, f"{switched} switched on.", messages.SUCCESS)
        if left_out:
            self.message_user(
                request,
                f"{left_out} left off: they need an evidence grade and a review date to come.",
                messages.WARNING,
            )

    @admin.action(description="Switch off, at once for everybody", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        self.message_user(request, f"{queryset.update(active=False)} switched off.", messages.SUCCESS)


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "order")
    list_editable = ("order",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(SupportContact)
class SupportContactAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "country", "kind", "phone", "verified_on", "fresh", "active")
    list_filter = ("active", "kind", "country")
    search_fields = ("name", "country", "phone")
    prepopulated_fields = {"slug": ("country", "name")}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions = ("mark_checked",)

    @admin.display(boolean=True, description="Checked lately")
    def fresh(self, contact: SupportContact) -> bool:
        return contact.is_fresh

    @admin.action(description="I have checked today that these answer", permissions=["change"])
    def mark_checked(self, request: HttpRequest, queryset: QuerySet[SupportContact]) -> None:
        count = queryset.update(verified_on=timezone.localdate())
        self.message_user(request, f"{count} marked as checked today.", messages.SUCCESS)


@admin.register(WindowSettings)
class WindowSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One row, never added to or deleted; the list goes straight to it."""

    fieldsets = (
        (
            "The window",
            {
                "fields": ("window_days", "half_life_days"),
                "description": "How each person's own dashboard sums up their own entries. You see none of it.",
            },
        ),
        (
            "From when on something is shown",
            {
                "fields": ("floor_readings", "floor_days", "floor_checkins"),
                "description": "Lower floors show more and are wrong more often.",
            },
        ),
        ("Support page", {"fields": ("support_country",)}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WindowSettings | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_view_or_change_permission(request):
            get_window_settings().save()
            return HttpResponseRedirect(reverse("admin:recommender_windowsettings_change", args=[1]))
        return super().changelist_view(request, extra_context)
