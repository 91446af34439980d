"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView

from accounts import views
from wellbeing import health, pwa, views

admin.autodiscover()

handler500 = views.server_error

urlpatterns = [
    path("", views.home, name="home"),
    path("privacy/", views.privacy, name="privacy"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("favicon.ico", pwa.favicon, name="favicon"),
    path("service-worker.js", pwa.service_worker, name="service_worker"),
    path("offline/", pwa.offline, name="offline"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("you/devices/", views.show_devices, name="devices"),
    path("you/devices/end/", views.end_device, name="device_end"),
    path("you/devices/end-others/", views.end_other_devices, name="devices_end_others"),
    path("you/token/", views.show_token, name="token"),
    path("you/token/make/", views.make_token, name="token_make"),
    path("you/token/revoke/", views.revoke_token, name="token_revoke"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", login_not_required(SpectacularAPIView.as_view()), name="schema"),
    path("api/v1/", include("emotion.api.urls")),
    path("api/v1/", include("recommender.dashboard.api.urls")),
    path("", include("emotion.urls")),
    path("", include("recommender.dashboard.urls")),
    path("", include("rights.urls")),
]
