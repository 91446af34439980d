"""API routes of this app, under /api/v1/."""

from django.conf import settings
from django.urls import URLPattern, path

from emotion.api import views

urlpatterns: list[URLPattern] = [
    path("session/", views.SessionView.as_view(), name="api_session"),
    path("settings/", views.PersonalSettingsView.as_view(), name="api_settings"),
    path("schedule/", views.ScheduleView.as_view(), name="api_schedule"),
    path("schedule/pause/", views.PauseView.as_view(), name="api_schedule_pause"),
    path("schedule/done/", views.MomentDoneView.as_view(), name="api_schedule_done"),
    path("consent/", views.ConsentView.as_view(), name="api_consent"),
    path("journal/entries/", views.EntriesView.as_view(), name="api_entries"),
    path("journal/entries/<uuid:entry_id>/", views.EntryView.as_view(), name="api_entry"),
    path("journal/entries/<uuid:entry_id>/correction/", views.CorrectionView.as_view(), name="api_correction"),
]

if settings.CAMERA:
    urlpatterns += [
        path("captures/", views.CapturesView.as_view(), name="api_captures"),
        path("captures/<uuid:capture_id>/", views.CaptureView.as_view(), name="api_capture"),
        path("camera-uses/", views.CameraUsesView.as_view(), name="api_camera_uses"),
        path("resting-face/", views.RestingFaceView.as_view(), name="api_resting_face"),
    ]
