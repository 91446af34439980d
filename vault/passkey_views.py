"""Which passkeys of the account open the vault as well."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import Event
from accounts.http import signed_in
from accounts.models import User
from accounts.notices import report
from accounts.selectors import find_passkeys
from vault.forms import PasskeyForm
from vault.http import VaultRequest, opened
from vault.selectors import get_vault
from vault.services import passkeys
from vault.views import VaultFormView, ask_passkeys


class AddPasskey(VaultFormView):
    """Asks for an open vault, and for a fresh proof of who is there."""

    form_class, template_name, asks_again = PasskeyForm, "vault/passkey.html", True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.request.opened_vault is None:
            return redirect(f"{reverse('vault_open')}?next={reverse('vault_passkey')}")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in(self.request)
        vault, all_ids = get_vault(user), find_passkeys(user)
        opening = passkeys.find_opening(vault, all_ids)
        new = [credential for credential in all_ids if credential not in opening]
        return super().get_context_data(passkeys=ask_passkeys(vault, new), opening=opening, **kwargs)

    def carry_out(self, user: User, told: dict[str, Any]) -> HttpResponse:
        vault, credential, secret = opened(self.request), told["credential"], told["secret"]
        passkeys.add_passkey(user=user, opened=vault, credential=credential, secret=secret)
        report(user, Event.VAULT_PASSKEY_ADDED, here=self.request)
        messages.success(self.request, _("From now on this passkey opens your vault with one touch."))
        return redirect("vault")


@require_POST
def remove_passkey(request: VaultRequest) -> HttpResponse:
    user = signed_in(request)
    if passkeys.remove_passkey(user=user, credential=request.POST.get("credential", "")):
        report(user, Event.VAULT_PASSKEY_REMOVED, here=request)
        messages.success(request, _("This passkey no longer opens your vault. Your other browsers are signed out."))
    return redirect("vault")
