"""Pages of this app."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, path

from emotion.views import captures, consents, readings, zones
from vault import journal_views, views

urlpatterns: list[URLPattern] = [
    path("you/", captures.show_you, name="you"),
    path("you/ask-first/", captures.choose_ask_first, name="ask_first"),
    path("you/timezone/", zones.choose_timezone, name="timezone"),
    path("consent/", consents.show_consent, name="consent"),
    path("consent/withdraw/", consents.withdraw, name="consent_withdraw"),
    path("consent/<uuid:consent_id>/", consents.show_receipt, name="consent_receipt"),
    path("vault/", views.show_vault, name="vault"),
    path("vault/new/", views.make_vault, name="vault_new"),
    path("vault/code/", views.show_recovery_code, name="vault_code"),
    path("vault/code/check/", views.check_recovery_code, name="vault_code_check"),
    path("vault/open/", views.open_vault, name="vault_open"),
    path("vault/close/", views.lock_vault, name="vault_close"),
    path("vault/awake/", views.stay_awake, name="vault_awake"),
    path("vault/passphrase/", views.change_passphrase, name="vault_passphrase"),
    path("vault/recover/", views.recover_vault, name="vault_recover"),
    path("vault/renew/", views.renew_vault, name="vault_renew"),
    path("vault/check/", journal_views.check_journal, name="vault_check"),
    path("vault/check/accept/", journal_views.accept_journal, name="vault_accept"),
    path("vault/keep/", journal_views.keep_journal, name="vault_keep"),
    path("vault/erase/", views.erase_vault, name="vault_erase"),
]

if settings.CAMERA:
    urlpatterns += [
        path("capture/", captures.show_capture, name="capture"),
        path("consent/agree/", consents.agree, name="consent_agree"),
        path("how-faces-are-read/", readings.show_how_faces_are_read, name="how_faces_are_read"),
    ]
