"""Write a model's description, whole and valid or not at all."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from emotion.classifier.spec import SPEC_PATH, ModelSpec


def to_json(spec: ModelSpec) -> dict[str, Any]:
    return dataclasses.asdict(spec)


def save_spec(spec: ModelSpec, path: Path = SPEC_PATH) -> None:
    """An invalid spec raises ModelDamaged. That, or a stop, leaves the file as it was."""
    text = json.dumps(to_json(spec), indent=1, ensure_ascii=False)
    ModelSpec.from_json(json.loads(text))
    part = path.with_name(f"part-{path.name}")
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, path)
