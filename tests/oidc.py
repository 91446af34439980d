"""A real OpenID Connect provider, when `requirements/package.json` is installed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.site import ROOT, free_port

NODE = Path(sys.executable).parent / "node"
LIBRARY = Path(sys.executable).parent.parent / "node" / "node_modules" / "oidc-provider" / "lib" / "index.js"


@dataclass(frozen=True, slots=True)
class RealProvider:
    """`pages`: where it has people sign in, another origin than its issuer."""

    issuer: str
    pages: str


@contextmanager
def running_provider(redirect_address: str) -> Iterator[RealProvider]:
    if not LIBRARY.is_file():
        pytest.skip("oidc-provider is not installed here")
    issuer, pages = free_port(), free_port()
    command = [str(NODE), str(ROOT / "tests" / "oidc_provider.mjs"), str(LIBRARY), str(issuer), str(pages)]
    with subprocess.Popen(
        [*command, redirect_address], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            assert any(line == "ready\n" for line in process.stdout)
            yield RealProvider(f"http://localhost:{issuer}", f"http://localhost:{pages}")
        finally:
            process.terminate()


def use_provider(settings: Any, provider: RealProvider, *, secret: str = "client-secret") -> None:
    """Have the site know it as Example Corp."""
    settings.OIDC_ISSUER = provider.issuer
    app = {
        "provider_id": "work",
        "name": "Example Corp",
        "client_id": "wellbeing",
        "secret": secret,
        "settings": {"server_url": provider.issuer},
    }
    ours = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": ours | {"APPS": [app]}}
