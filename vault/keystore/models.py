"""The outer key over one vault's locks. Destroying it makes every backup of those locks useless."""

from django.db import models


class ErasureKey(models.Model):
    """256 random bits for one vault, kept apart from the main database."""

    vault_id = models.UUIDField(primary_key=True)
    key = models.BinaryField(max_length=32)
    owner = models.BigIntegerField(
        help_text="Whose vault it is, out of reach of who writes to the main database alone."
    )
    public_key = models.BinaryField(max_length=32, help_text="Of the vault, for the same reason.")

    def __str__(self) -> str:
        return str(self.vault_id)
