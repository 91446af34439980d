"""Pages of this app."""

from allauth.account.views import password_set
from django.urls import URLPattern, path

from accounts import sign_on, views
from accounts.decorators import reauthentication_required

urlpatterns: list[URLPattern] = [
    # In the place of allauth's own.
    path("accounts/oidc/<slug:provider_id>/login/", sign_on.sign_on, name="oidc_sign_on"),
    path("accounts/oidc/<slug:provider_id>/login/callback/", sign_on.come_back, name="oidc_come_back"),
    path("accounts/oidc/confirm/", sign_on.confirm, name="oidc_confirm"),
    path("accounts/confirm-email/", views.show_confirmation_sent, name="confirmation_sent"),
    path("accounts/password/reset/done/", views.show_reset_sent, name="reset_sent"),
    path("accounts/password/set/", reauthentication_required(password_set), name="password_first"),
    path("you/devices/", views.show_devices, name="devices"),
    path("you/devices/end/", views.end_device, name="device_end"),
    path("you/devices/end-others/", views.end_other_devices, name="devices_end_others"),
    path("you/token/", views.show_token, name="token"),
    path("you/token/make/", views.make_token, name="token_make"),
    path("you/token/revoke/", views.revoke_token, name="token_revoke"),
]
