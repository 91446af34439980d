"""Addresses under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from recommender.api.views import FeedbackView, MoodView, SuggestionsView

urlpatterns: list[URLPattern] = [
    path("mood/", MoodView.as_view(), name="api_mood"),
    path("suggestions/", SuggestionsView.as_view(), name="api_suggestions"),
    path("suggestions/<uuid:suggestion_id>/feedback/", FeedbackView.as_view(), name="api_feedback"),
]
