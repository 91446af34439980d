"""Pages of this app."""

from __future__ import annotations

from django.urls import URLPattern, path

from vault import journal_views, views

urlpatterns: list[URLPattern] = [
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
