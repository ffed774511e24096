"""The channels of a project: who uses them, for how long, and how often."""

from dataclasses import dataclass

DEMO = "lesson-algebra-7b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """``joined_within_s`` is how long people take to arrive; all ranges include both ends."""

    name: str
    people: tuple[int, int]
    minutes: tuple[int, int]
    gap_s: tuple[int, int]
    joined_within_s: int = 120
    has_recorder: bool = False


def _channel(
    name: str, people: tuple[int, int], minutes: tuple[int, int] = (20, 75), *, recorder: bool = False
) -> Channel:
    return Channel(name=name, people=people, minutes=minutes, gap_s=(240, 1500), has_recorder=recorder)


CHANNELS = (
    # Some 33 calls a day with hardly a gap, and never more sessions than one answer of details holds.
    Channel(name=DEMO, people=(9, 9), minutes=(30, 52), gap_s=(30, 60), joined_within_s=40),
    _channel("lesson-physics-9a", (6, 10)),
    _channel("standup-berlin", (4, 8), (20, 30)),
    _channel("telehealth-4711", (2, 2), (20, 45)),
    _channel("15056678066620", (3, 6)),
    _channel("<b>& fun 🎉", (3, 7)),
    _channel("townhall", (12, 16), (45, 90), recorder=True),
    _channel("support-desk-2", (2, 3), (20, 40)),
    _channel("interview-0815", (2, 4), (30, 60)),
    _channel("yoga-morning", (5, 9), (45, 75)),
    _channel("design-review", (4, 7)),
    _channel("board-call", (4, 6), (40, 90)),
    _channel("tutor-spanish-a2", (2, 2), (30, 60)),
    _channel("clinic-intake", (2, 4)),
)
