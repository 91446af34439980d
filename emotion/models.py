"""What the database knows of snapshots: consents, when they are taken, what waits. Never what a face showed."""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.selectors import get_timezone
from emotion.choices import Trigger


class Consent(models.Model):
    """One person's agreement to one text, from when it was given until it ended."""

    class Purpose(models.TextChoices):
        CAMERA = "camera", _("Snapshots of my face, read by the classifier")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=16, choices=Purpose)
    text_version = models.CharField(max_length=16)
    text_hash = models.CharField(max_length=64)
    vault_id = models.UUIDField(help_text="For readings sealed to this vault alone, which may be gone by now.")
    key_id = models.BinaryField(max_length=16, help_text="Names that vault's public key.")
    given_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    mac = models.BinaryField(help_text="Of all the rest: a row without a right one is no consent.")

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
    """When the open capture page may take a snapshot by itself; see `emotion.schedule` for what the fields mean."""

    class Mode(models.TextChoices):
        RANDOM = "random"
        EVERY = "every"
        TIMES = "times"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schedule")
    enabled = models.BooleanField(default=False)
    days = models.JSONField(default=list, help_text="Weekdays, Monday is 0.")
    start = models.TimeField()
    end = models.TimeField()
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
    mac = models.BinaryField(help_text="Of all the person chose: a row without a right one is not followed.")

    def __str__(self) -> str:
        return f"schedule {self.pk}"

    @property
    def timezone(self) -> str:
        """That of all the person's days and times, with a camera or without."""
        return get_timezone(self.user)


class PersonalSettings(models.Model):
    """What one person chose about how their own readings are shown. Tells nothing about a face or a feeling."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_settings")
    ask_first = models.BooleanField(default=True, help_text="Hold today's readings back until the person has spoken.")
    resting_face_on = models.DateField(
        null=True,
        blank=True,
        help_text="Day of the journal entry that holds the resting face; empty: there is none.",
    )
    resting_face_model = models.CharField(
        max_length=100, blank=True, help_text="The model it was learnt with: readings of others are not corrected."
    )

    class Meta:
        verbose_name_plural = _("personal settings")

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

    id = models.UUIDField(primary_key=True, editable=False)
    vault = models.ForeignKey("vault.Vault", on_delete=models.CASCADE, related_name="captures")
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


class CameraDeclaration(models.Model):
    """Who answers for the camera on this site. Rows are never changed; the latest counts, and everybody reads it."""

    who = models.CharField(max_length=300)
    legal_basis = models.CharField(max_length=300)
    region = models.CharField(max_length=300)
    dpia = models.CharField(max_length=300, help_text="Reference of the data protection impact assessment.")
    declared_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"{self.who}; {self.legal_basis}; {self.region}; {self.dpia}; {self.declared_on}"

    @classmethod
    def latest(cls) -> "CameraDeclaration | None":
        return cls.objects.order_by("-pk").first()
