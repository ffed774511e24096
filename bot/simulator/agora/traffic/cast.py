"""Who has which problem while a scenario runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from bot.simulator.agora.runs import Run

from .calls import Call, Calls
from .channels import DEMO
from .draw import draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurt:
    """One user's trouble: ``kind`` is uplink, downlink, cpu or offline, ``strength`` 0 to 1."""

    cname: str
    uid: int
    kind: str
    strength: float = 1.0


def cast(seed: int, run: Run, calls: Calls) -> tuple[Hurt, ...]:
    """Return the users whom a run troubles, chosen from the calls that are on when it begins.

    Calls that still last long come first, so that most of the trouble falls into calls that go on.
    """
    choose = _CASTS.get(run.scenario)
    if choose is None:
        return ()
    running = sorted(calls.running(run.start), key=lambda call: (-call.end, call.call_id))
    return tuple(choose(running, draw(seed, "cast", run.run_id, run.start), calls))


def _demo_host(_running: list[Call], _chance: Random, calls: Calls) -> list[Hurt]:
    return [Hurt(cname=DEMO, uid=calls.host(DEMO).uid, kind="uplink")]


def _viewers(running: list[Call], chance: Random, _calls: Calls) -> list[Hurt]:
    return _some(_with_viewers(running)[:4], chance, 2, "downlink")


def _senders(running: list[Call], _chance: Random, _calls: Calls) -> list[Hurt]:
    calls = _with_viewers(running)[:3]
    return [Hurt(cname=call.cname, uid=uid, kind="cpu") for call in calls for uid in call.senders[:2]]


def _everybody(running: list[Call], _chance: Random, _calls: Calls) -> list[Hurt]:
    return [
        Hurt(cname=call.cname, uid=person.uid, kind="downlink", strength=0.7)
        for call in running
        for person in call.people
        if not person.is_server
    ]


def _twins(running: list[Call], chance: Random, _calls: Calls) -> list[Hurt]:
    return _some(_with_viewers(running)[:2], chance, 1, "offline")


def _scattered(running: list[Call], chance: Random, _calls: Calls) -> list[Hurt]:
    return _some(_with_viewers(running)[:6], chance, 2, "offline")


def _with_viewers(running: list[Call]) -> list[Call]:
    return [call for call in running if len(call.people) > 2]


def _some(calls: list[Call], chance: Random, of_each: int, kind: str) -> list[Hurt]:
    """Return a few guests of each call; its host is spared."""
    return [
        Hurt(cname=call.cname, uid=person.uid, kind=kind)
        for call in calls
        for person in chance.sample([guest for guest in call.people[1:] if not guest.is_server], of_each)
    ]


_CASTS: Mapping[str, Callable[[list[Call], Random, Calls], list[Hurt]]] = {
    "uplink_loss": _demo_host,
    "downlink_loss": _viewers,
    "cpu": _senders,
    "storm": _everybody,
    "same_uid": _twins,
    "reconnects": _scattered,
}
