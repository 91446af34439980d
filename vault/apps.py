from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "vault"

    def ready(self) -> None:
        from vault import receivers  # noqa: F401, PLC0415 -- connects signals
