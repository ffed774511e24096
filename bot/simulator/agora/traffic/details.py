"""The body of call/details: the sessions of a call and their series.

The series are written as text, see kvs; everything small goes through json.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bot.simulator.agora.runs import Floats, Mask, Run
from bot.simulator.agora.values import Json

from .calls import Call, Calls, Session
from .cast import Hurt
from .draw import draw_arrays
from .kvs import kvs_text, stamps
from .project import Project
from .series import SERIES, STEP_S, device_series, receiver_series, sender_series
from .strain import Strain, strain_of

SESSIONS_AT_MOST = 10
PEERS_AT_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One session of a call with the times at which it measured, from joining to leaving.

    Everything is drawn for the whole session, so that a value does not depend on the window asked for.
    """

    session: Session
    call: Call
    calls: Calls
    seed: int
    casts: Mapping[Run, tuple[Hurt, ...]]
    times: Floats

    def strain(self, uid: int) -> Strain:
        return strain_of(uid, self.call.cname, self.casts, self.times)

    def chance(self, peer_uid: int) -> np.random.Generator:
        return draw_arrays(self.seed, self.session.sid, peer_uid)

    def hears(self, peer_uid: int) -> Mask:
        """Return at which times a peer is in the call too."""
        stays = [stay for stay in self.calls.sessions(self.call) if stay.person.uid == peer_uid]
        heard = np.zeros(len(self.times), dtype=np.bool_)
        for stay in stays:
            heard |= (self.times > stay.join) & (self.times < stay.leave)
        return heard


def details_body(
    project: Project,
    call_id: str,
    *,
    start: float,
    end: float,
    known_until: float,
    with_servers: bool,
    with_metrics: bool,
) -> bytes:
    """Return the JSON of a call in the window; an unknown call has no sessions."""
    call = project.calls.find(call_id, start, end)
    sessions = sessions_in(project, call, start, min(end, known_until), with_servers) if call else []
    sessions = sessions[:SESSIONS_AT_MOST]
    head: Json = {"code": 200, "message": "", "call_id": call_id}
    head["call_info"] = [session_info(call, session, known_until) for session in sessions] if call else []
    text = json.dumps(head)[:-1]
    if with_metrics:
        bodies = (metrics_text(project, call, session, start, end) for session in sessions) if call else ()
        text += f', "metrics": [{", ".join(bodies)}]'
    return f"{text}}}".encode()


def sessions_in(project: Project, call: Call, start: float, end: float, with_servers: bool) -> list[Session]:
    """Return the sessions of a call that touch a window, the last to join first."""
    inside = [
        session
        for session in project.calls.sessions(call)
        if session.join < end and session.leave >= start and (with_servers or not session.person.is_server)
    ]
    return sorted(inside, key=lambda session: -session.join)


def session_info(call: Call, session: Session, known_until: float) -> Json:
    """Return a session as ``call_info`` lists it; whoever is there still has left at 0."""
    person, has_left = session.person, session.leave <= known_until
    return {
        "sid": session.sid,
        "cname": call.cname,
        "uid": person.uid,
        "network": person.network,
        "platform": person.platform,
        "speaker": person.uid in call.senders,
        "sdk_version": person.sdk_version,
        "device_type": person.device_type,
        "join_ts": session.join,
        "leave_ts": session.leave if has_left else 0,
        "finished": has_left,
    }


def metrics_text(project: Project, call: Call, session: Session, start: float, end: float) -> str:
    """Return the JSON of the series of a session in a window."""
    part = part_of(project, call, session)
    data = ", ".join(_texts(part, (part.times >= start) & (part.times < end)))
    return f'{{"sid": "{session.sid}", "data": [{data}]}}'


def part_of(project: Project, call: Call, session: Session) -> Part:
    """Return a session with the times at which it measured."""
    return Part(
        session=session,
        call=call,
        calls=project.calls,
        seed=project.seed,
        casts=project.casts(call.start, call.end),
        times=np.arange(session.join + STEP_S, session.leave, STEP_S, dtype=np.float64),
    )


def _texts(part: Part, asked: Mask) -> Iterator[str]:
    if part.session.person.is_server or not asked.any():
        return
    texts = stamps(part.times)
    for mid, values in _own(part):
        yield f'{{"mid": {mid}, "kvs": {kvs_text(texts[asked], values[asked])}, "peer_uid": 0}}'
    for peer_uid in peers(part):
        heard = asked & part.hears(peer_uid)
        for mid, values in received(part, peer_uid) if heard.any() else ():
            yield f'{{"mid": {mid}, "kvs": {kvs_text(texts[heard], values[heard])}, "peer_uid": {peer_uid}}}'


def peers(part: Part) -> list[int]:
    """Return whose streams a session received."""
    return [uid for uid in part.call.senders if uid != part.session.person.uid][:PEERS_AT_MOST]


def _own(part: Part) -> Iterator[SERIES]:
    person, chance = part.session.person, part.chance(0)
    own = part.strain(person.uid)
    yield from device_series(person, own, chance)
    if person.uid in part.call.senders:
        yield from sender_series(own, chance)


def received(part: Part, peer_uid: int) -> Iterator[SERIES]:
    """Return the series about one received stream."""
    person = part.session.person
    return receiver_series(person, part.strain(person.uid), part.strain(peer_uid), part.chance(peer_uid))
