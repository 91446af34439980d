"""Time to summarise and rank a year of entries, as JSON: `python research/benchmarks/recommender.py`. No database."""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

from emotion.classifier.spec import ModelSpec
from research.recommender.catalogue import read_options
from research.recommender.people import MatrixFaces
from research.recommender.speed import measure_speed


def main() -> None:
    spec = ModelSpec.load()
    faces = MatrixFaces.of(spec.confusion.everyday, spec.everyday_prior)
    print(json.dumps(measure_speed(read_options(), faces, prior=spec.everyday_prior), indent=1))


if __name__ == "__main__":
    main()
