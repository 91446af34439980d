"""Forms of signing in that are not allauth's own."""

from allauth.account.forms import LoginForm

from accounts.models import User


class SignInForm(LoginForm):
    """Takes an address in any spelling of it."""

    def clean_login(self) -> str:
        return User.objects.normalize_email(super().clean_login())
