"""Categories, support contacts and the window."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.admin.forms import UnchangedForm, make_translated_form
from recommender.catalogue.models import Category, SupportContact, WindowSettings
from recommender.catalogue.selectors import get_window_settings


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    form = make_translated_form(Category)
    list_display = ("name", "slug", "order")
    list_editable = ("order",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(SupportContact)
class SupportContactAdmin(admin.ModelAdmin):
    form = make_translated_form(SupportContact)
    list_display = ("name", "country", "kind", "phone", "verified_on", "fresh", "shown", "active")
    list_filter = ("active", "kind", "country")
    search_fields = ("name", "country", "phone")
    prepopulated_fields = {"slug": ("country", "name")}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions = ("mark_checked",)

    @admin.display(boolean=True, description=_("Checked lately"))
    def fresh(self, contact: SupportContact) -> bool:
        return contact.is_fresh

    @admin.display(boolean=True, description=_("Number shown"))
    def shown(self, contact: SupportContact) -> bool | None:
        return contact.may_show_phone if contact.phone else None

    @admin.action(description=_("I have checked today that these answer"), permissions=["change"])
    def mark_checked(self, request: HttpRequest, queryset: QuerySet[SupportContact]) -> None:
        count = queryset.update(verified_on=timezone.localdate())
        told = gettext("%(count)d marked as checked today.")
        self.message_user(request, told % {"count": count}, messages.SUCCESS)


@admin.register(WindowSettings)
class WindowSettingsAdmin(admin.ModelAdmin):
    """One row, never added to or deleted; the list goes straight to it."""

    form = UnchangedForm
    change_form_template = "admin/recommender/windowsettings/change_form.html"
    fieldsets = (
        (
            _("The window"),
            {
                "fields": ("window_days", "half_life_days"),
                "description": "How each person's own dashboard sums up their own entries. You see none of it.",
            },
        ),
        (
            _("From when on something is shown"),
            {
                "fields": ("floor_readings", "floor_days", "floor_checkins"),
                "description": "Lower floors show more and are wrong more often.",
            },
        ),
        (
            _("Low days"),
            {
                "fields": ("usual_days", "low_caution", "gentle_days"),
                "description": "When a person's latest days lie below their own usual, their page asks them, and "
                "nobody else, whether that fits. Nothing is concluded and nobody is told.",
            },
        ),
        (_("Support page"), {"fields": ("support_country", "seen")}),
    )

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Every help text ends with what the value may be and what it was at first."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        low = [check.limit_value for check in db_field.validators if isinstance(check, MinValueValidator)]
        high = [check.limit_value for check in db_field.validators if isinstance(check, MaxValueValidator)]
        if field is not None and low and high:
            bounds = gettext("From %(low)s to %(high)s; at first %(default)s.") % {
                "low": max(low),
                "high": min(high),
                "default": db_field.default,
            }
            field.help_text = f"{db_field.help_text} {bounds}"
        return field

    def get_urls(self) -> list[URLPattern]:
        reset = path("reset/", self.admin_site.admin_view(self.reset_view), name="recommender_windowsettings_reset")
        return [reset, *super().get_urls()]

    def reset_view(self, request: HttpRequest) -> HttpResponse:
        """Back to how everything was at first; the country of the support page stays."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        before = get_window_settings()
        WindowSettings(support_country=before.support_country).save()
        self.log_change(request, before, gettext("Went back to the defaults."))
        self.message_user(request, _("Everything is as it was at first."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:recommender_windowsettings_change", args=[1]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WindowSettings | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_view_or_change_permission(request):
            get_window_settings().save()
            return HttpResponseRedirect(reverse("admin:recommender_windowsettings_change", args=[1]))
        return super().changelist_view(request, extra_context)
