"""Answers about calls: the list, the sessions of one, and the series of sessions."""

import json

from bot.simulator.agora.traffic.calls import Call, Session
from bot.simulator.agora.traffic.details import metrics_text, session_info, sessions_in
from bot.simulator.agora.traffic.draw import draw
from bot.simulator.agora.traffic.playback import AUDIO, VIDEO, Played, rate
from bot.simulator.agora.traffic.traits import WEBRTC, naming, product_of
from bot.simulator.agora.traffic.volumes import peak
from bot.simulator.agora.values import Answer, Json

from .envelopes import call_head, number, page
from .questions import Question
from .world import World


def call_lists(world: World, asked: Question) -> Answer:
    found = world.project.calls.overlapping(asked.start, asked.end, asked.texts.get("cname"))
    found = [call for call in found if call.start <= asked.known_until]
    found.sort(key=lambda call: (-call.start, call.call_id))
    return page(asked, found, "call_lists", lambda call: _listed(world, call, asked.known_until))


def _listed(world: World, call: Call, known_until: float) -> Json:
    has_ended = call.end <= known_until
    people = [
        (session.join, min(session.leave, int(known_until)), session.person.uid)
        for session in world.project.calls.sessions(call)
        if session.join <= known_until and not session.person.is_server
    ]
    return {
        "call_id": call.call_id,
        "cname": call.cname,
        "created_ts": call.start,
        "destroyed_ts": call.end if has_ended else 0,
        "finished": has_ended,
        "call_pcu": peak((join, leave) for join, leave, _ in people),
        "call_acu": len({uid for _, _, uid in people}),
        "call_audio_freeze_rate": _rate(world, call, None, AUDIO, known_until),
        "call_video_freeze_rate": _rate(world, call, None, VIDEO, known_until),
    }


def _rate(world: World, call: Call, session: Session | None, kind: str, until: float) -> float | int:
    """Return a rate of a call, or of one session of it, until an instant."""
    played: list[Played] = [
        one for one in world.playback.of(call) if session is None or one.session == session
    ]
    return number(rate(played, kind, call.start, until) or 0)


def call_sessions(world: World, asked: Question) -> Answer:
    call = world.call_of(asked)
    found = _sessions(world, asked, call) if call is not None else []
    # The text of the reference has has_more here, its example has not.
    with_more = draw("has_more", asked.texts["call_id"], asked.page_no).random() < 0.5
    return page(
        asked, found, "call_info", lambda one: _session(world, *one, asked.known_until), with_more=with_more
    )


def _sessions(world: World, asked: Question, call: Call) -> list[tuple[Call, Session]]:
    until = min(asked.end, asked.known_until)
    return [
        (call, session)
        for session in sessions_in(world.project, call, asked.start, until, asked.with_servers)
        if not asked.uids or session.person.uid in asked.uids
    ]


def _session(world: World, call: Call, session: Session, known_until: float) -> Json:
    """Return a session; browsers measure no frozen audio, and servers no freezes at all."""
    info = session_info(call, session, known_until) | naming(call, session.person)
    if not session.person.is_server:
        info["user_video_freeze_rate"] = _rate(world, call, session, VIDEO, known_until)
        if product_of(session.person) != WEBRTC:
            info["user_audio_freeze_rate"] = _rate(world, call, session, AUDIO, known_until)
    return info


def call_metrics(world: World, asked: Question) -> Answer:
    call = world.call_of(asked)
    sessions = world.project.calls.sessions(call) if call is not None else ()
    bodies = [
        metrics_text(world.project, call, session, asked.start, asked.end)
        for session in sessions
        if call is not None and session.sid in asked.sids
    ]
    head = json.dumps(call_head(asked))[:-1]
    return Answer(body=f'{head}, "metrics": [{", ".join(bodies)}]}}'.encode())
