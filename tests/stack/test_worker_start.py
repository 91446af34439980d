"""A worker with the wrong weights ends at once and says why."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.stack


def start_worker(tree: Path, data_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    environment |= {"WELLBEING_DATA_DIR": str(data_dir), "WELLBEING_ENV_FILE": os.devnull}
    command = [sys.executable, "-m", "wellbeing.background", "worker"]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=90)


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_a_worker_refuses_to_start_without_the_weights_it_was_released_with(harm: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for package in ("core", "accounts", "vault", "emotion", "recommender", "rights", "wellbeing"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    weights = tree / "emotion" / "classifier" / "weights" / "vgg16.tflite"
    if harm == "missing":
        weights.unlink()
    else:
        with weights.open("r+b") as file:
            file.write(b"not these")
    ended = start_worker(tree, tmp_path / "data")
    assert ended.returncode == 1
    said = ended.stderr.strip().splitlines()[-1]
    assert said.startswith("The worker does not start. ")
    assert "vgg16" in said
    assert "Reinstall the release" in said
