"""Runs: a scenario in one project between two instants."""

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RAMP_S = 30
"""A run is at full strength this long after it began, and over at once when it ends."""

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    run_id: str
    scenario: str
    app_id: str
    start: float
    end: float

    def share(self, start: float, end: float) -> float:
        """Return the part, 0 to 1, of a span that the run covers."""
        return max(0.0, min(end, self.end) - max(start, self.start)) / (end - start)

    def ramp(self, times: Floats) -> Floats:
        """Return the strength, 0 to 1, at each of the times."""
        rising: Floats = np.clip((times - self.start) / RAMP_S, 0.0, 1.0)
        return rising * (times < self.end)


class Runs:
    """Every run that was ever injected; runs overlay each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: tuple[Run, ...] = ()

    def add(self, scenario: str, app_id: str, start: float, end: float) -> Run:
        """Remember a run under an id of its own."""
        with self._lock:
            run = Run(
                run_id=f"{scenario}-{len(self._runs) + 1}",
                scenario=scenario,
                app_id=app_id,
                start=start,
                end=end,
            )
            self._runs = (*self._runs, run)
        return run

    def during(self, app_id: str, start: float, end: float) -> list[Run]:
        """Return the runs of a project that cover some of ``start`` to ``end``, in order of injection."""
        return [run for run in self._runs if run.app_id == app_id and run.start < end and start < run.end]

    def is_on(self, scenario: str, app_id: str, at: float) -> bool:
        """Return whether a scenario runs at an instant."""
        return any(
            run.scenario == scenario and run.app_id == app_id and run.start <= at < run.end
            for run in self._runs
        )
