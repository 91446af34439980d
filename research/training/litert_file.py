"""Reads, and changes in place, the weights of convolutions and fully connected layers in a LiteRT file."""

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import tflite  # type: ignore[import-untyped]
from numpy.typing import NDArray

_WEIGHTED: Final = (tflite.BuiltinOperator.CONV_2D, tflite.BuiltinOperator.FULLY_CONNECTED)
_KINDS: Final[dict[int, type[np.generic]]] = {
    tflite.TensorType.INT8: np.int8,
    tflite.TensorType.INT32: np.int32,
    tflite.TensorType.INT64: np.int64,
    tflite.TensorType.FLOAT32: np.float32,
}
#: Marks a missing bias: the converter leaves out a bias of zeros, as in an untrained layer.
_NO_BIAS: Final = -1
_PARSE_ERRORS: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Weights:
    """One tensor. `levels`: the stored numbers; `scale`: one per entry of the first axis, or one for all; None for
    floats."""

    levels: NDArray[Any]
    scale: NDArray[np.float32] | None

    def to_floats(self) -> NDArray[np.float32]:
        if self.scale is None:
            return np.asarray(self.levels, np.float32)
        scale = self.scale.reshape(-1, *(1,) * (self.levels.ndim - 1))
        return np.asarray(self.levels * scale, np.float32)


def read_layers(content: bytes | bytearray) -> list[list[Weights]]:
    """Kernel and bias (if any) of each layer, in order. Kernels of convolutions are (out, height, width, in), others
    (out, in). All are views: in a bytearray they can be changed in place.

    Raises ValueError when `content` is not a LiteRT file.
    """
    try:
        model = tflite.Model.GetRootAs(content)
        graph = model.Subgraphs(0)
        operators = [graph.Operators(place) for place in range(graph.OperatorsLength())]
        layers = [each.InputsAsNumpy()[1:3] for each in operators if _code(model, each) in _WEIGHTED]
        return [[_read(model, place) for place in places if place != _NO_BIAS] for places in layers]
    except _PARSE_ERRORS as error:
        raise ValueError("This is no LiteRT file.") from error


def _code(model: Any, operator: Any) -> int:
    code = model.OperatorCodes(operator.OpcodeIndex())
    return int(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))


def _read(model: Any, place: int) -> Weights:
    tensor = model.Subgraphs(0).Tensors(place)
    stored = model.Buffers(tensor.Buffer()).DataAsNumpy()
    levels = stored.view(_KINDS[tensor.Type()]).reshape(tensor.ShapeAsNumpy())
    quantization = tensor.Quantization()
    scaled = quantization is not None and not quantization.ScaleIsNone()
    return Weights(levels, quantization.ScaleAsNumpy() if scaled else None)
