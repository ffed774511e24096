"""`make bench-diagnosis`: pretend calls with known faults, the doctor's answers, those of simpler ways."""

import argparse
import secrets
import sys
import time
from pathlib import Path

from benchmarks.diagnosis import speed, trial
from benchmarks.diagnosis.report import Ran, page
from benchmarks.diagnosis.world import RECEIVER, SENDER, Scene

REPORT = Path(__file__).parents[2] / "docs" / "reference" / "diagnosis-benchmark.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    parser.add_argument("--per-class", type=int, default=800, help="held-out calls of each of 16 classes")
    parser.add_argument(
        "--start", type=int, default=None, help="start value of the generators; else a fresh one"
    )
    parser.add_argument("--folder", type=int, default=1000, help="calls in the folder whose time is taken")
    chosen = parser.parse_args()
    start = chosen.start if chosen.start is not None else secrets.randbelow(2**31)
    starts = {"held out": start, "calibration": start + 1, "doubts": start + 2}
    per = chosen.per_class
    heldout = trial.scenes(per, starts["held out"], heldout=True)
    few = max(per // 4, 3)
    doubts = trial.scenes(few, starts["doubts"], heldout=True)
    told = trial.scenes(few, starts["doubts"], heldout=True)
    text = page(
        Ran(
            heldout=_timed("held out", heldout, trial.with_baselines),
            calibration=_timed(
                "calibration", trial.scenes(few, starts["calibration"], heldout=False), trial.plainly
            ),
            doubted=_timed("doubts", doubts, trial.doubted),
            swapped=_timed("sides", [s for s in doubts if _has_sides(s)], trial.swapped),
            variants={name: _timed(name, told, work) for name, work in trial.variants().items()},
            starts=starts,
            speed=speed.measured(chosen.folder),
        )
    )
    if chosen.write:
        REPORT.write_text(text)
    print(text)


def _has_sides(scene: Scene) -> bool:
    sided = (*SENDER[:4], *RECEIVER)
    return len(scene.faults) == 1 and scene.faults[0].kind in sided


def _timed(name: str, scenes: list[Scene], work: "trial.Work") -> list[trial.Result]:
    began = time.perf_counter()
    found = trial.run(scenes, work)
    print(f"{name}: {len(scenes)} calls in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    main()
