"""The compose file runs the same processes as the Procfile."""

import re
from pathlib import Path
from typing import Any

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
    assert services["worker"]["command"] == f"python -m wellbeing.restarter worker {commands['worker']}"
    assert services["beat"]["command"] == commands["beat"]
    assert ", ".join(f'"{word}"' for word in commands["web"].split()) in DOCKERFILE


def test_what_operators_set_reaches_every_process() -> None:
    services = read_services()
    for name in ("setup", "web", "worker", "beat"):
        assert services[name]["env_file"] == ["../.env"]
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
    assert '--save "" --appendonly no' in services["valkey"]["command"]
    assert "volumes" not in services["valkey"]
    for name in ("web", "worker", "beat"):
        assert (services[name]["read_only"], services[name]["ulimits"]) == (True, {"core": 0})
