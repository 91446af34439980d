import subprocess
import sys

import numpy as np
import pytest

from emotion.classifier.engine import Engine
from emotion.classifier.faces import NEAR, _read_release


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(_read_release(NEAR))


def test_shapes_are_those_of_the_file(engine: Engine) -> None:
    assert engine.input_shape == (1, 128, 128, 3)
    assert sorted(engine.output_shapes) == [(1, 896, 1), (1, 896, 16)]


def test_outputs_are_kept_when_the_next_input_comes(engine: Engine) -> None:
    first = engine.infer(np.ones(engine.input_shape, np.float32))
    copies = [output.copy() for output in first]
    engine.infer(np.zeros(engine.input_shape, np.float32))
    assert all(np.array_equal(output, copy) for output, copy in zip(first, copies, strict=True))


def test_forgetting_leaves_what_an_empty_input_leaves(engine: Engine) -> None:
    empty = engine.infer(np.zeros(engine.input_shape, np.float32))
    engine.infer(np.random.default_rng(1).normal(size=engine.input_shape))
    engine.forget()
    assert not engine._input.any()
    assert all(np.array_equal(output, blank) for output, blank in zip(engine._outputs, empty, strict=True))


@pytest.mark.parametrize("content", [b"", b"TFL3" * 100, b"\0" * 1000])
def test_content_that_is_no_network_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="cannot open"):
        Engine(content)


def test_no_thread_is_pinned_to_a_core() -> None:
    code = (
        "import os; from emotion.classifier.engine import Engine;"
        "from emotion.classifier.faces import NEAR, _read_release;"
        "allowed = os.sched_getaffinity(0); engine = Engine(_read_release(NEAR));"
        "print(all(os.sched_getaffinity(int(t)) == allowed for t in os.listdir('/proc/self/task')))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "True\n"


def test_converter_that_reports_to_its_maker_is_not_loaded() -> None:
    code = (
        "import sys; import emotion.classifier.engine;"
        "print(sorted(name for name in sys.modules if 'telemetry' in name), sys.modules['openvino.tools.ovc'])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[] None\n"


_SCAN = """
import sys
import numpy as np
from emotion.classifier.engine import Engine
from emotion.classifier.faces import NEAR, _read_release

def count(hidden):
    found = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            start, end = (int(part, 16) for part in place.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                held = np.frombuffer(memory.read(end - start), np.uint8) ^ 0x55
                found += held.tobytes().count(hidden)
    return found

engine = Engine(_read_release(NEAR))
picture = np.random.default_rng(5).normal(size=engine.input_shape).astype(np.float32)
hidden = (np.frombuffer(picture.tobytes()[50_000:50_256], np.uint8) ^ 0x55).tobytes()
engine.infer(picture)
picture.fill(0)
if sys.argv[1] == "forget":
    engine.forget()
print(count(hidden) > 0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's own memory through /proc")
@pytest.mark.parametrize(("then", "found"), [("keep", "True\n"), ("forget", "False\n")])
def test_no_trace_of_the_picture_is_in_memory_after_forgetting(then: str, found: str) -> None:
    answer = subprocess.run([sys.executable, "-c", _SCAN, then], capture_output=True, text=True, check=True)
    assert answer.stdout == found
