"""The compose file runs the same processes as the Procfile."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.template import Engine

ROOT = Path(__file__).parent.parent
#: What a container decides itself, whatever the operator's file says.
PINNED = {
    "WELLBEING_BIND": "0.0.0.0",
    "WELLBEING_PORT": "8000",
    "WELLBEING_DATA_DIR": "/var/lib/wellbeing",
    "WELLBEING_KEYS_DIR": "/var/lib/wellbeing/keys",
}
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()


def read_services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    return services


def test_compose_runs_the_processes_of_the_procfile() -> None:
    services = read_services()
    commands = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    for name in ("worker", "upkeep"):
        assert services[name]["command"] == f"python -m wellbeing.restarter {name} {commands['worker']}"
    assert services["beat"]["command"] == commands["beat"]
    assert ", ".join(f'"{word}"' for word in commands["web"].split()) in DOCKERFILE


def test_what_operators_set_reaches_every_process() -> None:
    services = read_services()
    for name in ("setup", "web", "worker", "upkeep", "beat"):
        assert services[name]["env_file"][0] == "../.env"
        pinned = {variable: services[name]["environment"][variable] for variable in PINNED}
        assert pinned == PINNED


def test_image_has_every_folder_that_the_settings_name() -> None:
    copied = set(re.findall(r"^COPY (\w+) /app/", DOCKERFILE, re.MULTILINE))
    apps = {name.split(".")[0] for name in settings.INSTALLED_APPS if (ROOT / name.split(".")[0]).is_dir()}
    folders = [*settings.LOCALE_PATHS, *settings.STATICFILES_DIRS, *Engine.get_default().dirs]
    assert copied == {"core", *apps - {"research"}, *(Path(str(folder)).name for folder in folders)}


def test_nothing_but_what_the_image_copies_is_sent_to_be_built() -> None:
    first, *allowed = (ROOT / ".dockerignore").read_text().split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert (first, sorted(allowed)) == ("*", sorted(f"!{path}" for line in copied for path in line.split()))


def test_compose_keeps_frames_off_disks() -> None:
    services = read_services()
    assert '--save "" --appendonly no' in services["valkey"]["command"][-1]
    assert "volumes" not in services["valkey"]
    for name in ("setup", "web", "worker", "upkeep", "beat"):
        assert (services[name]["read_only"], services[name]["ulimits"]) == (True, {"core": 0})


#: By process, all it is given: secrets, and which key folders.
GIVEN = {
    "setup": ({"database-owner-url", "keystore-url", "valkey-url"}, {"keys", "web-keys"}),
    "web": ({"database-web-url", "keystore-url", "valkey-url"}, {"keys", "web-keys"}),
    "worker": ({"database-worker-url", "valkey-url"}, {"keys"}),
    "upkeep": ({"database-upkeep-url", "valkey-url"}, {"keys", "web-keys"}),
    "beat": ({"valkey-url"}, set()),
}


@pytest.mark.parametrize("name", GIVEN)
def test_each_process_is_given_its_own_secrets_and_no_others(name: str) -> None:
    service, (secrets, folders) = read_services()[name], GIVEN[name]
    volumes = {volume.split(":")[0] for volume in service.get("volumes", [])}
    assert (set(service["secrets"]), volumes - {"site"}) == (secrets, folders)
    read = {value for variable, value in service["environment"].items() if variable.endswith("_FILE")}
    assert read == {f"/run/secrets/{secret}" for secret in secrets}
    assert not any("PASSWORD" in str(value) for value in service["environment"].values())
    assert ("keystore" in service.get("networks", [])) == ("keystore-url" in secrets)
    if name != "setup":
        assert service["environment"]["WELLBEING_ROLE"] == name


def test_secrets_that_are_made_are_those_that_are_used(tmp_path: Path) -> None:
    script = tmp_path / "make_secrets.sh"
    script.write_bytes((ROOT / "deploy" / "make_secrets.sh").read_bytes())
    subprocess.run(["sh", script], check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    used = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["secrets"]
    assert {name: {"file": f"secrets/{name}"} for name in made} == used
    passwords = {name: made[name] for name in made if not name.endswith("-url")}
    assert len(set(passwords.values())) == len(passwords) == 6
    for name, password in passwords.items():
        assert len(password) == 48
        assert made.get(f"{name}-url", password).count(password) == 1
    subprocess.run(["sh", script], check=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


_SHOW_ROLE = """
import json, django
from django.conf import settings
django.setup()
from vault.crypto.keys.loader import server_keys
keys = server_keys() if settings.ROLE != "BEAT" else None
print(json.dumps([
    {alias: database["ENGINE"].rpartition(".")[2] for alias, database in settings.DATABASES.items()},
    settings.WORKER_QUEUES, bool(keys and keys.accounts), settings.SECRET_KEY_FILE is not None,
]))
"""


@pytest.mark.parametrize(
    ("role", "databases", "queues", "has_accounts", "has_secret"),
    [
        ("all", {"default": "sqlite3", "keystore": "sqlite3"}, ["captures", "upkeep"], True, True),
        ("web", {"default": "sqlite3", "keystore": "sqlite3"}, ["captures", "upkeep"], True, True),
        ("worker", {"default": "sqlite3", "keystore": "dummy"}, ["captures"], False, False),
        ("upkeep", {"default": "sqlite3", "keystore": "dummy"}, ["upkeep"], True, True),
        ("beat", {"default": "dummy", "keystore": "dummy"}, ["captures", "upkeep"], False, False),
    ],
)
def test_process_of_a_role_knows_what_it_needs(
    role: str, databases: dict[str, str], queues: list[str], has_accounts: bool, has_secret: bool, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    environment = kept | {
        "WELLBEING_DATA_DIR": str(tmp_path), "WELLBEING_ENV_FILE": os.devnull, "WELLBEING_ROLE": role,
        "DJANGO_SETTINGS_MODULE": "wellbeing.settings",
    }  # fmt: skip
    shown = subprocess.run(
        [sys.executable, "-c", _SHOW_ROLE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(shown.stdout) == [databases, queues, has_accounts, has_secret]
    assert (tmp_path / "keys" / "web").exists() == has_secret
