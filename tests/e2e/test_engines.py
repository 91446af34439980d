"""The main journey in three engines, and what Back shows of it once the vault is locked or the person has gone."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from tests.conftest import PASSWORD
from tests.e2e.engines import Engine, EngineError, open_engine
from tests.people import PASSPHRASE
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("site")]

NOTE = "The quarrel about the rota"
LOCK = ".vault-chip-open"

Leave = Callable[[Engine], None]


@pytest.fixture(scope="module", params=["chromium", "firefox", "webkit"])
def alice(request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Her browser after sign-up, vault, one check-in with a note."""
    with open_engine(request.param, tmp_path_factory.mktemp(request.param)) as engine:
        sign_up(engine, site, f"alice-{request.param}@example.org")
        make_vault(engine, site)
        check_in(engine, site)
        yield engine


def sign_up(engine: Engine, site: Site, email: str) -> None:
    engine.open(f"{site.url}/accounts/signup/")
    engine.type("input[name=email]", email)
    for field in ("password1", "password2"):
        engine.type(f"input[name={field}]", PASSWORD)
    engine.click("main button[type=submit]")
    engine.arrive("/today/")


def make_vault(engine: Engine, site: Site) -> None:
    engine.open(f"{site.url}/vault/new/")
    engine.click("main details summary")
    for field in ("new_passphrase", "again"):
        engine.type(f"input[name={field}]", PASSPHRASE)
    engine.click("main form.card button[type=submit]")
    engine.arrive("/vault/code/")
    groups = engine.run("return [...document.querySelectorAll('.code-groups li')].map((group) => group.textContent)")
    engine.click("main a.button")
    engine.arrive("/vault/code/check/")
    for name in engine.run("return [...document.querySelectorAll('input[name^=group_]')].map((field) => field.name)"):
        engine.type(f"input[name={name}]", groups[int(name.removeprefix("group_")) - 1])
    engine.click("main form.card button[type=submit]")
    engine.wait_for(f"document.querySelector('{LOCK}')")


def check_in(engine: Engine, site: Site) -> None:
    """On the pad by keyboard, with a note."""
    engine.open(f"{site.url}/today/")
    engine.arrive("/today/")
    engine.click("#checkin details summary")
    engine.type("[name=note]", NOTE)
    engine.type("[data-axis=pleasantness]", "\ue00e\ue014\ue014\ue007")  # Page up, right, right, Enter
    engine.wait_for("document.body.innerText.includes('Noted, thank you.')")


def show_journal(engine: Engine, site: Site) -> None:
    engine.open(f"{site.url}/journal/")
    engine.arrive("/journal/")
    assert NOTE in shown(engine)


def open_vault(engine: Engine, site: Site) -> None:
    """Where an earlier test has locked it."""
    engine.open(f"{site.url}/vault/open/")
    engine.wait_for(f"document.querySelector('{LOCK}, [name=passphrase]')")
    if not engine.run(f"return document.querySelector('{LOCK}')"):
        engine.type("[name=passphrase]", PASSPHRASE)
        engine.click("main form button[type=submit]")
        engine.wait_for(f"document.querySelector('{LOCK}')")


def lock_vault(engine: Engine) -> None:
    engine.click(LOCK)
    engine.arrive("/vault/open/")


def sign_out(engine: Engine) -> None:
    engine.open(engine.run("return new URL('/accounts/logout/', location).href"))
    engine.click("main button[type=submit]")
    engine.arrive("/")


def go_elsewhere(engine: Engine) -> None:
    """To another site: when the vault locks itself meanwhile, no answer tells the browser to forget its pages."""
    engine.open("about:blank")


def shown(engine: Engine) -> str:
    """All the page holds, seen or not."""
    text: str = engine.run("return document.documentElement.outerHTML")
    return text


def watch(engine: Engine, seconds: float) -> set[tuple[str, bool]]:
    """Each (path, whether the note was in the page) that stood in the window for a moment at least."""
    seen, end = set(), time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(EngineError):
            path, text = engine.run("return [location.pathname, document.documentElement.outerHTML]")
            seen.add((path, NOTE in text))
    return seen


@contextmanager
def frozen(site: Site) -> Iterator[None]:
    """No request is answered, as with a network that is gone."""
    processes = [child for child in psutil.Process(site.process.pid).children(recursive=True) if _serves(child)]
    assert processes
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


def _serves(process: psutil.Process) -> bool:
    return any("gunicorn" in part for part in process.cmdline())


@pytest.mark.parametrize(("leave", "steps"), [(go_elsewhere, 1), (lock_vault, 1), (sign_out, 2)])
def test_back_shows_nothing_private_with_the_server_out_of_reach(
    alice: Engine, site: Site, leave: Leave, steps: int
) -> None:
    open_vault(alice, site)
    show_journal(alice, site)
    leave(alice)
    with frozen(site):
        alice.run(f"history.go(-{steps})")
        seen = watch(alice, 2)
        alice.stop()
        seen |= watch(alice, 1)
    assert seen
    assert not [path for path, private in seen if private]
