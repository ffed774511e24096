"""One project at any time: its calls, its minutes, and when they can be read."""

from collections.abc import Callable
from functools import lru_cache

from bot.simulator.agora.endpoints import DAY_S
from bot.simulator.agora.runs import Run, Runs
from bot.simulator.agora.values import Json

from .calls import Call, Calls, Session
from .cast import Hurt, cast
from .draw import draw
from .rates import point
from .rows import rows_of

KEPT_CASTS = 128
LATE_S = (60.0, 120.0)
VERY_LATE_S = (240.0, 360.0)


Rows = Callable[[str, int], list[Json]]
Arrives = Callable[[str, int], float]


class Project:
    """Everything that can be asked of one App ID; it remembers nothing but the runs.

    ``rows`` and ``arrives`` take an App ID and the start of a minute; where they are given, they take the
    place of the drawn diagnosis rows and of the drawn arrivals (Unix seconds).
    """

    def __init__(
        self, seed: int, app_id: str, runs: Runs, *, rows: Rows | None = None, arrives: Arrives | None = None
    ) -> None:
        self.seed = seed
        self.app_id = app_id
        self.calls = Calls(seed, app_id)
        self._runs = runs
        self._rows = rows or self._drawn_rows
        self._arrives = arrives or self._drawn_arrival
        self._cast = lru_cache(maxsize=KEPT_CASTS)(lambda run: cast(seed, run, self.calls))

    def runs(self, start: float, end: float) -> list[Run]:
        """Return the runs that cover some of ``start`` to ``end``."""
        return self._runs.during(self.app_id, start, end)

    def casts(self, start: float, end: float) -> dict[Run, tuple[Hurt, ...]]:
        """Return the runs between two instants with the users whom each troubles."""
        return {run: self._cast(run) for run in self.runs(start, end)}

    def arrives_at(self, minute: int) -> float:
        """Return when the numbers and rows of a minute can be read."""
        return self._arrives(self.app_id, minute)

    def point(self, minute: int, metrics: tuple[str, ...]) -> Json:
        """Return the live numbers of a minute."""
        return point(self.seed, self.app_id, minute, self.runs(minute, minute + 60), metrics)

    def rows(self, minute: int) -> list[Json]:
        """Return the diagnosis rows of a minute."""
        return self._rows(self.app_id, minute)

    def usage(self, day: int, metrics: tuple[str, ...]) -> Json:
        """Return the counts of the UTC day that begins at ``day``."""
        stays = self.stays(day, day + DAY_S)
        counts = {
            "userCount": len({(session.person.uid, call.cname) for call, session in stays}),
            "sessionCount": len(stays),
            "channelCount": len({call for call, _ in stays}),
        }
        return {name: counts[name] for name in metrics} | {"ts": day}

    def stays(self, start: float, end: float) -> list[tuple[Call, Session]]:
        """Return who was in which call at some time of ``start`` to ``end``, servers too."""
        return [
            (call, session)
            for call in self.calls.overlapping(start, end)
            for session in self.calls.sessions(call)
            if session.join < end and session.leave >= start
        ]

    def _drawn_arrival(self, app_id: str, minute: int) -> float:
        """A minute arrives a while after it is over."""
        is_very_late = any(run.scenario == "late_data" for run in self.runs(minute, minute + 60))
        late_s = draw(self.seed, app_id, "late", minute).uniform(*VERY_LATE_S if is_very_late else LATE_S)
        return minute + 60 + late_s

    def _drawn_rows(self, app_id: str, minute: int) -> list[Json]:
        return rows_of(self.seed, app_id, minute, self.casts(minute, minute + 60), self.calls)
