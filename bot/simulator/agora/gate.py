"""The gate that every request to the API passes.

known path ─► customer ─► project ─► plan ─► quota ─► parameters and window ─► fault or outage ─► data
    └────────────┴───────────┴────────┴────────┴──────────────┴─► refused, and noted as a violation
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from .endpoints import Endpoint
from .faults import Faults
from .journal import Journal
from .questions import customer_of, owned_project
from .quota import Quota
from .refusals import NO_ROUTE, outside_plan
from .runs import Runs
from .traffic.draw import draw
from .values import Answer, Asked, Refused

OUTAGE_KINDS = ("http500", "drop", "html502")

Serve = Callable[[], Answer]
Read = Callable[[Endpoint, str, Asked, float], Serve]
"""From an endpoint, the App ID, what was asked and the time to what answers it, or Refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One generation of the API: its endpoints by path, and how their questions are read."""

    endpoints: Mapping[str, Endpoint]
    read: Read


class Gate:
    """Refuses what Agora refuses, breaks what the script breaks, and writes everything down."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        credentials: Mapping[str, str],
        projects: Mapping[str, str],
        dialect: Dialect,
        faults: Faults,
        runs: Runs,
        journal: Journal,
    ) -> None:
        self._now = now
        self._credentials = dict(credentials)
        self._projects = dict(projects)
        self._dialect = dialect
        self._faults = faults
        self._runs = runs
        self._journal = journal
        self._quota = Quota()
        self._numbers = count()

    def answer(self, asked: Asked) -> Answer:
        """Return what Agora says; a scripted fault takes the place of it, yet violations are noted."""
        at = self._now()
        judged = self._judged(asked, at)
        answer = self._broken(asked, at)
        if answer is None:
            answer = judged.answer if isinstance(judged, Refused) else judged()
        violation = judged.violation if isinstance(judged, Refused) else ""
        self._journal.record(at, asked, answer, violation)
        return answer

    def _judged(self, asked: Asked, at: float) -> Serve | Refused:
        try:
            return self._admitted(asked, at)
        except Refused as refused:
            return refused

    def _admitted(self, asked: Asked, at: float) -> Serve:
        endpoint = self._dialect.endpoints.get(asked.path)
        if endpoint is None or asked.verb != endpoint.verb:
            raise Refused(NO_ROUTE, f"no endpoint {asked.verb} {asked.path}")
        customer = customer_of(asked.authorization, self._credentials)
        app_id = owned_project(asked.params, customer, self._projects)
        if not endpoint.included:
            raise outside_plan(endpoint.family)
        self._quota.take(customer, endpoint, at)
        return self._dialect.read(endpoint, app_id, asked, at)

    def _broken(self, asked: Asked, at: float) -> Answer | None:
        fault = self._faults.take(asked.path)
        if fault is not None or not self._runs.is_on("outage", asked.params.get("appid", ""), at):
            return fault
        return self._faults.broken(asked.path, draw("outage", next(self._numbers)).choice(OUTAGE_KINDS))
