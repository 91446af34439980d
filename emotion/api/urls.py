"""API routes of this app, under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from emotion.api import views

urlpatterns: list[URLPattern] = [
    path("captures/", views.CapturesView.as_view(), name="api_captures"),
    path("captures/<uuid:capture_id>/", views.CaptureView.as_view(), name="api_capture"),
    path("schedule/", views.ScheduleView.as_view(), name="api_schedule"),
    path("schedule/pause/", views.PauseView.as_view(), name="api_schedule_pause"),
    path("consent/", views.ConsentView.as_view(), name="api_consent"),
    path("journal/entries/", views.EntriesView.as_view(), name="api_entries"),
    path("journal/entries/<uuid:entry_id>/", views.EntryView.as_view(), name="api_entry"),
    path("journal/entries/<uuid:entry_id>/correction/", views.CorrectionView.as_view(), name="api_correction"),
]
