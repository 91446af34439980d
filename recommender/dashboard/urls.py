"""Pages of this app."""

from django.urls import URLPattern, path

from recommender.dashboard import views

urlpatterns: list[URLPattern] = [
    path("today/", views.today, name="today"),
    path("today/taste/", views.ask_taste, name="taste"),
    path("journal/", views.journal, name="journal"),
    path("journal/year/", views.year, name="journal_year"),
    path("activities/", views.activities, name="activities"),
    path("catalogue/changes/", views.catalogue_changes, name="catalogue_changes"),
    path("support/", views.support, name="support"),
]
