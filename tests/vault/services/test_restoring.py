"""A restored backup of before an erasure opens nothing of who erased, and everything of the others."""

from pathlib import Path

from tests.processes import run_module


def test_a_restored_backup_opens_nothing_of_who_erased_and_everything_of_the_others(tmp_path: Path) -> None:
    result = run_module("tests.vault.services.restoring", str(tmp_path), data_dir=tmp_path / "data")
    assert result["before"] == {"alice": [2, 2], "bob": [2, 2]}
    assert result["erased"] == {"alice": ["vault_required", "vault_required"], "bob": [2, 2]}
    assert result["restored"] == {"alice": ["vault_gone", "vault_gone"], "bob": [2, 2]}
    assert result["rows"] == [4, 2, 2, 2], "the backup brought every row of both back"
