"""The gate that every request to the API passes.

known path ─► customer ─► project ─► quota ─► parameters and window ─► scripted fault or outage ─► data
    └────────────┴───────────┴─────────┴──────────────┴─► refused, and noted as a violation
"""

from collections.abc import Callable, Mapping
from itertools import count

from .endpoints import ENDPOINTS
from .faults import Faults, broken
from .journal import Journal
from .questions import Question, customer_of, owned_project, question
from .quota import Quota
from .refusals import NO_ROUTE
from .runs import Runs
from .traffic.draw import draw
from .values import Answer, Asked, Refused

OUTAGE_KINDS = ("http500", "drop", "html502")

AnswerWith = Callable[[Question], Answer]


class Gate:
    """Refuses what Agora refuses, breaks what the script breaks, and writes everything down."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        credentials: Mapping[str, str],
        projects: Mapping[str, str],
        faults: Faults,
        runs: Runs,
        journal: Journal,
        serve: AnswerWith,
    ) -> None:
        self._now = now
        self._credentials = dict(credentials)
        self._projects = dict(projects)
        self._faults = faults
        self._runs = runs
        self._journal = journal
        self._serve = serve
        self._quota = Quota()
        self._numbers = count()

    def answer(self, asked: Asked) -> Answer:
        """Return what Agora says; a scripted fault takes the place of it, yet violations are noted."""
        at = self._now()
        judged = self._judged(asked, at)
        answer = self._broken(asked, at)
        if answer is None:
            answer = judged.answer if isinstance(judged, Refused) else self._serve(judged)
        violation = judged.violation if isinstance(judged, Refused) else ""
        self._journal.record(at, asked, answer, violation)
        return answer

    def _judged(self, asked: Asked, at: float) -> Question | Refused:
        try:
            return self._question(asked, at)
        except Refused as refused:
            return refused

    def _question(self, asked: Asked, at: float) -> Question:
        endpoint = ENDPOINTS.get(asked.path)
        if endpoint is None or asked.verb != "GET":
            raise Refused(NO_ROUTE, f"no endpoint {asked.verb} {asked.path}")
        customer = customer_of(asked.authorization, self._credentials)
        app_id = owned_project(asked.params, customer, self._projects)
        self._quota.take(customer, endpoint, at)
        return question(endpoint, app_id, asked.params, at)

    def _broken(self, asked: Asked, at: float) -> Answer | None:
        fault = self._faults.take(asked.path)
        if fault is not None or not self._runs.is_on("outage", asked.params.get("appid", ""), at):
            return fault
        return broken(asked.path, draw("outage", next(self._numbers)).choice(OUTAGE_KINDS))
