"""Pages of this app."""

from django.urls import URLPattern, path

from recommender.dashboard import views

urlpatterns: list[URLPattern] = [
    path("today/", views.today, name="today"),
    path("today/taste/", views.tell_taste, name="taste"),
    path("today/low-days/", views.answer_low_days, name="low_days"),
    path("today/choose/", views.choose, name="choose"),
    path("today/choose/<slug:slug>/", views.choose_one, name="choose_one"),
    path("today/moment/", views.tell_moment, name="moment"),
    path("today/checkin/", views.check_in, name="checkin"),
    path("today/checkin/skip/", views.skip_check_in, name="checkin_skip"),
    path("today/camera/keep/", views.keep_camera, name="camera_keep"),
    path("today/suggestions/<uuid:suggestion_id>/answer/", views.answer, name="suggestion_answer"),
    path("journal/", views.journal, name="journal"),
    path("journal/year/", views.year, name="journal_year"),
    path("journal/trends/", views.show_trends, name="show_trends"),
    path("journal/entries/<uuid:entry_id>/correct/", views.correct, name="entry_correct"),
    path("journal/entries/<uuid:entry_id>/delete/", views.delete, name="entry_delete"),
    path("activities/<slug:slug>/", views.activity, name="activity"),
    path("catalogue/changes/", views.catalogue_changes, name="catalogue_changes"),
    path("support/", views.support, name="support"),
]
