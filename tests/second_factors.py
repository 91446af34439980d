"""What an authenticator app shows."""

from accounts.allauth_internals import format_hotp_value, generate_totp_secret, hotp_value

SEED = generate_totp_secret()


def code_of(seed: str, at: float) -> str:
    """The code of the half minute around `at`, in Unix seconds (RFC 6238)."""
    return str(format_hotp_value(hotp_value(seed, int(at) // 30)))
