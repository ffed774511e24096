"""A month of rates with noise, a daily course, several outbreaks a day, and minutes that are missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from bot.flows.replay import Needs
from bot.model.observation import Floats, Observations, Points
from bot.model.time import DAY_S, MINUTE_S

DAY_MIN = DAY_S // MINUTE_S
BEGINS = 20_000 * DAY_S
MISSING = 0.005
OUTBREAKS_A_DAY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The usual value of a metric, how it scatters, and by how much an outbreak moves it."""

    usual: float
    scatter: float
    outbreak: float


SHAPES: Mapping[str, Shape] = {
    "videoFreezeRate": Shape(usual=2.5, scatter=0.8, outbreak=14.0),
    "audioFreezeRate": Shape(usual=1.2, scatter=0.5, outbreak=9.0),
    "joinSuccessRate": Shape(usual=99.0, scatter=0.6, outbreak=-12.0),
    "joinSuccess5SecsRate": Shape(usual=95.0, scatter=1.5, outbreak=-15.0),
    "networkDelay": Shape(usual=3.0, scatter=1.0, outbreak=16.0),
    "videoUpstreamExcellentTransRate": Shape(usual=95.0, scatter=1.5, outbreak=-25.0),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """One row a project and one column a minute from BEGINS on, for each metric; NaN where missing."""

    values: Mapping[str, Floats]

    @classmethod
    def make(
        cls, projects: int, days: float, *, seed: int = 1, outbreaks_a_day: int = OUTBREAKS_A_DAY
    ) -> Self:
        """Return the history of some projects, the same for equal arguments."""
        random = np.random.default_rng(seed)
        minutes = int(days * DAY_MIN)
        outbreak = _outbreaks(random, projects, minutes, minutes * outbreaks_a_day // DAY_MIN)
        course = np.sin(np.arange(minutes) * (2 * np.pi / DAY_MIN) - 2.0)
        values: dict[str, Floats] = {}
        for name, shape in SHAPES.items():
            noise = random.normal(0.0, shape.scatter, (projects, minutes))
            moved = outbreak * (shape.outbreak * random.uniform(0.4, 1.0, (projects, 1)))
            values[name] = np.clip(shape.usual + noise + course * shape.scatter + moved, 0.0, 100.0).round(2)
        size = random.uniform(20.0, 400.0, (projects, 1))
        values["pcu"] = (
            (size * (1.1 + course + random.normal(0.0, 0.05, (projects, minutes)))).clip(0).round()
        )
        for line in values.values():
            line[random.random(line.shape) < MISSING] = np.nan
        return cls(values=values)

    @property
    def projects(self) -> tuple[str, ...]:
        return tuple(f"p{n}" for n in range(len(self.values["pcu"])))

    @property
    def minutes(self) -> int:
        return int(self.values["pcu"].shape[1])

    def save(self, folder: Path) -> None:
        """Write one file a metric."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, line in self.values.items():
            np.save(folder / name, line)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return what ``save`` wrote, read from the files as it is looked at."""
        return cls(values={path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")})

    def read(self, needs: Needs) -> Observations:
        """Return what the judge has to see."""
        first = max(0, (needs.start - BEGINS) // MINUTE_S)
        last = min(self.minutes, (needs.end - BEGINS) // MINUTE_S)
        return Observations(
            projects=self.projects,
            start=needs.start,
            end=needs.end,
            metrics={name: self._points(name, first, last) for name in needs.metrics},
        )

    def _points(self, name: str, first: int, last: int) -> Points:
        part = self.values[name][:, first:last]
        project, minute = np.nonzero(np.isfinite(part))
        return Points(
            project=project.astype(np.int32),
            minute=BEGINS + (first + minute) * MINUTE_S,
            value=np.asarray(part[project, minute], dtype=np.float64),
        )


def _outbreaks(random: np.random.Generator, projects: int, minutes: int, count: int) -> Floats:
    """Return how bad it is, 0 to 1: outbreaks of 5 to 45 minutes that rise and fall within 3."""
    found = np.zeros((projects, minutes))
    for line in found:
        for start in random.integers(0, minutes, count).tolist():
            length = int(random.integers(5, 46))
            ramp = np.clip(np.minimum(np.arange(1, length + 1), np.arange(length, 0, -1)) / 3, 0, 1)
            part = line[start : start + length]
            np.maximum(part, (ramp * random.uniform(0.3, 1.0))[: len(part)], out=part)
    return found
