"""OpenVINO behind one object: the bytes of a LiteRT file in, arrays in and out, on one thread unless told otherwise."""

from __future__ import annotations

import mmap
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion.classifier.memory import return_freed_memory

# Importing openvino also imports its converter, which reports that to its maker where it can, and takes 0.3 s and
# 20 MB for what is never used here. `None` makes that import fail, which openvino allows for.
sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
import openvino as ov  # noqa: E402 -- after the line above

Floats = NDArray[np.float32]

#: A pinned thread would sit on the machine's first core, and so would that of every other worker.
_SETTINGS: Final = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}


class Engine:
    """One network, float32 in and out. Raises ValueError when `content` is no LiteRT file that OpenVINO reads.

    Not safe to share between threads, and to be made after a fork, not before.
    """

    def __init__(self, content: bytes, *, threads: int = 1) -> None:
        try:
            description, self._weights = _convert(content)
            compiled = _compile(description, self._weights, threads)
        except RuntimeError as error:
            raise ValueError("OpenVINO cannot open this network.") from error
        self._request = compiled.create_infer_request()
        self._input: Floats = self._request.get_input_tensor(0).data
        self._outputs: list[Floats] = [self._request.get_output_tensor(i).data for i in range(len(compiled.outputs))]
        self.infer(np.zeros_like(self._input))
        return_freed_memory()
        self._used = False

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self._input.shape

    @property
    def output_shapes(self) -> list[tuple[int, ...]]:
        return [output.shape for output in self._outputs]

    def infer(self, tensor: NDArray[np.generic]) -> list[Floats]:
        self._used = True
        self._input[...] = tensor
        self._request.infer(share_outputs=True)
        return [output.copy() for output in self._outputs]

    def forget(self) -> None:
        """Overwrite what the last input left in the network's memory."""
        if self._used:
            self.infer(np.zeros_like(self._input))
        self._used = False


def _compile(description: bytes, weights: mmap.mmap, threads: int) -> Any:
    """The network, packed. `weights` must stay as long as it does, but no longer take room."""
    shared = ov.Tensor(np.frombuffer(weights, np.uint8), shared_memory=True)
    settings = {**_SETTINGS, "INFERENCE_NUM_THREADS": threads}
    compiled = _core().compile_model(_core().read_model(description, shared), "CPU", settings)
    if hasattr(mmap, "MADV_DONTNEED"):
        weights.madvise(mmap.MADV_DONTNEED)
    return compiled


def _convert(content: bytes) -> tuple[bytes, mmap.mmap]:
    """From LiteRT to OpenVINO's own format: a description, and weights mapped from a file that has no name any more.

    OpenVINO packs its weights and keeps what it packed them from: 15 MiB a process that it never reads again. What is
    mapped from a file the system can drop. The LiteRT file is one of our own too: its bytes are those whose hash was
    checked. Windows cannot remove files that are mapped; there they stay.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        given, converted = Path(folder) / "network.tflite", Path(folder) / "network.xml"
        given.write_bytes(content)
        ov.save_model(_core().read_model(given), converted, compress_to_fp16=False)
        with converted.with_suffix(".bin").open("rb") as file:
            weights = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        return converted.read_bytes(), weights


@cache
def _core() -> ov.Core:
    return ov.Core()
