"""How the calls of a list were: what the doctor said of them, else what their freeze rates say."""

from collections.abc import Iterable

from bot.diagnosis import DEFAULT
from bot.model.call import Call
from bot.model.call_mark import CallMark
from bot.model.diagnosis import CallVerdict
from bot.store import Database, people


def call_marks(database: Database, found: Iterable[tuple[str, Iterable[Call]]]) -> dict[str, CallMark]:
    """Return the marks of calls, listed by project, by their ids; nothing is known of the others."""
    marks: dict[str, CallMark] = {}
    with database.reading() as tx:
        for project, calls in found:
            marks |= {call.call_id: mark for call in calls if (mark := _by_rates(call)) is not None}
            marks |= dict(people.marks(tx, project, [call.call_id for call in calls]))
    return marks


def _by_rates(call: Call) -> CallMark | None:
    """Return what the freeze rates of a whole call say, None where Agora tells none."""
    video, audio, lines = call.video_freeze_rate, call.audio_freeze_rate, DEFAULT
    if video is None and audio is None:
        return None
    told = " and ".join(
        f"{rate:.1f} % of the {kind} froze"
        for kind, rate in (("video", video), ("audio", audio))
        if rate is not None
    )
    if (video or 0) > lines.video_freeze_bad or (audio or 0) > lines.audio_freeze_bad:
        return CallMark(verdict=CallVerdict.BAD, headline=told)
    if (video or 0) > lines.video_freeze_ok or (audio or 0) > lines.audio_freeze_ok:
        return CallMark(verdict=CallVerdict.DEGRADED, headline=told)
    return CallMark(verdict=CallVerdict.CLEAN, headline=told)
