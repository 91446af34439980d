"""All that this site uses of allauth without its promise to keep it. A new version of allauth is tried against this."""

from typing import Final

from allauth.account.internal.flows.email_verification import send_verification_email_at_login
from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
    record_authentication,
)
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.core.internal.ratelimit import Rate, consume, get_cache_key, parse_rates
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal import auth as webauthn_auth

#: The version in which these were last found to do what is expected of them.
TRIED_WITH: Final = "65.21.1"

__all__ = [
    "TOTP",
    "TRIED_WITH",
    "EmailVerificationStage",
    "LoginStageController",
    "Rate",
    "clear_authentication_records",
    "consume",
    "format_hotp_value",
    "generate_totp_secret",
    "get_authentication_records",
    "get_cache_key",
    "get_reauthentication_flows",
    "hotp_value",
    "parse_rates",
    "record_authentication",
    "send_verification_email_at_login",
    "webauthn_auth",
]
