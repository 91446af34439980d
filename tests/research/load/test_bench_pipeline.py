from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def test_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=rf"no picture in {tmp_path}"):
        call_command("bench_pipeline", "--images", str(tmp_path))
