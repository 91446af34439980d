"""Pages of this app."""

from django.conf import settings
from django.urls import URLPattern, path

from emotion.views import captures, consents, readings, zones

urlpatterns: list[URLPattern] = [
    path("you/", captures.show_you, name="you"),
    path("you/ask-first/", captures.choose_ask_first, name="ask_first"),
    path("you/timezone/", zones.choose_timezone, name="timezone"),
    path("consent/", consents.show_consent, name="consent"),
    path("consent/withdraw/", consents.withdraw, name="consent_withdraw"),
    path("consent/<uuid:consent_id>/", consents.show_receipt, name="consent_receipt"),
]

if settings.CAMERA:
    urlpatterns += [
        path("capture/", captures.show_capture, name="capture"),
        path("consent/agree/", consents.agree, name="consent_agree"),
        path("how-faces-are-read/", readings.show_how_faces_are_read, name="how_faces_are_read"),
    ]
