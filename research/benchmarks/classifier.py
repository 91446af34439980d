"""Compares the classifier with others on this machine: `python research/benchmarks/classifier.py --all`.

Prints JSON: for each contender the processor time and the median wall time of a 640 x 480 JPEG (or, where it says
network, of one square), the peak memory of its process and the time from process start to first answer; the stages of
our classifier; its memory growth; and the memory of the site's own worker. Without `--all` only our classifier is
timed, and the site is not started; with `--site` only the site is measured. `--write` saves the figures as
`docs/measurements/classifier-speed.json` and writes `docs/performance.md` from them. Everything runs on one thread
where a contender allows it.

`fer` and `ai-edge-litert` are installed once, into separate environments below `--cache`; what cannot be installed is
left out, with the reason.
"""

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from PIL import Image

from emotion.classifier.runtime import get_classifier
from research.benchmarks.machine import describe_machine
from research.benchmarks.memory import measure_site
from research.benchmarks.side_by_side.report import write_page
from research.benchmarks.side_by_side.stages import draw_frame, time_stages
from tests.faces import smile, to_jpeg

ROOT = Path(__file__).parents[2]
GROWTH = ROOT / "benchmarks" / "side_by_side" / "growth.py"
CONTENDER = ROOT / "benchmarks" / "side_by_side" / "contender.py"
FIGURES = ROOT / "docs" / "measurements" / "classifier-speed.json"
PAGE = ROOT / "docs" / "performance.md"

#: TensorFlow and the rest come from the environment that runs this. OpenCV 5 no longer has the cascade that fer uses.
REQUIREMENTS = {
    "fer": [
        *("fer==25.10.3", "opencv-contrib-python-headless<5", "setuptools<81", "pandas", "requests", "urllib3"),
        *("idna", "certifi", "charset-normalizer", "python-dateutil", "six"),
    ],
    "litert": ["ai-edge-litert==2.3.0"],
}
OURS = ("ours", "ours_and_forget", "our_network")
OTHERS = ("litert", "keras_function", "keras_predict", "keras_pipeline", "fer")
_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENCV_FOR_THREADS_NUM")


class LeftOut(Exception):
    """Why a contender cannot run here."""


def make_environment(name: str, cache: Path) -> Path:
    """The Python executable of the contender's own environment. Raises LeftOut."""
    python = cache / name / "bin" / "python"
    complete, wanted = cache / name / "complete", "\n".join(REQUIREMENTS[name])
    if not complete.exists() or complete.read_text() != wanted:
        venv.create(cache / name, clear=True)
        packages = Path(sysconfig.get_path("purelib", vars={"base": str(cache / name)}))
        (packages / "also.pth").write_text(sysconfig.get_path("purelib") + "\n")
        command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
        answer = subprocess.run([*command, "--ignore-installed", *REQUIREMENTS[name]], capture_output=True, text=True)
        if answer.returncode:
            raise LeftOut(f"could not be installed: {answer.stderr.strip().splitlines()[-1]}")
        complete.write_text(wanted)
    return python


def run_contender(name: str, frames: Path, calls: int, cache: Path) -> dict[str, Any]:
    """Its figures, or the reason why it was left out."""
    try:
        python = make_environment(name, cache) if name in REQUIREMENTS else Path(sys.executable)
    except LeftOut as reason:
        return {"left_out": str(reason)}
    start = time.perf_counter()
    command = [str(python), "-W", "ignore", str(CONTENDER), name, str(frames), str(calls)]
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True)
        assert process.stdout
        ready = process.stdout.readline().strip() == "ready"
        first = time.perf_counter() - start
        answer, _ = process.communicate()
        log.seek(0)
        errors = log.read().strip().splitlines()
    if not ready or process.returncode:
        return {"left_out": f"failed: {errors[-1] if errors else 'no reason given'}"}
    return {**json.loads(answer), "first_answer_s": round(first, 2)}


def write_frames(folder: Path, images: Path | None) -> None:
    """The test frames, 640 x 480 JPEG: a folder of pictures, or a public-domain portrait at three distances."""
    if images is None:
        pictures = [smile(), smile().crop((60, 0, 520, 345)), smile().crop((100, 20, 420, 260))]
    else:
        pictures = [Image.open(path).convert("RGB") for path in sorted(images.iterdir()) if path.is_file()]
    for number, picture in enumerate(pictures):
        (folder / f"{number:05}.jpg").write_bytes(to_jpeg(picture.resize((640, 480))))


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """With `--site`, the earlier figures with the site's own replaced."""
    if options.site:
        known: dict[str, Any] = json.loads(FIGURES.read_text())
        return known | _measure_site()
    return _measure_contenders(options) | (_measure_site() if options.all else {})


def _measure_site() -> dict[str, Any]:
    return {"site": measure_site(), "site_machine": describe_machine()}


def _measure_contenders(options: argparse.Namespace) -> dict[str, Any]:
    names = (*OURS, *OTHERS) if options.all else OURS
    with tempfile.TemporaryDirectory() as folder:
        write_frames(Path(folder), options.images)
        contenders = {name: run_contender(name, Path(folder), options.calls, options.cache) for name in names}
        growth = measure_growth(Path(folder), options.growth_calls)
    return {
        "machine": describe_machine(),
        "model": get_classifier().spec.name,
        "calls": options.calls,
        "contenders": contenders,
        "stages": time_stages(draw_frame(), options.calls),
        "growth": growth,
    }


def measure_growth(frames: Path, calls: int) -> dict[str, Any]:
    command = [sys.executable, str(GROWTH), str(frames), str(calls)]
    answer = subprocess.run(
        command, env={**os.environ, **dict.fromkeys(_THREADS, "1")}, capture_output=True, check=True
    )
    figures: dict[str, Any] = json.loads(answer.stdout)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100, help="timed faces a contender")
    parser.add_argument("--growth-calls", type=int, default=5000, help="calls over which memory may grow")
    parser.add_argument("--images", type=Path, metavar="DIR", help="pictures to read in place of the built-in ones")
    parser.add_argument("--all", action="store_true", help=f"time {', '.join(OTHERS)} too; some minutes")
    parser.add_argument("--site", action="store_true", help="the memory of the site's processes alone")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "contenders", metavar="DIR")
    parser.add_argument("--write", action="store_true", help=f"write {FIGURES.name} and {PAGE.name}")
    options = parser.parse_args()
    if options.images and not any(path.is_file() for path in options.images.iterdir()):
        parser.error(f"there is no picture in {options.images}")
    figures = measure(options)
    text = json.dumps(figures, indent=1)
    print(text)
    if options.write:
        FIGURES.write_text(text + "\n")
        PAGE.write_text(write_page(figures))


if __name__ == "__main__":
    main()
