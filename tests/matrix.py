"""Every address with every method, asked by somebody it does not concern; whatever gives the owner away is a leak."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

METHODS = ("get", "post", "put", "patch", "delete")
#: Signing out, or giving up the second factor that administration pages ask for, would end the attack.
ENDS_THE_ATTACK = ("/accounts/logout", "/admin/logout", "/accounts/2fa/totp/deactivate")

#: Method, address and what is sent with it; gives the status and everything that came back, headers included.
Ask = Callable[[str, str, Mapping[str, str]], tuple[int, str]]


@dataclass(slots=True)
class Matrix:
    """What came of it. `addresses` and `requests` are counts, the others say where."""

    addresses: int = 0
    requests: int = 0
    leaks: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def play_matrix(
    ask: Ask,
    addresses: Iterable[str],
    *,
    secrets: Iterable[str],
    sent: Mapping[str, str],
    may_crash: tuple[str, ...] = (),
) -> Matrix:
    """`sent` goes with each request that has a body: ids of the owner under the names a careless view would read."""
    result, wanted = Matrix(), [secret for secret in secrets if secret]
    for address in addresses:
        result.addresses += 1
        for method in METHODS:
            if method != "get" and address.startswith(ENDS_THE_ATTACK):
                continue
            status, text = ask(method, address, sent if method != "get" else {})
            result.requests += 1
            result.statuses[status] += 1
            # An answer may repeat what was asked; what matters is what it adds.
            asked = address + (str(sent) if method != "get" else "")
            result.leaks += [
                f"{method} {address}: {secret}" for secret in wanted if secret in text and secret not in asked
            ]
            if status >= 500 and address not in may_crash:
                result.crashes.append(f"{method} {address}: {status}")
    return result
