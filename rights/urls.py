"""Pages of this app."""

from django.urls import URLPattern, path

from rights import views

urlpatterns: list[URLPattern] = [
    path("you/data/", views.show_data, name="data"),
    path("you/data/export/", views.export, name="export"),
    path("you/data/import/", views.import_entries, name="import"),
    path("you/camera/", views.show_camera_uses, name="camera_uses"),
    path("you/audit/", views.show_audit, name="audit"),
    path("you/leave/", views.leave, name="leave"),
    path("consent/<uuid:consent_id>/receipt.jsonld", views.show_receipt_document, name="consent_receipt_document"),
]
