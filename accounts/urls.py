"""Pages of this app."""

from django.urls import URLPattern, path

from accounts import views

urlpatterns: list[URLPattern] = [
    path("you/devices/", views.show_devices, name="devices"),
    path("you/devices/end/", views.end_device, name="device_end"),
    path("you/devices/end-others/", views.end_other_devices, name="devices_end_others"),
    path("you/token/", views.show_token, name="token"),
    path("you/token/make/", views.make_token, name="token_make"),
    path("you/token/revoke/", views.revoke_token, name="token_revoke"),
]
