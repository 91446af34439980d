"""The words for what is done with an account and its vault."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    VAULT_OPENED = "vault_opened", _("Vault opened")
    VAULT_REFUSED = "vault_refused", _("Wrong passphrase or code")
    VAULT_MADE = "vault_made", _("Vault made")
    PASSPHRASE_CHANGED = "passphrase_changed", _("Passphrase changed")
    VAULT_RECOVERED = "vault_recovered", _("Recovered with the code on paper")
    VAULT_RENEWED = "vault_renewed", _("Given new keys")
    EXPORTED = "exported", _("Exported")
    IMPORTED = "imported", _("Imported")
    NEW_BROWSER = "new_browser", _("Signed in with a new browser")
    SECOND_FACTOR_ADDED = "second_factor_added", _("Second step set up")
    SECOND_FACTOR_REMOVED = "second_factor_removed", _("Second step removed")
    SECOND_FACTOR_CODES_MADE = "second_factor_codes_made", _("New sign-in codes made")
    PASSWORD_CHANGED = "password_changed", _("Sign-in password changed")
    PASSWORD_GIVEN = "password_given", _("Sign-in password set by an administrator")
    ADDRESS_CHANGED = "address_changed", _("E-mail address changed")
    TOKEN_MADE = "token_made", _("API token made")
    TOKEN_REVOKED = "token_revoked", _("API token revoked")
    CONSENT_GIVEN = "consent_given", _("Agreed to snapshots")
    CONSENT_ENDED = "consent_ended", _("Agreement to snapshots ended")
