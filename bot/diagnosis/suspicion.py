"""Which calls the doctor should look at, and when again. Pure."""

from bot.model.call import Call
from bot.model.suspect import Suspect

RED_VIDEO, RED_AUDIO = 5.0, 3.0
"""Percent of freezes from which Agora's console counts a user as freezing."""
SUSPICIOUS = 0.25
"""The rate of a call is a mean of all its streams: one user in four on the red line makes a quarter of it."""
LEAST_S = 120
"""The doctor needs half a minute of data, and something to compare it with."""
AGAIN_S = 900
"""How much longer a call that goes on must have lasted to be looked at again."""


def score_of(call: Call, *, alerted: bool) -> float:
    """Return how bad a call is as a whole, 1 on Agora's red line; what Agora alerted of is over it."""
    video = (call.video_freeze_rate or 0.0) / RED_VIDEO
    audio = (call.audio_freeze_rate or 0.0) / RED_AUDIO
    return max(video, audio) + float(alerted)


def noticed(call: Call, known: Suspect | None, *, alerted: bool, delay_s: int, now: float) -> Suspect | None:
    """Return a call as a suspect to remember, due where looking at it may tell something; None for a call
    that nobody suspects. Data are there ``delay_s`` after they happened."""
    score = score_of(call, alerted=alerted)
    if known is None:
        if score < SUSPICIOUS:
            return None
        known = Suspect(call=call, score=score)
    due_at = known.due_at
    if due_at is None and may_tell_more(call, score, known, now - delay_s):
        due_at = now
    if due_at is not None and known.examined_until is None and not known.attempts:
        least_at = call.ended_at if call.ended_at is not None else call.started_at + LEAST_S
        due_at = max(now, least_at + delay_s + 2)
    return Suspect(
        call=call,
        score=score,
        due_at=due_at,
        examined_until=known.examined_until,
        examined_score=known.examined_score,
        attempts=known.attempts,
    )


def may_tell_more(call: Call, score: float, known: Suspect, readable: float) -> bool:
    """Return whether enough has happened since the last examination, and whether that was bad by itself."""
    if known.examined_until is None:
        return not known.attempts
    end = min(readable, call.ended_at if call.ended_at is not None else readable)
    fresh_s = end - known.examined_until
    if fresh_s < (AGAIN_S if call.ended_at is None else LEAST_S):
        return False
    before = known.examined_score * (known.examined_until - call.started_at)
    return (score * (end - call.started_at) - before) / fresh_s >= SUSPICIOUS
