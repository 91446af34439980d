"""Runs mutated uploads through the upload check and the worker's decoder; prints JSON.

`python research/benchmarks/hostile_uploads.py [--count 10000] [--json docs/measurements/hostile-uploads.json]`.
Exit code 1 when the result is anything but a picture or a refusal, when one in a hundred takes 100 ms, or when memory
grows by 64 MiB.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import psutil

from emotion.classifier.images import UnreadableImage, decode_jpeg
from emotion.jpeg import ImageRefused, check_jpeg
from tests.faces import smile, to_jpeg
from tests.hostile import mutate, saved
from vault.crypto.frames import wipe

_SEED = 20261125
_WARM_UP = 200
_LIMITS = {"p99_ms": 100.0, "memory_growth_mib": 64.0}


@dataclass
class Outcome:
    answers: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def take(self, upload: bytes) -> None:
        """Process one upload: the check of the web process, then the worker's decoder on its own buffer."""
        started = time.process_time()
        try:
            check_jpeg(upload)
            frame = bytearray(upload)
            decode_jpeg(frame).fill(0)
            wipe(frame)
            self.answers["decoded"] += 1
        except ImageRefused as error:
            self.answers[error.code] += 1
        except UnreadableImage:
            self.answers["unreadable"] += 1
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is counted
            self.crashes.append(repr(error)[:200])
        self.milliseconds.append(1000 * (time.process_time() - started))


def originals() -> list[bytes]:
    """Real pictures of a face, small and of the largest permitted size, colour and grey, with and without restarts."""
    sizes = [(160, 120), (320, 240), (640, 480), (1280, 960)]
    pictures = [to_jpeg(smile(*size), quality) for size in sizes for quality in (60, 85)]
    plain = smile(320, 240)
    return [*pictures, saved(plain.convert("L")), saved(plain, restart_marker_blocks=4), saved(plain, optimize=True)]


def run(count: int) -> dict[str, object]:
    rng, jpegs, process = random.Random(_SEED), originals(), psutil.Process()
    warm_up, outcome = Outcome(), Outcome()
    for _ in range(_WARM_UP):
        warm_up.take(mutate(rng.choice(jpegs), rng))
    before = most = process.memory_info().rss
    for number in range(count):
        outcome.take(mutate(rng.choice(jpegs), rng))
        if number % 50 == 0:
            most = max(most, process.memory_info().rss)
    p50, p99, slowest = np.percentile(outcome.milliseconds, (50, 99, 100))
    return {
        "uploads": count,
        "seed": _SEED,
        "answers": dict(outcome.answers.most_common()),
        "crashes": len(outcome.crashes),
        "crash_examples": outcome.crashes[:5],
        "p50_ms": round(p50, 3),
        "p99_ms": round(p99, 3),
        "max_ms": round(slowest, 3),
        "memory_growth_mib": round((most - before) / 2**20, 1),
        "time": "CPU time of check and decoding, by time.process_time",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result = run(options.count)
    text = json.dumps(result, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")
    return int(bool(result["crashes"]) or any(float(str(result[name])) >= limit for name, limit in _LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
