"""Pages of this app."""

from django.urls import URLPattern, path

from vault import passkey_views, views

urlpatterns: list[URLPattern] = [
    path("vault/", views.show_vault, name="vault"),
    path("vault/new/", views.MakeVault.as_view(), name="vault_new"),
    path("vault/code/", views.show_recovery_code, name="vault_code"),
    path("vault/code/check/", views.CheckRecoveryCode.as_view(), name="vault_code_check"),
    path("vault/open/", views.OpenVault.as_view(), name="vault_open"),
    path("vault/close/", views.lock_vault, name="vault_close"),
    path("vault/awake/", views.stay_awake, name="vault_awake"),
    path("vault/passphrase/", views.ChangePassphrase.as_view(), name="vault_passphrase"),
    path("vault/passkey/", passkey_views.AddPasskey.as_view(), name="vault_passkey"),
    path("vault/passkey/remove/", passkey_views.remove_passkey, name="vault_passkey_remove"),
    path("vault/recover/", views.RecoverVault.as_view(), name="vault_recover"),
    path("vault/renew/", views.RenewVault.as_view(), name="vault_renew"),
    path("vault/check/", views.check_journal, name="vault_check"),
    path("vault/check/accept/", views.accept_journal, name="vault_accept"),
    path("vault/keep/", views.keep_journal, name="vault_keep"),
    path("vault/erase/", views.EraseVault.as_view(), name="vault_erase"),
    path("vault/erase/ask/", views.ask_erasure, name="vault_erase_ask"),
    path("vault/erase/stop/", views.stop_erasure, name="vault_erase_stop"),
]
