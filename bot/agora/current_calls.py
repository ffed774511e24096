"""Single questions about one call: today's sessions, series and statistics."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from bot.agora import current
from bot.agora.answers import FreezeBucket, Share, TimedValue
from bot.agora.asking import Asker
from bot.agora.current_details import read_sessions
from bot.agora.merge import merge_sessions, span_of
from bot.agora.wire import Envelope
from bot.agora.wire_current import DIMENSIONS
from bot.model.call import Call, Series, Session
from bot.model.project import Project
from bot.model.time import Window

UIDS_AT_ONCE = 10
PAGES_AT_MOST = 20
CALL_RATES = ("audio_freeze_rate", "video_freeze_rate")
CALL_COUNTS = ("user_count", "audio_freeze_user_count", "video_freeze_user_count")

Answer = TypeVar("Answer")


def windows_of(asker: Asker, call: Call) -> tuple[Window, ...]:
    """Return the readable time of a call in pieces that one request can ask for, newest first."""
    return asker.pieces(asker.endpoint("call/sessions"), span_of(call, asker.exchange.now()))


def ask_page(
    asker: Asker, project: Project, call: Call, part: Window, page_no: int, uids: Sequence[str]
) -> current.Page[Session]:
    """Return one page of the sessions of a call, or of those of up to ten users."""

    def parse(answer: Envelope) -> current.Page[Session]:
        return current.session_page(answer, page_no)

    extra = {"page_no": page_no, "page_size": current.PAGE_SIZE, "uids": ",".join(uids) or None}
    return _about(asker, "call/sessions", project, call, part, parse, extra)


def ask_series(
    asker: Asker, project: Project, call: Call, part: Window, sids: Sequence[str]
) -> tuple[Series, ...]:
    """Return the series of up to twenty sessions."""
    return _about(asker, "call/metrics", project, call, part, current.series, {"sids": ",".join(sids)})


def all_sessions(asker: Asker, project: Project, call: Call, uids: Sequence[str]) -> tuple[Session, ...]:
    """Return the sessions of a call, or those of some users, newest join first."""
    windows = windows_of(asker, call)
    found: list[Session] = []
    for n in range(0, len(uids) or 1, UIDS_AT_ONCE):
        some = tuple(uids[n : n + UIDS_AT_ONCE])

        def pages(part: Window, page_no: int, some: tuple[str, ...] = some) -> current.Page[Session]:
            return ask_page(asker, project, call, part, page_no, some)

        found += read_sessions(pages, windows, at_most=len(windows) + PAGES_AT_MOST)[0]
    return merge_sessions(found)


def ask_statistics(
    asker: Asker, project: Project, call: Call, metric: str, dimension: str
) -> tuple[Share, ...]:
    """Return a freeze rate for each part of the call's users."""
    _one_of("rates of a call", metric, CALL_RATES)
    _one_of("dimensions", dimension, DIMENSIONS)
    extra = {"metric": metric, "dimension": dimension}
    return _newest(asker, "call/statistics", project, call, current.statistics, extra)


def ask_buckets(asker: Asker, project: Project, call: Call, metric: str) -> tuple[FreezeBucket, ...]:
    """Return how many users had which freeze rate."""
    _one_of("rates of a call", metric, CALL_RATES)
    return _newest(asker, "call/freeze/bucket", project, call, current.freeze_buckets, {"metric": metric})


def ask_over_time(asker: Asker, project: Project, call: Call, metric: str) -> tuple[TimedValue, ...]:
    """Return a rate or a count of the call per minute."""
    _one_of("metrics of a call", metric, (*CALL_RATES, *CALL_COUNTS))

    def parse(answer: Envelope) -> tuple[TimedValue, ...]:
        return current.statistics_over_time(answer, counts=metric in CALL_COUNTS)

    return _newest(asker, "call/statistics/time", project, call, parse, {"metric": metric})


def _newest(
    asker: Asker,
    name: str,
    project: Project,
    call: Call,
    parse: Callable[[Envelope], Answer],
    extra: Mapping[str, object],
) -> Answer:
    """Ask about the newest part of the call that one request can ask for: averages cannot be joined."""
    return _about(asker, name, project, call, span_of(call, asker.exchange.now()), parse, extra)


def _about(
    asker: Asker,
    name: str,
    project: Project,
    call: Call,
    part: Window,
    parse: Callable[[Envelope], Answer],
    extra: Mapping[str, object],
) -> Answer:
    sent = {"call_id": call.call_id, **extra}
    return asker.ask(asker.endpoint(name), project, part, parse, sent)[0]


def _one_of(what: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        raise ValueError(f"{what} are {', '.join(known)}, not {given}")
