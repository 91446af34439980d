"""A vault in the database: a public key, wrapped private keys, and sealed entries that it cannot read."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Vault(models.Model):
    """One person's key pair. The public key seals; the private key is stored only inside `KeySlot`s."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="vault")
    public_key = models.BinaryField(max_length=32)
    binding = models.BinaryField(help_text="MAC over id and public key, so that a swapped key is refused.")
    created_on = models.DateField(default=timezone.localdate)
    keep_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How long entries are kept, when its owner wants less than the site's rule."
    )
    opened_in = models.DateField(
        null=True, blank=True, help_text="First day of the month in which it was last opened; no finer, on purpose."
    )
    mac = models.BinaryField(help_text="Of the three before: what only its owner and this site may say of it.")
    former = models.UUIDField(
        null=True, blank=True, help_text="The vault it took the place of, until that one's erasure key is destroyed."
    )

    def __str__(self) -> str:
        return f"vault {self.pk}"


class Precaution(models.Model):
    """What a person's vault waits for before it goes, or comes to be, on the word of a sign-in alone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="precaution")
    password_given_at = models.DateTimeField(
        null=True, help_text="When an administrator last set the sign-in password, or a mail reset it."
    )
    erasure_asked_at = models.DateTimeField(
        null=True, help_text="When erasing without passphrase and recovery code was asked for, and not called off."
    )

    def __str__(self) -> str:
        return f"precaution {self.pk}"


class KeySlot(models.Model):
    """The private key of one vault, wrapped under one secret and again under the vault's erasure key."""

    class Slot(models.TextChoices):
        PASSPHRASE = "passphrase"  # noqa: S105 -- the name of a slot
        RECOVERY = "recovery"
        PASSKEY = "passkey"

    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="key_slots")
    slot = models.CharField(max_length=16, choices=Slot)
    credential = models.CharField(max_length=1400, blank=True, help_text="Of a passkey: its id, base64url.")
    sealed = models.BinaryField()
    failures = models.PositiveIntegerField(default=0, help_text="Wrong secrets since it last opened.")
    closed_until = models.DateTimeField(null=True, blank=True, help_text="No try is taken before, after too many.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vault", "slot", "credential"], name="one_key_per_slot")]

    def __str__(self) -> str:
        return f"{self.slot} lock of {self.vault_id}"


class Entry(models.Model):
    """The inbox: one sealed entry, until it is compacted into a page. The row shows the vault and day, nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="entries")
    capture_id = models.UUIDField(null=True, blank=True, unique=True)
    day = models.DateField()
    sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["vault", "day"], name="entries_by_day")]
        verbose_name_plural = _("entries")

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Page(models.Model):
    """A sealed month of one journal. Month, version and number of entries are inside the seal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="pages")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"page {self.pk}"


class Manifest(models.Model):
    """The sealed list of a journal's pages, which detects a missing, older or foreign page."""

    vault = models.OneToOneField(Vault, on_delete=models.CASCADE, primary_key=True, related_name="manifest")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"manifest of {self.pk}"
