"""The site as production runs it: `check --deploy` has nothing to say, cookies and headers are at their strictest."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCTION = {
    "WELLBEING_URL": "https://mood.example.org",
    "WELLBEING_BEHIND_PROXY": "on",
    "WELLBEING_DATABASE_URL": "postgres://wellbeing@database.example.org/wellbeing?sslmode=verify-full",
    "WELLBEING_KEYSTORE_URL": "postgres://keystore@keys.example.org/keystore?sslmode=verify-full",
    "WELLBEING_REDIS_URL": "rediss://:x7-Qd41@valkey.example.org:6379",
    "WELLBEING_EMAIL_HOST": "smtp.example.org",
    "WELLBEING_SIGNUP": "on",
}
#: The same site on databases of this machine, so that pages can be asked for.
_SIGN_UP = """
import json, django
django.setup()
from django.core.management import call_command
call_command("setup", verbosity=0)
from django.conf import settings
from django.test import Client
client = Client(SERVER_NAME="mood.example.org", headers={"X-Forwarded-Proto": "https"})
password = "correct horse battery"
form = {"email": "alice@example.org", "password1": password, "password2": password}
client.get("/accounts/signup/", secure=True)
answer = client.post("/accounts/signup/", form, secure=True)
shown = {name: [bool(c["secure"]), c["path"], c["domain"], bool(c["httponly"]), c["samesite"]]
         for name, c in client.cookies.items()}
plain = Client(SERVER_NAME="mood.example.org").get("/privacy/")
probe = Client(SERVER_NAME="127.0.0.1").get("/healthz")
print("ANSWER " + json.dumps({"status": answer.status_code, "cookies": shown, "headers": dict(answer.headers),
                  "plain": [plain.status_code, plain.get("Location"), dict(plain.headers)],
                  "probe": probe.status_code, "debug": settings.DEBUG, "admins": settings.ADMINS}))
"""


def _run(*command: str, data_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    environment = kept | {
        "WELLBEING_ENV_FILE": os.devnull,
        "WELLBEING_DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "wellbeing.settings",
        **variables,
    }
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_check_deploy_has_nothing_to_say(tmp_path: Path) -> None:
    answer = _run("manage.py", "check", "--deploy", "--fail-level", "WARNING", data_dir=tmp_path, **PRODUCTION)
    assert (answer.returncode, answer.stdout, answer.stderr) == (
        0, "System check identified no issues (0 silenced).\n", "",
    )  # fmt: skip


@pytest.mark.parametrize("variable", PRODUCTION)
def test_check_deploy_names_what_is_only_fit_for_trying_out(variable: str, tmp_path: Path) -> None:
    answer = _run("manage.py", "check", "--deploy", data_dir=tmp_path, **PRODUCTION | {variable: ""})
    assert (answer.returncode, variable in answer.stderr) == (1, True)


def test_over_https_every_cookie_is_bound_to_the_host_and_the_browser_told_to_stay(tmp_path: Path) -> None:
    here = {name: f"sqlite:///{tmp_path / name}" for name in ("WELLBEING_DATABASE_URL", "WELLBEING_KEYSTORE_URL")}
    # Without a mail server nobody waits for a mail to confirm an address.
    ended = _run("-c", _SIGN_UP, data_dir=tmp_path, **PRODUCTION | here | {"WELLBEING_EMAIL_HOST": ""})
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout.rpartition("ANSWER ")[2])
    assert answer["status"] == 302
    assert answer["cookies"] == {
        "__Host-browser": [True, "/", "", True, "Lax"],
        "__Host-csrf": [True, "/", "", True, "Lax"],
        "__Host-messages": [True, "/", "", True, "Lax"],
        "__Host-session": [True, "/", "", True, "Lax"],
    }
    hsts = "max-age=63072000; includeSubDomains; preload"
    assert answer["headers"]["Strict-Transport-Security"] == hsts
    status, location, headers = answer["plain"]
    assert (status, location) == (301, "https://mood.example.org/privacy/")
    assert {"Content-Security-Policy", "Permissions-Policy", "X-Content-Type-Options"} <= set(headers)
    assert (answer["debug"], answer["admins"], answer["probe"]) == (False, [], 200)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("WELLBEING_TIME_ZONE", "Berlin", "WELLBEING_TIME_ZONE must be a time zone such as Europe/Berlin"),
        ("WELLBEING_LOG_LEVEL", "loud", "WELLBEING_LOG_LEVEL must be one of DEBUG, INFO"),
        ("WELLBEING_DATABASE_URL", "mysql://u:secret@h/d", "WELLBEING_DATABASE_URL must begin with postgres://"),
        ("WELLBEING_REDIS_URL", "http://u:secret@h", "WELLBEING_REDIS_URL must begin with redis:// or rediss://."),
        ("WELLBEING_ENV_FILE", "/nowhere/.env", "WELLBEING_ENV_FILE names /nowhere/.env, which is not there."),
    ],
)
def test_wrong_value_stops_the_start_naming_its_variable(variable: str, value: str, said: str, tmp_path: Path) -> None:
    answer = _run("manage.py", "check", data_dir=tmp_path, **{variable: value})
    assert answer.returncode == 1
    assert said in answer.stderr.splitlines()[-1]
    assert "secret" not in answer.stderr.splitlines()[-1]


def test_web_processes_read_the_same_file_as_the_site(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("WELLBEING_PORT=8399\nWELLBEING_BIND=0.0.0.0\nWELLBEING_WEB_PROCESSES=4\n")
    code = "import wellbeing.gunicorn as g; print(g.bind, g.workers)"
    assert _run("-c", code, data_dir=tmp_path, WELLBEING_ENV_FILE=str(file)).stdout == "0.0.0.0:8399 4\n"


@pytest.mark.parametrize("bind", ["::", "[::]"])
def test_an_address_of_six_is_listened_at_with_or_without_brackets(bind: str, tmp_path: Path) -> None:
    answer = _run("-c", "import wellbeing.gunicorn as g; print(g.bind)", data_dir=tmp_path, WELLBEING_BIND=bind)
    assert answer.stdout == "[::]:8000\n"
