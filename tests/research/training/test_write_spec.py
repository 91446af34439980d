from pathlib import Path

import pytest

from emotion.classifier.spec import ModelDamaged, ModelSpec
from research.training.write_spec import save_spec
from tests.emotion.classifier.conftest import make_spec

HALVES = (0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_saved_spec_loads_as_it_was(tmp_path: Path) -> None:
    spec = make_spec(metrics={"accuracy": 0.81})
    save_spec(spec, tmp_path / "model.json")
    assert ModelSpec.load(tmp_path / "model.json") == spec


def test_invalid_spec_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    with pytest.raises(ModelDamaged, match="training_prior"):
        save_spec(make_spec(training_prior=HALVES), path)
    assert not path.exists()


def test_a_stop_in_the_middle_of_saving_leaves_the_former_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, former = tmp_path / "model.json", make_spec()
    save_spec(former, path)

    def write_half(target: Path, text: str, **_: str) -> int:
        target.write_bytes(text.encode()[: len(text) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", write_half)
    with pytest.raises(KeyboardInterrupt):
        save_spec(make_spec(name="newer"), path)
    assert ModelSpec.load(path) == former


def test_who_reads_while_a_spec_is_saved_reads_the_former_whole(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    save_spec(make_spec(), path)
    former = path.read_bytes()
    with path.open("rb", buffering=0) as reading:
        start = reading.read(100)
        save_spec(make_spec(name="newer"), path)
        assert start + reading.read() == former
    assert ModelSpec.load(path).name == "newer"
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"]
