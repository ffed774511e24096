"""What other processes do over HTTP under ``/_sim``: script trouble and read the journal."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Protocol

from .scenarios import SCENARIOS
from .values import Answer, Asked, Json, Request

PREFIX = "/_sim/"


class Script(Protocol):
    """The part of the simulator that can be told what to do."""

    def inject(
        self, scenario: str, *, app_id: str | None = None, in_s: float = 0, lasts_s: float | None = None
    ) -> str: ...

    def fault(self, endpoint: str, kind: str, times: int = 1) -> None: ...

    def journal(self) -> list[Request]: ...


class Control:
    """Answers ``/_sim``; what it cannot understand gets HTTP 400 with an explanation."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._routes: dict[tuple[str, str], Callable[[Json], object]] = {
            ("GET", "scenarios"): lambda _: [asdict(scenario) for scenario in SCENARIOS.values()],
            ("GET", "journal"): lambda _: [asdict(request) for request in script.journal()],
            ("POST", "inject"): self._inject,
            ("POST", "fault"): self._fault,
        }

    def answer(self, asked: Asked) -> Answer:
        """Return the answer to one request under ``/_sim``."""
        route = self._routes.get((asked.verb, asked.path.removeprefix(PREFIX)))
        if route is None:
            known = ", ".join(f"{verb} {PREFIX}{name}" for verb, name in self._routes)
            return Answer(status=404, body={"error": f"known: {known}"})
        try:
            return Answer(body=route(_told(asked.body)))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            return Answer(status=400, body={"error": str(error)})

    def _inject(self, told: Json) -> Json:
        lasts_s = told.get("lasts_s")
        run_id = self._script.inject(
            told["scenario"],
            app_id=told.get("app_id"),
            in_s=float(told.get("in_s", 0)),
            lasts_s=None if lasts_s is None else float(lasts_s),
        )
        return {"run_id": run_id}

    def _fault(self, told: Json) -> Json:
        times = int(told.get("times", 1))
        self._script.fault(told["endpoint"], told["kind"], times)
        return {"queued": times}


def _told(body: bytes) -> Json:
    told = json.loads(body or b"{}")
    if not isinstance(told, dict):
        raise TypeError("the body must be a JSON object")
    return told
