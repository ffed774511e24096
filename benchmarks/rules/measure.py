"""What a piece of work costs, measured in a process of its own so that nothing else counts."""

import multiprocessing
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds of processor time (all threads, user and system) and by the clock; the most memory held."""

    cpu_s: float
    wall_s: float
    peak_mib: float = 0.0


class Stopwatch:
    """Adds up the spans that it is held."""

    def __init__(self) -> None:
        self.cpu_s = self.wall_s = 0.0

    def __enter__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.cpu_s += time.process_time() - self._cpu
        self.wall_s += time.perf_counter() - self._wall

    def cost(self) -> Cost:
        """Return what was measured so far, and the most memory that this process ever held."""
        return Cost(cpu_s=self.cpu_s, wall_s=self.wall_s, peak_mib=_peak_kib() / 1024)


def alone(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Return what ``work`` returns, from a fresh process."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(work, *args, **kwargs).result()


def _peak_kib() -> int:
    """Return Linux's high-water mark of this program; getrusage would count the parent's before exec."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))


def command(words: Sequence[str | Path]) -> tuple[Cost, int, str]:
    """Return the cost of a command with its exit code and what it said."""
    began = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:  # noqa: S603
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    cost = Cost(
        cpu_s=used.ru_utime + used.ru_stime,
        wall_s=time.perf_counter() - began,
        peak_mib=used.ru_maxrss / 1024,
    )
    return cost, process.returncode, said


def per_doubling(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return by which factor the time grows when the size doubles: 2 is linear."""
    ratio = seconds[-1] / seconds[0]
    return float(ratio ** (1 / _doublings(sizes)))


def _doublings(sizes: Sequence[float]) -> float:
    doublings, size = 0.0, sizes[0]
    while size * 2 <= sizes[-1]:
        size, doublings = size * 2, doublings + 1
    if size != sizes[-1]:
        raise ValueError("sizes must double")
    return doublings
