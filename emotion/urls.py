"""Pages of this app."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, path

from emotion.views import captures, consents, journals, readings, vaults, zones

urlpatterns: list[URLPattern] = [
    path("you/", captures.show_you, name="you"),
    path("you/ask-first/", captures.choose_ask_first, name="ask_first"),
    path("you/timezone/", zones.choose_timezone, name="timezone"),
    path("consent/", consents.show_consent, name="consent"),
    path("consent/withdraw/", consents.withdraw, name="consent_withdraw"),
    path("consent/<uuid:consent_id>/", consents.show_receipt, name="consent_receipt"),
    path("vault/", vaults.show_vault, name="vault"),
    path("vault/new/", vaults.make_vault, name="vault_new"),
    path("vault/code/", vaults.show_recovery_code, name="vault_code"),
    path("vault/code/check/", vaults.check_recovery_code, name="vault_code_check"),
    path("vault/open/", vaults.open_vault, name="vault_open"),
    path("vault/close/", vaults.lock_vault, name="vault_close"),
    path("vault/awake/", vaults.stay_awake, name="vault_awake"),
    path("vault/passphrase/", vaults.change_passphrase, name="vault_passphrase"),
    path("vault/recover/", vaults.recover_vault, name="vault_recover"),
    path("vault/renew/", vaults.renew_vault, name="vault_renew"),
    path("vault/check/", journals.check_journal, name="vault_check"),
    path("vault/check/accept/", journals.accept_journal, name="vault_accept"),
    path("vault/keep/", journals.keep_journal, name="vault_keep"),
    path("vault/erase/", vaults.erase_vault, name="vault_erase"),
]

if settings.CAMERA:
    urlpatterns += [
        path("capture/", captures.show_capture, name="capture"),
        path("consent/agree/", consents.agree, name="consent_agree"),
        path("how-faces-are-read/", readings.show_how_faces_are_read, name="how_faces_are_read"),
    ]
