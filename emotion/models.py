"""What the database knows: who has a vault, what was agreed to, what waits, and sealed entries it cannot read."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Vault(models.Model):
    """One person's key pair. The public half seals; the private half exists only inside `Lock`s."""

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
    former = models.UUIDField(
        null=True, blank=True, help_text="The vault it took the place of, until that one's erasure key is destroyed."
    )

    def __str__(self) -> str:
        return f"vault {self.pk}"


class Lock(models.Model):
    """The private key of one vault, wrapped under one secret and again under the vault's erasure key."""

    class Slot(models.TextChoices):
        PASSPHRASE = "passphrase"  # noqa: S105 -- the name of a slot
        RECOVERY = "recovery"

    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="locks")
    slot = models.CharField(max_length=16, choices=Slot)
    sealed = models.BinaryField()
    failures = models.PositiveIntegerField(default=0, help_text="Wrong secrets since it last opened.")
    closed_until = models.DateTimeField(null=True, blank=True, help_text="No try is taken before, after too many.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vault", "slot"], name="one_lock_per_slot")]

    def __str__(self) -> str:
        return f"{self.slot} lock of {self.vault_id}"


class Consent(models.Model):
    """One person's agreement to one text, from when it was given until it ended."""

    class Purpose(models.TextChoices):
        CAMERA = "camera", "Snapshots of my face, read by the classifier"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=16, choices=Purpose)
    text_version = models.CharField(max_length=16)
    text_hash = models.CharField(max_length=64)
    given_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=models.Q(ended_at=None), name="one_live_consent_per_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


def make_seed() -> bytes:
    return secrets.token_bytes(32)


class Schedule(models.Model):
    """When the open capture page may take a snapshot by itself; see `emotion.schedule` for what the fields mean.

    Its time zone is that of all the person's days and times, with a camera or without.
    """

    class Mode(models.TextChoices):
        RANDOM = "random"
        EVERY = "every"
        TIMES = "times"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schedule")
    enabled = models.BooleanField(default=False)
    days = models.JSONField(default=list, help_text="Weekdays, Monday is 0.")
    start = models.TimeField()
    end = models.TimeField()
    timezone = models.CharField(max_length=64, default="UTC")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.RANDOM)
    per_day = models.PositiveSmallIntegerField(default=3)
    every_minutes = models.PositiveSmallIntegerField(default=60)
    times = models.JSONField(default=list, blank=True, help_text='Such as ["09:30", "14:00"].')
    min_gap_minutes = models.PositiveSmallIntegerField(default=45)
    quiet = models.JSONField(default=list, blank=True, help_text='Such as [["12:00", "13:00"]].')
    expiry_minutes = models.PositiveSmallIntegerField(default=30)
    paused_until = models.DateTimeField(null=True, blank=True)
    done_until = models.DateTimeField(null=True, blank=True, help_text="The last moment that was answered.")
    seed = models.BinaryField(default=make_seed, help_text="What random moments are drawn from.")

    def __str__(self) -> str:
        return f"schedule {self.pk}"


class PersonalSettings(models.Model):
    """What one person chose about how their own readings are shown. Tells nothing about a face or a feeling."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_settings")
    ask_first = models.BooleanField(default=True, help_text="Hold today's readings back until the person has spoken.")
    resting_face_on = models.DateField(
        null=True, blank=True, help_text="Day of the journal entry that holds the resting face; empty: there is none."
    )
    resting_face_model = models.CharField(
        max_length=100, blank=True, help_text="The model it was learnt with: readings of others are not corrected."
    )

    class Meta:
        verbose_name_plural = "personal settings"

    def __str__(self) -> str:
        return f"personal settings {self.pk}"


class Capture(models.Model):
    """One taking of 1 to 5 frames on its way to a reading; deleted a day after it ended."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RECORDED = "recorded"
        REJECTED = "rejected"
        EXPIRED = "expired"
        FAILED = "failed"
        WITHDRAWN = "withdrawn"

    class Trigger(models.TextChoices):
        MANUAL = "manual"
        SCHEDULED = "scheduled"
        NEUTRAL = "neutral", "Resting face"

    id = models.UUIDField(primary_key=True, editable=False)
    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="captures")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=32, blank=True, help_text="Why there is no entry; never what a face showed.")
    trigger = models.CharField(max_length=16, choices=Trigger, default=Trigger.MANUAL)
    frame_count = models.PositiveSmallIntegerField(default=1)
    sealed_key = models.BinaryField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.UUIDField(null=True, blank=True, help_text="The task that has it in hand.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # The sweeper's and the back-pressure gauge's question: what still waits?
            models.Index(fields=["queued_at"], condition=models.Q(state="queued"), name="captures_waiting"),
            models.Index(fields=["vault", "queued_at"], name="captures_of_a_vault"),
            # What the sweeper deletes a day after its end.
            models.Index(fields=["finished_at"], condition=~models.Q(state="queued"), name="captures_finished"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="queued") | models.Q(sealed_key=None), name="ended_capture_has_no_key"
            )
        ]

    def __str__(self) -> str:
        return f"capture {self.pk}"


class Entry(models.Model):
    """The inbox: one sealed line of a journal, until its vault is opened and the line is folded into a page.

    The row tells whose and which day, nothing else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="entries")
    capture_id = models.UUIDField(null=True, blank=True, unique=True)
    day = models.DateField()
    sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["vault", "day"], name="entries_by_day")]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Page(models.Model):
    """A month of one journal, sealed. Which month, which version and how many entries stand inside the seal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vault = models.ForeignKey(Vault, on_delete=models.CASCADE, related_name="pages")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"page {self.pk}"


class Manifest(models.Model):
    """The sealed list of a journal's pages, so that one that is gone, older or another's is noticed."""

    vault = models.OneToOneField(Vault, on_delete=models.CASCADE, primary_key=True, related_name="manifest")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"manifest of {self.pk}"
