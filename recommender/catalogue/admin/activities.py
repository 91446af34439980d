"""Activities: edit, draft, publish, look back, restore, import, export, preview."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportModelAdmin
from import_export.formats import base_formats
from import_export.forms import ExportForm

from accounts.http import signed_in
from recommender.catalogue.admin.formats import SpreadsheetCSV
from recommender.catalogue.admin.forms import DraftForm, PreviewForm, make_translated_form
from recommender.catalogue.admin.resources import ActivityResource
from recommender.catalogue.admin_overview import SOON_DAYS, compare_versions, get_deleted
from recommender.catalogue.fields import further_languages
from recommender.catalogue.models import Activity, ActivityDraft, ActivityVersion
from recommender.catalogue.services.activities import (
    apply_content,
    bring_back,
    delete_activities,
    get_latest_number,
    publish_draft,
    save_activity,
    save_draft,
    switch_activities,
)
from recommender.catalogue.services.previewing import preview_suggestions

ActivityForm = make_translated_form(Activity, DraftForm)


class LiveFilter(admin.SimpleListFilter):
    title = _("offered to people")
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("yes", gettext("Yes")),
            ("no", gettext("No")),
            ("overdue", gettext("Review overdue")),
            ("soon", gettext("Review due within %(days)d days") % {"days": SOON_DAYS}),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> QuerySet[Activity]:
        today = timezone.localdate()
        live = Activity.objects.live(today).values("pk")
        filters = {
            "yes": lambda: queryset.filter(pk__in=live),
            "no": lambda: queryset.exclude(pk__in=live),
            "overdue": lambda: queryset.filter(active=True, review_due__lt=today),
            "soon": lambda: queryset.filter(active=True, review_due__lte=today + timedelta(days=SOON_DAYS)),
        }
        return filters.get(self.value() or "", lambda: queryset)()


@admin.register(Activity)
class ActivityAdmin(ImportExportModelAdmin):
    form = ActivityForm
    resource_classes = [ActivityResource]
    # The form that lets columns be chosen needs inline script.
    export_form_class = ExportForm
    formats = [SpreadsheetCSV, base_formats.JSON]
    change_form_template = "admin/recommender/activity/change_form.html"
    import_export_change_list_template = "admin/recommender/activity/change_list.html"
    import_template_name = "admin/recommender/activity/import.html"
    list_display = ("title", "category", "minutes", "evidence_grade", "reference_verified", "review_due", "live")
    list_filter = (LiveFilter, "category", "evidence_grade", "safety", "reference_verified")
    list_select_related = ("category",)
    search_fields = ("slug", "title", "body", "reference")
    actions = ("switch_on", "switch_off")
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("title", "slug", "body", "category", "active", "seen")}),
        (_("Whom it suits"), {"fields": ("targets", "minutes", "places", "dayparts", "limits", "cooldown_hours")}),
        (
            _("What is known of it"),
            {
                "fields": ("evidence_grade", "effect_note", "reference", "doi", "reference_verified", "review_due"),
                "description": "Modest and honest: the note becomes part of the reason people read.",
            },
        ),
        (
            _("In other languages"),
            {
                "fields": ActivityForm.translated,
                "description": "Whoever reads another language is told this; without it they are told the English.",
            },
        ),
        (_("Safety"), {"fields": ("safety",)}),
    )

    @admin.display(boolean=True, description=_("Offered"))
    def live(self, activity: Activity) -> bool:
        return activity.is_live

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        switched, left_out = switch_activities(queryset, on=True, by=signed_in(request))
        told = gettext("%(count)d switched on.")
        self.message_user(request, told % {"count": switched}, messages.SUCCESS)
        if left_out:
            warning = gettext("%(count)d left off: they need an evidence grade and a review date to come.")
            self.message_user(request, warning % {"count": left_out}, messages.WARNING)

    @admin.action(description=_("Switch off, at once for everybody"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        switched, _ = switch_activities(queryset, on=False, by=signed_in(request))
        told = gettext("%(count)d switched off.")
        self.message_user(request, told % {"count": switched}, messages.SUCCESS)

    def get_readonly_fields(self, request: HttpRequest, obj: Activity | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Activity | None = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("title",)}

    def get_urls(self) -> list[URLPattern]:
        def named(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"recommender_activity_{name}")

        return [
            named("preview/", self.preview_view, "preview"),
            named("deleted/", self.deleted_view, "deleted"),
            named("<int:pk>/history/<int:number>/", self.version_view, "version"),
            named("<int:pk>/draft/publish/", self.publish_view, "publish"),
            named("<int:pk>/draft/discard/", self.discard_view, "discard"),
            *super().get_urls(),
        ]

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        unread = ValidationError(_("This file is not what its format says. Choose CSV or JSON, as you saved it."))
        form.add_error("import_file", e if isinstance(e, ValidationError) else unread)

    ## Drafts

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Activity | None:
        """With `?draft` in the address, the activity as its draft would have it."""
        activity: Activity | None = super().get_object(request, object_id, from_field)
        if activity is not None and "draft" in request.GET and hasattr(activity, "draft"):
            apply_content(activity, activity.draft.content)
        return activity

    def get_form(self, request: HttpRequest, obj: Activity | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.shows_draft = "draft" in request.GET
        return form

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        draft = getattr(super().get_object(request, object_id), "draft", None)
        context: dict[str, Any] = {"draft": draft}
        if draft is not None:
            context["edits_draft"] = "draft" in request.GET
            context["overtaken"] = draft.based_on != get_latest_number(draft.activity.slug)
        response: HttpResponse = super().change_view(request, object_id, form_url, (extra_context or {}) | context)
        return response

    def save_model(self, request: HttpRequest, obj: Activity, form: Any, change: bool) -> None:
        if change and "_draft" in request.POST:
            save_draft(obj, obj.to_content(), by=signed_in(request))
            return
        from_draft = change and "draft" in request.GET
        note = gettext("Published from a draft") if from_draft else gettext("Edited") if change else gettext("Created")
        save_activity(obj, by=signed_in(request), note=note)
        if from_draft:
            ActivityDraft.objects.filter(activity_id=obj.pk).delete()

    def delete_model(self, request: HttpRequest, obj: Activity) -> None:
        delete_activities([obj], by=signed_in(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        delete_activities(queryset.select_related("category"), by=signed_in(request))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        if "_draft" in request.POST and not add:
            return gettext("Kept a draft.")
        return super().construct_change_message(request, form, formsets, add)

    def response_change(self, request: HttpRequest, obj: Activity) -> HttpResponse:
        if "_draft" in request.POST:
            self.message_user(request, _("The draft is kept. What people see has not changed."), messages.SUCCESS)
            return HttpResponseRedirect(_change_url(obj.pk) + "?draft")
        response: HttpResponse = super().response_change(request, obj)
        return response

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self._get_draft(request, pk)
        try:
            activity = publish_draft(draft, by=signed_in(request))
        except ValidationError as error:
            for message in error.messages:
                self.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(_change_url(pk) + "?draft")
        self.log_change(request, activity, gettext("Published a draft."))
        self.message_user(request, _("Published: from now on this is what people see."), messages.SUCCESS)
        return HttpResponseRedirect(_change_url(pk))

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_draft(request, pk).delete()
        self.message_user(request, _("The draft is gone. What people see has not changed."), messages.SUCCESS)
        return HttpResponseRedirect(_change_url(pk))

    def _get_draft(self, request: HttpRequest, pk: int) -> ActivityDraft:
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            raise Http404
        return get_object_or_404(ActivityDraft, activity_id=pk)

    ## Versions

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        activity = self._get_activity(request, object_id)
        title = gettext("Versions of %(name)s") % {"name": activity.title}
        context = {"changes": compare_versions(activity.slug), "title": title}
        return self._render(request, "versions", activity, context)

    def version_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        activity = self._get_activity(request, str(pk))
        version = get_object_or_404(ActivityVersion, slug=activity.slug, number=number)
        if request.method == "POST":
            if not self.has_change_permission(request, activity):
                raise PermissionDenied
            save_draft(activity, version.content, by=signed_in(request))
            told = gettext("Version %(number)d is a draft now. Look it over and publish it.")
            self.message_user(request, told % {"number": number})
            return HttpResponseRedirect(_change_url(pk) + "?draft")
        change = next(change for change in compare_versions(activity.slug) if change.version.number == number)
        rows = [(name, told, key in change.names) for key, name, told in _tell_content(version.content)]
        title = gettext("%(name)s, version %(number)d") % {"name": activity.title, "number": number}
        context = {"version": version, "rows": rows, "title": title}
        return self._render(request, "version", activity, context)

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """What was deleted, and a way back."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        deleted = get_deleted()
        if request.method != "POST":
            return self._render(request, "deleted", None, {"deleted": deleted, "title": gettext("Deleted activities")})
        version = next((version for version in deleted if version.slug == request.POST.get("slug")), None)
        if version is None:
            raise Http404
        try:
            activity = bring_back(version, by=signed_in(request))
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return HttpResponseRedirect(request.path)
        self.log_addition(request, activity, gettext("Brought back."))
        self.message_user(request, _("It is back, and switched off. Look it over and switch it on."), messages.SUCCESS)
        return HttpResponseRedirect(_change_url(activity.pk))

    def _get_activity(self, request: HttpRequest, object_id: str) -> Activity:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        activity: Activity | None = super().get_object(request, object_id)
        if activity is None:
            raise Http404
        return activity

    ## Preview

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        form = PreviewForm(request.GET if "at" in request.GET else None)
        context: dict[str, Any] = {"form": form, "title": gettext("What would be offered"), "preview": None}
        if form.is_valid():
            again = request.GET.copy()
            again["draw"] = str(form.cleaned_data["draw"] + 1)
            context |= {"preview": preview_suggestions(**form.cleaned_data), "again": again.urlencode()}
        return self._render(request, "preview", None, context)

    def _render(
        self, request: HttpRequest, name: str, activity: Activity | None, context: dict[str, Any]
    ) -> HttpResponse:
        base = self.admin_site.each_context(request) | {"opts": self.opts, "activity": activity}
        return TemplateResponse(request, f"admin/recommender/activity/{name}.html", base | context)


def _tell_content(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each field's key, its name and what it held, in words."""
    for key, value in content.items():
        if key != "translations":
            yield key, key.replace("_", " "), _tell(value)
            continue
        for code, language in further_languages().items():
            for text, words in value.get(code, {}).items():
                name = gettext("%(text)s in %(language)s") % {"text": text.replace("_", " "), "language": language}
                yield key, name, words


def _tell(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def _change_url(pk: int) -> str:
    return reverse("admin:recommender_activity_change", args=[pk])
