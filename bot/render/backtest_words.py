"""The sentences of a backtest that its text and its page share."""

from collections import Counter
from collections.abc import Sequence

from bot.model.backtest import Backtest, Comparison, Fired, Judged
from bot.render import words

STILL = "still firing"


def headline(found: Backtest) -> str:
    """Return the answer in one sentence."""
    tried = words.count(found.rules, "rule") if found.rules != 1 else "the one rule"
    over = f"{words.duration(found.end - found.start)} of {words.count(len(found.projects), 'project')}"
    if not found.fired:
        return f"Nothing would have fired: {tried} over {over}."
    alerts = len({one.alert for one in found.fired})
    messages = sum(len(one.messages) for one in found.fired)
    some = "The one rule" if found.rules == 1 else f"{alerts} of {tried}"
    return (
        f"{some} would have fired {times(len(found.fired))} in {over},"
        f" with {words.count(messages, 'message')}."
    )


def times(how_many: int) -> str:
    return "once" if how_many == 1 else f"{how_many:,} times"


def span(found: Backtest) -> str:
    return f"{words.utc(found.start)} to {words.utc(found.end)} UTC"


def place(one: Fired) -> str:
    """Return the project, and what else tells the alert from others of its rule."""
    return ", ".join([one.project, *(f"{name} {value}" for name, value in one.place)])


def lasted(one: Fired, end: int) -> str:
    return words.duration(one.lasted_s(end))


def peak(one: Fired) -> str:
    """Return the worst value with its unit; "at least" where Agora's answers were cut."""
    if one.peak is None:
        return ""
    return f"{'at least ' if one.at_least else ''}{words.amount(one.peak, one.unit)}"


def ended(one: Fired) -> str:
    """Return how it ended, empty for the ordinary end."""
    return words.why(one.reason) if one.resolved_at is not None else ""


def changes(here: Fired, there: Fired, end: int) -> str:
    """Return what differs between two tellings of one life: there, and here."""
    found = []
    if here.fired_at != there.fired_at:
        found.append(f"fired {_apart(here.fired_at, there.fired_at)}")
    last, other_last = (one.resolved_at if one.resolved_at is not None else end for one in (here, there))
    if last != other_last:
        found.append(f"ended {_apart(last, other_last)}")
    if here.severity is not there.severity:
        found.append(f"{here.severity.word} instead of {there.severity.word}")
    return ", ".join(found) or "other severities on the way"


def _apart(here: int, there: int) -> str:
    return f"{words.duration(abs(here - there))} {'later' if here > there else 'earlier'}"


def compared(found: Comparison) -> str:
    """Return the difference in one sentence."""
    counts = Counter(
        "changed" if d.here and d.there else "here" if d.here else "there" for d in found.differences
    )
    return (
        f"Against {found.folder}: {counts['here']} only here, {counts['there']} only there,"
        f" {counts['changed']} in both but otherwise, {found.same} the same."
    )


def share(judged: Judged) -> str:
    """Return how much of the span is known; never 100 % or 0 % for what only rounds to it."""
    if judged.known in (0, judged.minutes):
        return "100 %" if judged.known and judged.minutes else "0 %"
    return f"{min(max(judged.percent, 0.1), 99.9):.1f} %"


def blind(judged: Sequence[Judged]) -> list[str]:
    """Return a sentence for each rule that could not be judged somewhere, grouped by what is missing."""
    found = []
    for one in judged:
        if not one.blind:
            continue
        missing = ", ".join(dict.fromkeys(lacking for _, lacking in one.blind))
        if one.known == 0:
            found.append(f"{one.alert} could not be judged at all: nothing is known of {missing}.")
        else:
            names = words.listed(project for project, _ in one.blind[:5])
            more = f" and {len(one.blind) - 5} more" if len(one.blind) > 5 else ""
            found.append(f"{one.alert} could not be judged in {names}{more}: nothing is known of {missing}.")
    return found
