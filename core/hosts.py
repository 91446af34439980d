"""Host names in the one spelling that DNS, browsers and mail servers send: small ASCII letters."""

from typing import Final

import idna

#: Names by which a machine calls itself.
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def to_ascii(name: str) -> str:
    """`Müll.example` is `xn--mll-hoa.example`, as browsers have it (UTS 46).

    Raises ValueError when no such name can exist. Of a name that is ASCII already, only the letters are made small.
    """
    return name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()


def join_host(name: str, port: int | None) -> str:
    """As in an address and in the Host header; an IPv6 address stands in brackets."""
    shown = f"[{name}]" if ":" in name else name
    return f"{shown}:{port}" if port else shown
