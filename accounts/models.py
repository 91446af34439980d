"""Who can sign in. Signing in never opens a vault: see `vault.models.Vault`."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core.hosts import to_ascii


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """The one spelling of a mailbox: small letters throughout, and an umlaut domain as mail servers know it.

        Signing in looks for nothing else. A domain that cannot exist stays as it was typed: forms refuse it.
        """
        local, at, domain = (email or "").strip().lower().rpartition("@")
        try:
            return f"{local}{at}{to_ascii(domain)}"
        except ValueError:
            return f"{local}{at}{domain}"

    def get_by_natural_key(self, username: str | None) -> "User":
        """Raises User.DoesNotExist."""
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """One person, known by an e-mail address, which is kept in small letters."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    timezone = models.CharField(max_length=64, blank=True, help_text="An IANA name; empty: not said.")
    generation = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts what ended everything given out before, see accounts.credentials."
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_account_an_address",
                violation_error_message=_("There is an account with this address already."),
            )
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = UserManager.normalize_email(self.email)
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        """Another one with each password and each generation, and not with each secret key of the site.

        It stands in the session's row alone, so it needs no secret. With one, each exchange of the secret key would
        give every session a new name, and close every open vault, which is tied to the name.
        """
        state = f"{self.generation}:{self.password}"
        return salted_hmac("accounts.models.User.session", state, secret="-", algorithm="sha256").hexdigest()  # noqa: S106


class Session(AbstractBaseSession):
    """One signed-in browser. Its person sees these rows and may end any of them; no address is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sessions")
    browser = models.CharField(max_length=60, blank=True, help_text="Such as Firefox on Linux; never the whole header.")
    started_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(default=timezone.now)

    @classmethod
    def get_session_store_class(cls) -> type[Any]:
        store: type[Any] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        return store


class ApiToken(models.Model):
    """What a person's own script shows in their stead. One a person."""

    class Scope(models.TextChoices):
        CHECK_IN = "check_in", _("check in for me")
        READ = "read", _("read my schedule, my consent and my settings")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_token")
    key_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    scope = models.CharField(max_length=16, choices=Scope)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    auth_hash = models.CharField(
        max_length=64, help_text="The account's session hash when it was made: it ends with the sessions of that time."
    )

    def __str__(self) -> str:
        return f"API token {self.pk}"
