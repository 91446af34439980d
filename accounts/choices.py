"""The words for what is done with an account and its vault."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    """What the owner is to know of: a line in their own journal, and some of them a mail, see `accounts.notices`."""

    VAULT_OPENED = "vault_opened", _("Vault opened")
    VAULT_REFUSED = "vault_refused", _("Wrong passphrase or code")
    VAULT_GUESSED = "vault_guessed", _("Many wrong passphrases or codes")
    VAULT_MADE = "vault_made", _("Vault made")
    PASSPHRASE_CHANGED = "passphrase_changed", _("Passphrase changed")
    VAULT_RECOVERED = "vault_recovered", _("Recovered with the code on paper")
    VAULT_RENEWED = "vault_renewed", _("Given new keys")
    VAULT_PASSKEY_ADDED = "vault_passkey_added", _("A passkey now opens the vault")
    VAULT_PASSKEY_REMOVED = "vault_passkey_removed", _("A passkey no longer opens the vault")
    ERASURE_ASKED = "erasure_asked", _("Erasing the vault asked for")
    ERASURE_STOPPED = "erasure_stopped", _("Erasing the vault called off")
    VAULT_ERASED = "vault_erased", _("Vault erased")
    EXPORTED = "exported", _("Exported")
    IMPORTED = "imported", _("Imported")
    CONSENT_GIVEN = "consent_given", _("Consent given")
    CONSENT_ENDED = "consent_ended", _("Consent ended")
    SCHEDULE_CHANGED = "schedule_changed", _("Times of snapshots changed")
    RETENTION_CHANGED = "retention_changed", _("How long entries are kept changed")
    NEW_BROWSER = "new_browser", _("Signed in with a new browser")
    SECOND_FACTOR_ADDED = "second_factor_added", _("Second step set up")
    SECOND_FACTOR_REMOVED = "second_factor_removed", _("Second step removed")
    SECOND_FACTOR_CODES_MADE = "second_factor_codes_made", _("New sign-in codes made")
    PASSWORD_CHANGED = "password_changed", _("Sign-in password changed")
    PASSWORD_RESET = "password_reset", _("Sign-in password reset by mail")
    PASSWORD_GIVEN = "password_given", _("Sign-in password set by an administrator")
    ADDRESS_ADDED = "address_added", _("E-mail address added")
    ADDRESS_CHANGED = "address_changed", _("E-mail address changed")
    SIGN_IN_ADDED = "sign_in_added", _("The organisation's sign-in connected")
    SIGN_IN_REMOVED = "sign_in_removed", _("The organisation's sign-in disconnected")
    TOKEN_MADE = "token_made", _("API token made")
    TOKEN_REVOKED = "token_revoked", _("API token revoked")
    ACCOUNT_CLOSED = "account_closed", _("Account closed")
    ACCOUNT_OPENED = "account_opened", _("Account opened again")
    ACCOUNT_DELETED = "account_deleted", _("Account deleted, with everything in it")
