"""A mail server that takes its time stops nothing."""

import re
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

import pytest

from tests.site import Site, running_site
from tests.smtp import running_mail_server

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def _ask_for_reset(site: Site, address: str) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = f"{site.url}/accounts/password/reset/"
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.open(page, timeout=60).read().decode())
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "email": address}).encode()
    assert browser.open(page, form, timeout=60).url == f"{site.url}/accounts/password/reset/done/"


def _time_page(site: Site) -> float:
    began = time.monotonic()
    urllib.request.urlopen(f"{site.url}/support/", timeout=60).read()
    return time.monotonic() - began


def test_while_ten_mails_wait_for_a_slow_server_every_page_comes_within_a_second() -> None:
    with running_mail_server() as server:
        server.is_open.clear()
        variables = {
            "WELLBEING_CAMERA": "off",
            "WELLBEING_EMAIL_HOST": server.host,
            "WELLBEING_EMAIL_PORT": str(server.port),
            "WELLBEING_EMAIL_TLS": "off",
        }
        with running_site(**variables) as site, ThreadPoolExecutor(10) as pool:
            _time_page(site)
            began = time.monotonic()
            asked = [pool.submit(_ask_for_reset, site, f"nobody{number}@example.org") for number in range(10)]
            times = [_time_page(site) for _ in range(10)]
            for one in asked:
                one.result()
            took = time.monotonic() - began
            assert server.waiting > 0
            assert server.taken == []
            server.is_open.set()
            end = time.monotonic() + 30
            while len(server.taken) < 10 and time.monotonic() < end:
                time.sleep(0.1)
            written = {str(message["To"]) for message in server.taken}
    assert written == {f"nobody{number}@example.org" for number in range(10)}
    assert max(times) < 1
    assert took < 8
