"""Addresses under /api/v1/."""

from django.urls import URLPattern, path

from recommender.dashboard.api.views import CheckInsView, FeedbackView, MoodView, SkipCheckInView, SuggestionsView

urlpatterns: list[URLPattern] = [
    path("checkins/", CheckInsView.as_view(), name="api_checkins"),
    path("checkins/skip/", SkipCheckInView.as_view(), name="api_checkin_skip"),
    path("mood/", MoodView.as_view(), name="api_mood"),
    path("suggestions/", SuggestionsView.as_view(), name="api_suggestions"),
    path("suggestions/<uuid:suggestion_id>/feedback/", FeedbackView.as_view(), name="api_feedback"),
]
