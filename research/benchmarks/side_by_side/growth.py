"""Whether the classifier's memory grows: `growth.py FOLDER CALLS`, figures as JSON on stdout.

Runs in its own process, so that only the classifier is in memory. `FOLDER` holds JPEGs.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import psutil

from emotion.classifier.runtime import get_classifier

_WARM_UP = 200


def main() -> None:
    frames = [path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("*.jpg"))]
    calls, classifier, process = int(sys.argv[2]), get_classifier(), psutil.Process()
    for turn in range(_WARM_UP):
        classifier.classify_jpegs([frames[turn % len(frames)]])
    before = process.memory_info().rss
    for turn in range(calls):
        classifier.classify_jpegs([frames[turn % len(frames)]])
    after = process.memory_info().rss
    grown = round((after - before) / calls, 1)
    print(json.dumps({"calls": calls, "grown_bytes_a_call": grown, "resident_mib": round(after / 2**20, 1)}))


if __name__ == "__main__":
    main()
