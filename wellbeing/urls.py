"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView

from wellbeing import health, pwa, views

admin.autodiscover()

# allauth shows it where one of its limits is reached.
handler429 = views.too_many_requests
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
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", login_not_required(SpectacularAPIView.as_view()), name="schema"),
    path("api/v1/", include("emotion.api.urls")),
    path("api/v1/", include("recommender.dashboard.api.urls")),
    path("", include("vault.urls")),
    path("", include("emotion.urls")),
    path("", include("recommender.dashboard.urls")),
    path("", include("rights.urls")),
]
