"""Administrators manage accounts. No vault, consent, capture or journal is ever registered here or elsewhere."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.adapters import replace_addresses
from accounts.choices import Event
from accounts.models import User
from accounts.notices import report

admin.site.site_header = _("Wellbeing administration")
admin.site.site_title = "Wellbeing"
admin.site.index_title = _("Catalogue and accounts")
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# A second factor or a foreign account signs its owner in.
for private in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(private)


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    """Accounts can be closed here, not deleted: the page that asks lists what would go, private rows included."""

    ordering = ("email",)
    list_display = ("email", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email",)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever reads mail at the former address no longer gets in with it; the person finds it in their own list."""
        super().save_model(request, obj, form, change)
        if change and obj.email != form.initial["email"]:
            replace_addresses(request, obj)
        if change and obj.is_active != form.initial["is_active"]:
            report(obj, Event.ACCOUNT_OPENED if obj.is_active else Event.ACCOUNT_CLOSED, here=request)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 -- Django's name
        """The person finds in their own list that an administrator has done this."""
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            report(User.objects.get(pk=id), Event.PASSWORD_GIVEN, here=request)
        return response

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
