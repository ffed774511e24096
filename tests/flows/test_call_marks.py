"""How a call was by its freeze rates alone."""

import pytest

from bot.flows.call_marks import mark_by_rates
from bot.model.call import Call
from bot.model.diagnosis import CallVerdict


@pytest.mark.parametrize(
    ("video", "audio", "verdict", "said"),
    [
        (0.0, 0.0, CallVerdict.CLEAN, "0.0 % of the video froze and 0.0 % of the audio froze"),
        (1.2, None, CallVerdict.CLEAN, "1.2 % of the video froze"),
        (1.25, None, CallVerdict.DEGRADED, "1.2 % of the video froze"),
        (None, 0.74, CallVerdict.CLEAN, "0.7 % of the audio froze"),
        (None, 0.75, CallVerdict.DEGRADED, "0.8 % of the audio froze"),
        (4.9, 0.0, CallVerdict.DEGRADED, "4.9 % of the video froze and 0.0 % of the audio froze"),
        (5.0, None, CallVerdict.BAD, "5.0 % of the video froze"),
        (0.0, 3.0, CallVerdict.BAD, "0.0 % of the video froze and 3.0 % of the audio froze"),
    ],
)
def test_the_rates_of_a_call_say_how_it_was(
    video: float | None, audio: float | None, verdict: CallVerdict, said: str
) -> None:
    call = Call(
        call_id="c", cname="c", started_at=0, ended_at=9, video_freeze_rate=video, audio_freeze_rate=audio
    )
    mark = mark_by_rates(call)
    assert mark is not None and (mark.verdict, mark.headline) == (verdict, said)


def test_a_call_without_rates_has_no_mark() -> None:
    assert mark_by_rates(Call(call_id="c", cname="c", started_at=0, ended_at=9)) is None
