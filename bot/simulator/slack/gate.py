"""The gate that every request of the bot passes: scripted faults first, then the journal."""

import threading
from collections.abc import Callable

from .arguments import arguments
from .faults import Faults
from .journal import Journal
from .values import Answer, Json, Refused, Request

# A client that waits exactly Retry-After may be early by the granularity of its sleep.
EARLY_S = 0.05
_BROKEN = {
    "http500": Answer(status=500, body="Internal Server Error"),
    "drop_before": Answer(fate="drop"),
    "hang": Answer(fate="hang"),
}
_AFTER = {"drop_after": Answer(fate="drop"), "hang_after": Answer(fate="hang")}

Serve = Callable[[Json], Answer]
ToAnswer = Callable[[Refused], Answer]
Read = Callable[[Request], Json]


def api_refusal(refused: Refused) -> Answer:
    """Return a refusal as the Web API words it: 429 for a rate limit, else 200 and not ok."""
    if refused.retry_after is None:
        return Answer(body=refused.answer())
    return Answer(status=429, body=refused.answer(), headers={"Retry-After": str(refused.retry_after)})


def read_arguments(request: Request) -> Json:
    return arguments(request.query, request.headers.get("content-type", ""), request.body)


class Gate:
    """Lets requests through, breaks those that the script names, and notes what Slack would refuse."""

    def __init__(self, *, faults: Faults, journal: Journal, wall: Callable[[], float]) -> None:
        self._faults = faults
        self._journal = journal
        self._wall = wall
        self._paused_until: dict[str, float] = {}

    def answer(
        self,
        label: str,
        request: Request,
        serve: Serve,
        *,
        refusal: ToAnswer = api_refusal,
        read: Read = read_arguments,
    ) -> Answer:
        """Return the answer of ``serve`` or of the script and write the exchange into the journal."""
        at = self._wall()
        self._note_impatience(label, at)
        args: Json = {}
        try:
            args = read(request)
            answer = self._scripted(label, lambda: self._served(label, args, serve, refusal), refusal)
        except Refused as refused:
            answer = self._refused(label, refused, refusal)
        self._journal.record(
            at=at,
            took_s=self._wall() - at,
            direction="to_slack",
            method=label,
            status=0 if answer.fate else answer.status,
            headers=request.headers,
            request={name: value for name, value in args.items() if name != "token"},
            response={"fault": answer.fate} if answer.fate else answer.body,
        )
        return answer

    def _scripted(self, label: str, served: Callable[[], Answer], refusal: ToAnswer) -> Answer:
        fault = self._faults.take(label)
        if fault is None:
            return served()
        if fault.error in _AFTER:
            served()
            return _AFTER[fault.error]
        if fault.error == "slow":
            answer = served()
            threading.Event().wait(fault.delay_s)
            return answer
        if fault.error in _BROKEN:
            return _BROKEN[fault.error]
        if fault.error != "ratelimited":
            return refusal(Refused(fault.error))
        self._paused_until[label] = self._wall() + fault.retry_after
        return api_refusal(Refused(fault.error, retry_after=fault.retry_after))

    def _served(self, label: str, args: Json, serve: Serve, refusal: ToAnswer) -> Answer:
        try:
            return serve(args)
        except Refused as refused:
            return self._refused(label, refused, refusal)

    def _refused(self, label: str, refused: Refused, refusal: ToAnswer) -> Answer:
        self._journal.accuse(f"{label}: {'; '.join((refused.error, *refused.details))}")
        return refusal(refused)

    def _note_impatience(self, label: str, at: float) -> None:
        early_s = self._paused_until.pop(label, 0.0) - at
        if early_s > EARLY_S:
            self._journal.accuse(f"{label}: called {early_s:.2f} s before Retry-After was over")
