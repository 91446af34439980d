"""What the tests of the snapshot page share: a plan that is due soon, a clock that jumps, and what left the page."""

from datetime import UTC, datetime, time, timedelta
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from accounts.models import User
from emotion.models import Schedule
from emotion.selectors import get_upcoming
from emotion.services.schedules import save_schedule
from tests.browser.conftest import Open
from tests.conftest import PASSWORD
from tests.vaults import know_in
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Camera
from vault.journal.reading import read_journal
from vault.selectors import has_vault


def watch_uploads(page: Page) -> list[Request]:
    uploads: list[Request] = []
    page.on("request", lambda r: uploads.append(r) if r.method == "POST" and r.url.endswith("/captures/") else None)
    return uploads


def forms_of(page: Page) -> list[list[Any]]:
    """[id, trigger, sizes of the frames] of every snapshot the page sent or tried to."""
    forms: list[list[Any]] = page.evaluate("sent")
    return forms


def take_still(page: Page) -> None:
    page.click("[data-do=take]")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def tracks_of(page: Page) -> list[str]:
    states: list[str] = page.evaluate("tracks.map((track) => track.readyState)")
    return states


def said_on(page: Page) -> str:
    expect(page.locator("[data-part=say]")).to_be_visible()
    return page.inner_text("[data-part=say]")


def uses_of(opened: OpenedVault, count: int) -> list[tuple[str, str]]:
    """The camera's ledger in the journal, once it holds that many uses: (trigger, ended), in order of time."""
    end = monotonic() + 10
    while True:
        uses = [(entry.data.trigger, entry.data.ended) for entry in read_journal(opened).of(Camera)]
        if len(uses) >= count or monotonic() > end:
            return uses
        sleep(0.1)


def sign_in_on(context: BrowserContext, user: User) -> None:
    """In another tab, as a person does, who has opened their vault, if any, in this browser before."""
    other = context.new_page()
    other.goto("/accounts/login/")
    if has_vault(user):
        client = Client()
        know_in(client, user)
        name = settings.OPENED_COOKIE_NAME
        proofs = [client.cookies[name].value, *(kept["value"] for kept in context.cookies() if kept["name"] == name)]
        context.add_cookies([{"name": name, "value": ".".join(proofs), "url": other.evaluate("location.origin")}])
    other.fill("[name=login]", user.email)
    other.fill("[name=password]", PASSWORD)
    other.click("main button[type=submit]")
    other.wait_for_url("**/today/")
    other.close()


def sign_out_on(context: BrowserContext) -> None:
    """In another tab, as a person does."""
    other = context.new_page()
    other.goto("/accounts/logout/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    other.close()


def hide(page: Page, *, hidden: bool = True) -> None:
    """As if another tab came in front, or this one again."""
    page.evaluate(
        "(hidden) => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange')) }",
        hidden,
    )


def plan_soon(user: User) -> datetime:
    """A schedule whose next moment is between one and two minutes away, and whose hours have begun."""
    now = datetime.now(UTC)
    start = (now + timedelta(minutes=2)).replace(second=0, microsecond=0) - timedelta(minutes=120)
    schedule = save_schedule(
        user=user, enabled=True, days=list(range(7)), start=start.time(), end=time((start.hour + 8) % 24, start.minute),
        mode="every", every_minutes=120, timezone="UTC",
    )  # fmt: skip
    moment = get_upcoming(user, schedule).moment
    assert moment is not None
    return moment.at


def plan_due(user: User) -> Schedule:
    """A schedule whose moment began a minute ago and waits."""
    start = (datetime.now(UTC) - timedelta(minutes=1)).replace(second=0, microsecond=0)
    schedule = save_schedule(
        user=user, enabled=True, days=list(range(7)), start=start.time(), end=time((start.hour + 8) % 24, start.minute),
        mode="every", every_minutes=120, timezone="UTC",
    )  # fmt: skip
    schedule.done_until = None
    schedule.save()
    return schedule


def open_due(open_context: Open, browser: Browser, user: User, script: str = "", **options: Any) -> Page:
    """The snapshot page with a moment due; `script` runs before the page's own."""
    plan_due(user)
    context = open_context(browser, user, **options)
    context.add_init_script(script)
    page = context.new_page()
    page.goto("/capture/")
    return page


def open_with_clock(open_context: Open, browser: Browser, user: User) -> Page:
    """The snapshot page, its clock in the test's hands."""
    page = open_context(browser, user).new_page()
    page.clock.install()
    page.goto("/capture/")
    return page


def keep_page_clock(page: Page) -> None:
    """The schedule comes without the server's time, so that a clock moved by the test stays moved."""

    def answer(route: Route) -> None:
        response = route.fetch()
        headers = {name: value for name, value in response.headers.items() if name != "date"}
        route.fulfill(response=response, headers=headers)

    page.route("**/api/v1/schedule/", answer)


def jump_to(page: Page, moment: datetime) -> None:
    """The page's clock stands just behind `moment`; it must have been installed before the page was opened."""
    left = moment - datetime.now(UTC)
    page.clock.fast_forward(int(left.total_seconds() * 1000) + 1500)


def open_planned(open_context: Open, browser: Browser, user: User, **options: Any) -> tuple[Page, datetime]:
    next_at = plan_soon(user)
    page = open_context(browser, user, **options).new_page()
    page.clock.install()
    page.goto("/capture/")
    expect(page.locator("[data-part=next]")).to_contain_text("Next at")
    # An answer that comes in after the clock was moved would set it right again by the server's.
    expect(page.locator("[data-part=why]")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    return page, next_at
