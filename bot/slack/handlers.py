"""Which flow answers which command and which button."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.flows import (
    acts,
    answer,
    hushed,
    incident_desk,
    live_desk,
    person_desk,
    rule_desk,
    status,
    usage_desk,
)
from bot.flows.question import CallQuestion, Unclear
from bot.model.audit import Asker
from bot.model.message import Action, Message
from bot.model.time import Window
from bot.render import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody wants: ``what`` is the command or the ``action_id``, ``words`` what was typed or the
    value of the button. ``key`` is the same when Slack sends the same once more."""

    what: str
    words: str
    asker: Asker
    key: str


Handle = Callable[[answer.Desk, Request], Message | None]


def _calls(desk: answer.Desk, asked: Request) -> Message:
    return answer.find_calls(desk, asked.words)


def _incidents(desk: answer.Desk, asked: Request) -> Message:
    return incident_desk.overview(desk, asked.words)


def _incident(desk: answer.Desk, asked: Request) -> Message:
    return incident_desk.answer(desk, asked.words, asked.asker)


def _silence(desk: answer.Desk, asked: Request) -> Message:
    return hushed.answer(desk, asked.words, asked.asker)


def _live(desk: answer.Desk, asked: Request) -> Message:
    return live_desk.answer(desk, asked.words)


def _usage(desk: answer.Desk, asked: Request) -> Message:
    return usage_desk.answer(desk, asked.words)


def _user(desk: answer.Desk, asked: Request) -> Message:
    return person_desk.answer(desk, asked.words)


def _rules(desk: answer.Desk, asked: Request) -> Message:
    return rule_desk.answer(desk, asked.words, asked.asker)


def _status(desk: answer.Desk, asked: Request) -> Message:
    return status.answer(desk, asked.words)


def _help(desk: answer.Desk, asked: Request) -> Message:
    return desk.renderer.help(asked.words.strip())


COMMANDS: Mapping[str, Handle] = {
    "/agora-call": _calls,
    "/agora-user": _user,
    "/agora-live": _live,
    "/agora-usage": _usage,
    "/agora-incidents": _incidents,
    "/agora-incident": _incident,
    "/agora-silence": _silence,
    "/agora-rules": _rules,
    "/agora-status": _status,
    "/agora-help": _help,
}


def _details(desk: answer.Desk, asked: Request) -> Message:
    return answer.call_details(desk, *_decoded(Value.decode_call, asked.words))


def _share(desk: answer.Desk, asked: Request) -> Message | None:
    project, call = _decoded(Value.decode_call, asked.words)
    return answer.share_call(desk, project, call, asked.asker)


def _older_calls(desk: answer.Desk, asked: Request) -> Message:
    cname, since, before = _decoded(Value.decode_older, asked.words)
    return answer.list_calls(desk, CallQuestion(cname=cname, window=Window(start=since, end=before)))


def _incident_calls(desk: answer.Desk, asked: Request) -> Message:
    return answer.incident_calls(desk, _incident_id(asked))


def _show_incident(desk: answer.Desk, asked: Request) -> Message:
    return incident_desk.shown(desk, _incident_id(asked))


def _older_incidents(desk: answer.Desk, asked: Request) -> Message:
    return incident_desk.page(desk, *_decoded(Value.decode_incidents, asked.words))


def _act(act: Callable[[answer.Desk, int, Asker], acts.Done]) -> Handle:
    """Return what answers a button that acts on an incident: only where nothing was done, as the incident's
    message shows the rest."""

    def handle(desk: answer.Desk, asked: Request) -> Message | None:
        why_not = act(desk, _incident_id(asked), asked.asker)
        return desk.renderer.notice(why_not.sentence, who=why_not.who) if why_not else None

    return handle


def _end_silence(desk: answer.Desk, asked: Request) -> Message:
    return hushed.end(desk, _decoded(Value.decode_silence, asked.words), asked.asker)


def _judged(desk: answer.Desk, asked: Request) -> Message:
    verdict, right = _decoded(Value.decode_verdict, asked.words)
    return answer.judged(desk, verdict, asked.asker.user, right=right)


ACTIONS: Mapping[Action, Handle] = {
    Action.CALL_DETAILS: _details,
    Action.SHARE_CALL: _share,
    Action.OLDER_CALLS: _older_calls,
    Action.SHOW_CALLS: _incident_calls,
    Action.SHOW_INCIDENT: _show_incident,
    Action.OLDER_INCIDENTS: _older_incidents,
    Action.ACKNOWLEDGE: _act(acts.take),
    Action.SNOOZE: _act(acts.hush),
    Action.RESOLVE: _act(acts.resolve),
    Action.END_SILENCE: _end_silence,
    Action.VERDICT_RIGHT: _judged,
    Action.VERDICT_WRONG: _judged,
}

EVENTS = ("app_mention", "message")
"""What people write to the bot by its name, and directly."""

ASKS_AGORA = frozenset(
    {
        "/agora-call",
        "/agora-usage",
        *EVENTS,
        *(
            action.value
            for action in (Action.CALL_DETAILS, Action.SHARE_CALL, Action.OLDER_CALLS, Action.SHOW_CALLS)
        ),
    }
)
"""What may wait for Agora, and what nothing else waits behind."""


def _incident_id(asked: Request) -> int:
    return int(_decoded(Value.decode_incident, asked.words)[0])


def _decoded(decode: Callable[[str], Any], value: str) -> Any:  # noqa: ANN401 - each decoder has its own type
    try:
        return decode(value)
    except ValueError:
        raise Unclear(
            "This button is of an older version of me.", "Ask again with `/agora-call <cname>`."
        ) from None
