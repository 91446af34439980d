from django.apps import AppConfig


class KeystoreConfig(AppConfig):
    name = "vault.keystore"
    label = "keystore"
