"""The answer to "why": one sentence, and what the clocks of an alert wait for."""

from collections.abc import Iterator, Sequence

from bot.flows.look import Look
from bot.flows.why import FEED, SAMPLES
from bot.model.alert import Alert, Reason, State
from bot.model.explanation import Check, Holds, Row
from bot.model.verdict import Outcome
from bot.render import words
from bot.rules import Rule

_OUTCOMES = {
    Outcome.DROPPED: "the rule makes more alerts in this minute than its limit",
    Outcome.GONE: "no data comes of it any more",
    Outcome.NO_DATA: "no data has come for so long that this is told",
}


def answer(look: Look, now: Alert | None, checks: Sequence[Check], row: Row) -> str:
    """Return why the alert is what it is, in one sentence."""
    what = f"{look.rule.name} {{}} in {_place(look)} at {words.utc(look.at)} UTC: {{}}."
    reason = _reason(look, checks, row)
    if now is None:
        said = "could not be judged" if row.outcome is Outcome.UNKNOWN else "did not fire"
        return what.format(said, reason)
    if now.state is State.PENDING:
        left = now.active_at + now.gap_s + look.rule.for_s - look.at
        wait = f"it holds since {_clock(now.active_at)} and fires in {words.duration(left)} if it stays so"
        return what.format("is pending", f"{reason}; {wait}")
    if now.state is State.RESOLVED:
        return what.format(f"was resolved after firing since {_clock(now.fired_at)}", reason)
    fired = f"fires as {now.severity.word} since {_clock(now.fired_at)}"
    if now.state is State.RECOVERING:
        due = (now.first_miss_at or look.at) + now.gap_s + look.rule.keep_firing_for_s
        wait = f"healthy since {_clock(now.first_miss_at)}, resolved at {_clock(due)} if it stays so"
        return what.format(f"still {fired}", f"{reason}; {wait}")
    if row.outcome is Outcome.UNKNOWN:
        return what.format(f"still {fired}", f"{reason}, and a minute without data changes nothing")
    return what.format(fired, reason)


def clocks(rule: Rule, now: Alert | None, at: int) -> Iterator[str]:
    """Yield what the alert is since when, and until when it waits for what."""
    if now is None:
        held = " at once (for: 0)" if not rule.for_s else f" after {words.duration(rule.for_s)}"
        yield f"inactive: once its condition holds, it fires{held}"
        return
    paused = f", {words.duration(now.gap_s)} without data left out" if now.gap_s else ""
    if now.state is State.PENDING:
        due = now.active_at + now.gap_s + rule.for_s
        yield f"pending since {_clock(now.active_at)}{paused}"
        yield f"fires at {_clock(due)} if it stays so (in {words.duration(due - at)})"
        return
    yield f"condition since {_clock(now.active_at)}, firing since {_clock(now.fired_at)}"
    if now.state is State.RECOVERING:
        due = (now.first_miss_at or at) + now.gap_s + rule.keep_firing_for_s
        yield f"healthy since {_clock(now.first_miss_at)}{paused}"
        yield f"is resolved at {_clock(due)} if it stays so (in {words.duration(due - at)})"
    elif now.state is State.RESOLVED:
        yield f"resolved at {_clock(now.resolved_at)}"
    elif now.below_since is not None:
        due = now.below_since + now.gap_s + rule.keep_firing_for_s
        yield f"milder since {_clock(now.below_since)}; its severity falls at {_clock(due)} if it stays so"
    elif now.reason is Reason.NO_DATA:
        yield "fires because no data comes"
    else:
        hold = words.duration(rule.keep_firing_for_s)
        yield "is resolved " + (
            f"{hold} after it is healthy" if rule.keep_firing_for_s else "as soon as healthy"
        )


def _reason(look: Look, checks: Sequence[Check], row: Row) -> str:
    if not look.rule.enabled:
        return "the rule is switched off"
    if row.outcome in _OUTCOMES:
        return _OUTCOMES[row.outcome]
    if row.outcome is Outcome.UNKNOWN:
        return f"too little is known; {_unknown(checks)}"
    failed = [check for check in checks if check.holds is Holds.NO]
    if row.outcome is Outcome.QUIET:
        return f"too little goes on to mean anything; {_said(failed[-1:])}"
    if row.outcome in (Outcome.MATCH, Outcome.HELD):
        held = [check for check in checks if check.holds is Holds.YES]
        return _said(held if look.rule.composite else held[:1]) or "its condition holds"
    if look.firing and failed:
        return f"{failed[0].name} is {failed[0].seen}"
    return _said(failed[:2]) or f"too little is known; {_unknown(checks)}"


def _unknown(checks: Sequence[Check]) -> str:
    """Return what is missing: a feed, else minutes with data, else whatever it is."""
    missing = [check for check in checks if check.holds is Holds.UNKNOWN]
    ranked = sorted(missing, key=lambda check: (not check.name.startswith(FEED), check.name != SAMPLES))
    return _said(ranked[:1]) or "not all parts of its condition have data"


def _said(checks: Sequence[Check]) -> str:
    return "; ".join(_one(check) for check in checks)


def _one(check: Check) -> str:
    if check.name.startswith(FEED):
        return f"of the {check.name} {check.seen}"
    if not check.wanted:
        return f"{check.name}: {check.seen}"
    if check.least:
        return f"{check.name} is {check.seen}, and the rule wants {check.least}"
    return f"{check.name}: {check.seen} ({check.wanted})"


def _place(look: Look) -> str:
    labels = dict(look.labels)
    rest = [f"{name} {labels[name]}" for name in look.rule.by if name != "project" and labels.get(name)]
    return ", ".join([labels.get("project", ""), *rest])


def _clock(at: int | None) -> str:
    return words.utc(at, "%H:%M") if at is not None else "?"
