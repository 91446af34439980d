"""What goes into the network, at which precision, and how two readouts become one."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from research.training.fit import predict_logits
from research.training.networks import blend_readouts, build_backbone, build_head, choose_policy, join, preprocess
from tests.research.training.drawn import SIDE, drawn_face

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_half_precision_is_taken_only_where_it_is_fast(tmp_path: Path) -> None:
    cpu = tmp_path / "cpuinfo"
    cpu.write_text("flags : fma avx avx2")
    assert choose_policy("auto", cpu) == "float32"
    cpu.write_text("flags : avx2 avx512_bf16")
    assert choose_policy("auto", cpu) == "mixed_bfloat16"
    assert (choose_policy("float32", cpu), choose_policy("bfloat16", tmp_path / "none")) == (
        "float32",
        "mixed_bfloat16",
    )


def test_two_readouts_become_one_by_blending_their_logits() -> None:
    backbone = build_backbone(size=SIDE, weights=None)
    both = join(backbone, build_head(shape=backbone.output_shape[1:], hidden=8, readouts=2))
    pixels = drawn_face(3, 1)[None]
    logits = predict_logits(both, pixels)
    one = predict_logits(blend_readouts(both, 0.25), pixels)
    assert np.allclose(one, 0.75 * logits[:, :7] + 0.25 * logits[:, 7:], atol=1e-4)


def test_pictures_enter_as_bgr_less_the_imagenet_mean() -> None:
    given = preprocess(np.full((1, 1, 1), 130, np.uint8))[0, 0, 0]
    assert given == pytest.approx([130 - 103.939, 130 - 116.779, 130 - 123.68], abs=1e-4)
