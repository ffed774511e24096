"""The simulator as its users see it: start it, script trouble, look at what was asked."""

import math
from collections.abc import Callable, Mapping

from .answers import beta
from .control import PREFIX, Control
from .current import current
from .faults import Faults
from .gate import Gate
from .journal import Journal
from .runs import Runs
from .scenarios import scenario_named
from .server import AgoraServer
from .traffic.project import Arrives, Project, Rows
from .values import Answer, Asked, Request


class AgoraSimulator:
    """A strict pretend Agora on loopback.

    ``now`` is Unix seconds in UTC and may run faster than the wall, or jump; the world is a function of it,
    of ``seed`` and of what was injected. ``credentials`` lead from customer id to secret, ``projects`` from
    App ID to the customer id that owns it.

    Without a ``plan`` the API of 2019 is served; with standard, premium or enterprise that of today, within
    the limits of that plan (ValueError for any other). The world is the same.

    Benchmarks bring their own data: ``rows`` takes the place of the diagnosis rows of a minute, ``arrives``
    of the instant (Unix seconds) at which the data of a minute can be read. Both are given an App ID and the
    start of the minute.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        credentials: Mapping[str, str],
        projects: Mapping[str, str],
        seed: int = 1,
        plan: str | None = None,
        rows: Rows | None = None,
        arrives: Arrives | None = None,
    ) -> None:
        self._now = now
        self._server: AgoraServer | None = None
        self._journal = Journal()
        self._runs = Runs()
        self._projects = {
            app_id: Project(seed, app_id, self._runs, rows=rows, arrives=arrives) for app_id in projects
        }
        dialect = beta(self._projects) if plan is None else current(plan, self._projects)
        self._faults = Faults(dialect.endpoints)
        self._control = Control(self)
        self._gate = Gate(
            now=now,
            credentials=credentials,
            projects=projects,
            dialect=dialect,
            faults=self._faults,
            runs=self._runs,
            journal=self._journal,
        )

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, on a free port unless one is named, and return the base address without a last slash."""
        if self._server is not None:
            raise RuntimeError("this simulator runs already")
        self._server = AgoraServer(host, port, self._route, self._now)
        return f"http://{host}:{self._server.server_port}"

    def stop(self) -> None:
        """Close the server and every connection; safe to call twice."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def inject(
        self, scenario: str, *, app_id: str | None = None, in_s: float = 0, lasts_s: float | None = None
    ) -> str:
        """Let a scenario begin ``in_s`` seconds from now in a project (None: the first one).

        Returns the id of the run. A negative ``in_s`` rewrites the past. Raises ValueError for a scenario or
        project that does not exist, for a length that is not positive, or for a begin that never comes.
        """
        chosen = scenario_named(scenario)
        lasts_s = chosen.lasts_s if lasts_s is None else lasts_s
        app_id = next(iter(self._projects), "") if app_id is None else app_id
        if app_id not in self._projects:
            raise ValueError(f"unknown project {app_id!r}; known: {', '.join(self._projects)}")
        if not lasts_s > 0:
            raise ValueError(f"{scenario} must last longer than {lasts_s} s")
        if not math.isfinite(in_s):
            raise ValueError(f"{scenario} cannot begin in {in_s} s")
        start = self._now() + in_s
        return self._runs.add(scenario, app_id, start, start + lasts_s).run_id

    def fault(self, endpoint: str, kind: str, times: int = 1) -> None:
        """Break the next answers of an endpoint (its path, or ``*``).

        ``kind`` is one of qps (HTTP 429), qpd (HTTP 300), qps_http200, html502, http500, hang, drop,
        malformed, null_data, no_code_429, gone404 and unauthorized; ValueError otherwise, and for less than
        one time.
        """
        self._faults.add(endpoint, kind, times)

    def journal(self) -> list[Request]:
        """Return every request to the API, the oldest first."""
        return self._journal.entries()

    def violations(self) -> list[Request]:
        """Return the requests that broke a documented limit."""
        return [request for request in self.journal() if request.violation]

    def _route(self, asked: Asked) -> Answer:
        return self._control.answer(asked) if asked.path.startswith(PREFIX) else self._gate.answer(asked)
