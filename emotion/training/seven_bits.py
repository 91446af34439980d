"""Seven-bit weights for an int8 LiteRT file, so that every processor gives the same answer.

Processors without VNNI multiply eight-bit activations and weights in pairs and add each pair into sixteen bits; with
weights beyond -64..64 that sum saturates, and answers change by whole logits. With them inside it cannot
(2 x 255 x 64 < 2^15). See Intel, "Lower Numerical Precision Deep Learning Inference and Training" (2018), and the
same remedy in OpenVINO's NNCF ("overflow fix").
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

_WEIGHTED: Final = (schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.FULLY_CONNECTED)
_MOST: Final = 64


def limit_weights(content: bytes) -> bytes:
    """The same network with weights in -64..64 and scales twice as large; biases follow. Once is enough:
    a file whose weights are within already comes back as it was."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    changed = [_limit(model, operator) for operator in model.subgraphs[0].operators if _is_weighted(model, operator)]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model)) if any(changed) else content


def _is_weighted(model: Any, operator: Any) -> bool:
    code = model.operatorCodes[operator.opcodeIndex]
    return max(code.builtinCode, code.deprecatedBuiltinCode) in _WEIGHTED


def _limit(model: Any, operator: Any) -> bool:
    _, *fixed = operator.inputs
    kernel, bias = (model.subgraphs[0].tensors[place] for place in fixed)
    if (kernel.type, bias.type) != (schema.TensorType.INT8, schema.TensorType.INT32):
        return False
    levels = _read(model, kernel, np.int8)
    if np.abs(levels.astype(np.int16)).max() <= _MOST:
        return False
    _write(model, kernel, np.rint(levels / 2).astype(np.int8))
    _write(model, bias, np.rint(_read(model, bias, np.int32) / 2).astype(np.int32))
    for tensor in (kernel, bias):
        tensor.quantization.scale = [scale * 2 for scale in tensor.quantization.scale]
    return True


def _read(model: Any, tensor: Any, kind: type[np.generic]) -> np.ndarray[Any, Any]:
    return np.frombuffer(bytes(model.buffers[tensor.buffer].data), kind)


def _write(model: Any, tensor: Any, values: np.ndarray[Any, Any]) -> None:
    model.buffers[tensor.buffer].data = np.frombuffer(values.tobytes(), np.uint8)
