"""How the calls of a list were: what the doctor said of them, else what their freeze rates say."""

from collections.abc import Iterable

from bot.diagnosis import SUSPICIOUS, score_of
from bot.model.call import Call
from bot.model.call_mark import CallMark
from bot.model.diagnosis import CallVerdict
from bot.store import Database, people


def call_marks(database: Database, found: Iterable[tuple[str, Iterable[Call]]]) -> dict[str, CallMark]:
    """Return the marks of calls, listed by project, by their ids; nothing is known of the others."""
    marks: dict[str, CallMark] = {}
    with database.reading() as tx:
        for project, calls in found:
            marks |= {call.call_id: mark for call in calls if (mark := mark_by_rates(call)) is not None}
            marks |= dict(people.marks(tx, project, [call.call_id for call in calls]))
    return marks


def mark_by_rates(call: Call) -> CallMark | None:
    """Return what the freeze rates of a whole call say, None where Agora tells none. They are means of all
    streams, so the doctor's measure counts: what he looks at is no good call."""
    rates = (("video", call.video_freeze_rate), ("audio", call.audio_freeze_rate))
    told = [f"{rate:.1f} % of the {kind} froze" for kind, rate in rates if rate is not None]
    if not told:
        return None
    score = score_of(call, alerted=False)
    worse = CallVerdict.DEGRADED if score >= SUSPICIOUS else CallVerdict.CLEAN
    return CallMark(verdict=CallVerdict.BAD if score >= 1 else worse, headline=" and ".join(told))
