"""Runs the network of a LiteRT file with OpenVINO: arrays in and out, on one thread by default."""

import mmap
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion.classifier.memory import return_freed_memory

# openvino imports its converter, which is never used here, sends telemetry where it can and costs 0.3 s and 20 MB.
# `None` makes that import fail, which openvino tolerates.
sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
import openvino as ov  # noqa: E402 -- after the line above

Floats = NDArray[np.float32]

#: With pinning, the threads of all workers would share the machine's first core.
_SETTINGS: Final = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}


class Engine:
    """One network, float32 in and out. Raises ValueError when OpenVINO cannot read `content` as a LiteRT file.

    Not thread-safe. Create it after a fork, not before.
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
        """Overwrite what the last input left in the network's buffers."""
        if self._used:
            self.infer(np.zeros_like(self._input))
        self._used = False


def _compile(description: bytes, weights: mmap.mmap, threads: int) -> Any:
    """The compiled network. `weights` must stay mapped as long as it lives; their memory is released."""
    shared = ov.Tensor(np.frombuffer(weights, np.uint8), shared_memory=True)
    settings = {**_SETTINGS, "INFERENCE_NUM_THREADS": threads}
    compiled = _core().compile_model(_core().read_model(description, shared), "CPU", settings)
    if hasattr(mmap, "MADV_DONTNEED"):
        weights.madvise(mmap.MADV_DONTNEED)
    return compiled


def _convert(content: bytes) -> tuple[bytes, mmap.mmap]:
    """LiteRT converted to OpenVINO's format: a description, and weights mapped from a deleted file.

    OpenVINO packs the weights but also keeps the originals: 15 MiB per process that it never reads again. The system
    can drop pages that are mapped from a file. The LiteRT file is written here from the bytes whose hash was checked.
    Windows cannot delete mapped files; there they stay.
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
