"""Found calls as ``call_list.j2`` gets them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.model.call import Call, CallSearch
from bot.model.call_mark import CallMark
from bot.model.diagnosis import CallVerdict
from bot.model.time import DAY_S, Window
from bot.render import words
from bot.render.values import Value, call_value

CALLS_SHOWN = 30
_UNKNOWN = ":white_circle:"
_MARKS: Mapping[str, str] = {
    CallVerdict.CLEAN: ":large_green_circle:",
    CallVerdict.DEGRADED: ":large_yellow_circle:",
    CallVerdict.BAD: ":red_circle:",
    CallVerdict.FAILED: ":red_circle:",
}
_SHORT_ID = 8
_REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CallListing:
    """The answer to a search: what was found in each project, newest first.

    ``older_before`` is the instant before which to go on where more exist; ``several_projects`` asks for
    project names in the list. ``failed`` are the projects that could not be searched, with the reason, and
    ``kept_s`` is how far back Agora keeps calls. ``marks`` say by id how calls were, ``alike`` are names like
    this one, where it has no calls.
    """

    cname: str
    window: Window
    found: Sequence[tuple[str, CallSearch]]
    now: int
    older_before: int | None
    several_projects: bool
    failed: Sequence[tuple[str, str]] = ()
    kept_s: int
    marks: Mapping[str, CallMark] = field(default_factory=dict)
    alike: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """One call. ``mark`` is an emoji for how it was, ``said`` what is said of that. ``project`` is empty
    where only one is searched, ``button_value`` where it does not fit."""

    mark: str
    said: str
    ongoing: bool
    started_at: str
    duration: str
    short_id: str
    project: str
    button_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAlike:
    """A channel that may be meant, with the value of a button that searches it."""

    name: str
    button_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """The names of ``call_list.j2``."""

    channel: str
    channel_plain: str
    count: str
    at_least: bool
    since_at: str
    since_utc: str
    until_at: str
    lines: tuple[CallLine, ...]
    shown: str
    hidden: str
    older_value: str
    unsearched: tuple[str, ...]
    kept: str
    alike: tuple[NameAlike, ...]


def list_view(listing: CallListing) -> ListView:
    """Return the newest calls of all projects in one list, and a way to the older ones."""
    calls = _newest_first(listing.found)
    shown = calls[:CALLS_SHOWN]
    return ListView(
        channel=words.code(listing.cname),
        channel_plain=words.plain(listing.cname, 80),
        count=words.count(len(calls), "call"),
        at_least=bool(listing.failed) or not all(search.complete for _, search in listing.found),
        since_at=words.moment(listing.window.start),
        since_utc=words.utc(listing.window.start) + " UTC",
        until_at="" if listing.window.end >= listing.now else words.moment(listing.window.end),
        lines=tuple(_line(project, call, listing) for project, call in shown),
        shown=str(len(shown)),
        hidden=str(len(calls) - len(shown)) if len(calls) > len(shown) else "",
        older_value=_older(listing, calls),
        unsearched=_unsearched(listing.failed),
        kept=words.count(listing.kept_s // DAY_S, "day"),
        alike=tuple(_name(name, listing) for name in listing.alike),
    )


def _name(name: str, listing: CallListing) -> NameAlike:
    try:
        value = Value.encode_older(name, listing.window.start, listing.window.end)
    except ValueError:
        value = ""
    return NameAlike(name=words.code(name), button_value=value)


def _unsearched(failed: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return a line for each reason, with the projects that share it: those of one account fail alike."""
    by_reason: dict[str, list[str]] = {}
    for project, reason in failed:
        by_reason.setdefault(reason, []).append(project)
    return tuple(
        f"{words.plain(', '.join(projects), 200)}: {words.plain(reason, 300)}"
        for reason, projects in list(by_reason.items())[:_REASONS]
    )


def _newest_first(found: Sequence[tuple[str, CallSearch]]) -> list[tuple[str, Call]]:
    calls = [(project, call) for project, search in found for call in search.calls]
    return sorted(calls, key=lambda pair: (-pair[1].started_at, pair[0], pair[1].call_id))


def _line(project: str, call: Call, listing: CallListing) -> CallLine:
    mark = listing.marks.get(call.call_id)
    return CallLine(
        mark=_MARKS.get(mark.verdict, _UNKNOWN) if mark else _UNKNOWN,
        said=words.plain(mark.headline, 120) if mark and mark.verdict != CallVerdict.CLEAN else "",
        ongoing=not call.finished,
        started_at=words.moment(call.started_at),
        duration=words.duration(call.duration_s(listing.now)),
        short_id=words.code(call.call_id[:_SHORT_ID]),
        project=words.plain(project, 60) if listing.several_projects else "",
        button_value=call_value(project, call),
    )


def _older(listing: CallListing, calls: Sequence[tuple[str, Call]]) -> str:
    """Return the button's value: on from the last call shown, or from where the search stopped."""
    before = calls[CALLS_SHOWN - 1][1].started_at if len(calls) > CALLS_SHOWN else listing.older_before
    if before is None:
        return ""
    try:
        return Value.encode_older(listing.cname, listing.window.start, before)
    except ValueError:
        return ""
