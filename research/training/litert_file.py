"""The convolutions and fully connected layers inside a LiteRT file: their weights, to read and to replace."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

_WEIGHTED: Final = (schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.FULLY_CONNECTED)
_KINDS: Final[dict[int, type[np.generic]]] = {
    schema.TensorType.INT8: np.int8,
    schema.TensorType.INT32: np.int32,
    schema.TensorType.INT64: np.int64,
    schema.TensorType.FLOAT32: np.float32,
}
#: In place of a bias of zeros, as an untrained layer has, which the converter leaves out.
NO_BIAS: Final = -1
_PARSE_ERRORS: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Weights:
    """One tensor. `levels`: the numbers as stored; `scale`: one for each entry of the first axis, or one for all;
    None where the numbers are floats."""

    levels: NDArray[Any]
    scale: NDArray[np.float32] | None

    def to_floats(self) -> NDArray[np.float32]:
        if self.scale is None:
            return np.asarray(self.levels, np.float32)
        scale = self.scale.reshape(-1, *(1,) * (self.levels.ndim - 1))
        return np.asarray(self.levels * scale, np.float32)


class LiteRtFile:
    """Raises ValueError when `content` is no LiteRT file."""

    def __init__(self, content: bytes) -> None:
        try:
            self._model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
            self._layers = [list(operator.inputs[1:3]) for operator in self._operators()]
        except _PARSE_ERRORS as error:
            raise ValueError("This is no LiteRT file.") from error

    @classmethod
    def read_layers(cls, content: bytes) -> list[tuple[Weights, Weights]]:
        """Kernel and bias of each layer in their order. Kernels of convolutions are out, height, width, in; others
        out, in."""
        file = cls(content)
        return [(file.read(kernel), file.read(bias)) for kernel, bias in file.layers]

    @property
    def layers(self) -> Sequence[Sequence[int]]:
        """The places of each layer's kernel and bias among the tensors."""
        return self._layers

    def read(self, place: int) -> Weights:
        """Raises ValueError for NO_BIAS."""
        if place == NO_BIAS:
            raise ValueError("This layer has no bias.")
        tensor = self._tensor(place)
        stored = self._model.buffers[tensor.buffer].data
        levels = np.frombuffer(bytes(stored), _KINDS[tensor.type]).reshape(tensor.shape)
        quantization = tensor.quantization
        scale = None if quantization is None or quantization.scale is None else np.array(quantization.scale, np.float32)
        return Weights(levels, scale)

    def replace(self, place: int, weights: Weights) -> None:
        tensor = self._tensor(place)
        self._model.buffers[tensor.buffer].data = np.frombuffer(weights.levels.tobytes(), np.uint8)
        tensor.quantization.scale = None if weights.scale is None else weights.scale.tolist()

    def to_bytes(self) -> bytes:
        return bytes(flatbuffer_utils.convert_object_to_bytearray(self._model))

    def _tensor(self, place: int) -> Any:
        return self._model.subgraphs[0].tensors[place]

    def _operators(self) -> list[Any]:
        codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in self._model.operatorCodes]
        return [each for each in self._model.subgraphs[0].operators if codes[each.opcodeIndex] in _WEIGHTED]
