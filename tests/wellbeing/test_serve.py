import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.template.loader import render_to_string
from pytest_django.fixtures import Settings

from tests.site import ROOT
from wellbeing.management.commands.serve import _lock_data

HOLD = """
import sys, django, pathlib
django.setup()
from wellbeing.management.commands.serve import _lock_data
held = _lock_data(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_site_on_the_same_data_is_refused_naming_the_first(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert first.stdout
    assert first.stdout.readline() == b"held\n"
    with pytest.raises(CommandError, match=rf"runs already on {tmp_path} \(process {first.pid}\)"):
        _lock_data(tmp_path)
    first.kill()
    first.communicate()
    with _lock_data(tmp_path) as held:
        held.seek(0)
        assert int(held.read()) > 0


def test_page_of_a_fault_needs_no_list_of_static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    with pytest.raises(ValueError, match="manifest"):
        render_to_string("offline.html" if (ROOT / "templates" / "offline.html").exists() else "404.html")
    assert 'href="/static/css/base.css"' in render_to_string("500.html")
