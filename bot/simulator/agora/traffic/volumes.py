"""How much a project is used in a window: people, calls, peaks and durations."""

from collections.abc import Iterable, Sequence

from .calls import Call, Session

Stay = tuple[Call, Session]


def volume(metric: str, stays: Sequence[Stay], start: float, end: float) -> int:
    """Return one number about stays that touch the window; durations are minutes, all of them with video."""
    match metric:
        case "userCount":
            return len({(session.person.uid, call.cname) for call, session in stays})
        case "sessionCount":
            return len(stays)
        case "channelCount":
            return len({call for call, _ in stays})
        case "peakCurrentUsers":
            return peak((session.join, session.leave) for _, session in stays)
        case "peakCurrentChannels":
            return peak({(call.start, call.end, call.cname) for call, _ in stays})
        case "totalAudioDuration":
            return 0
        case _:
            return round(minutes(stays, start, end))


def minutes(stays: Iterable[Stay], start: float, end: float) -> float:
    """Return the minutes that all stays last together within the window."""
    return sum(max(0.0, min(end, stay.leave) - max(start, stay.join)) for _, stay in stays) / 60


def peak(spans: Iterable[tuple[int, int] | tuple[int, int, str]]) -> int:
    """Return how many spans, from begin to before end, there are at most at once."""
    steps = sorted(step for begin, end, *_ in spans for step in ((begin, 1), (end, -1)))
    at_once = most = 0
    for _, change in steps:
        at_once += change
        most = max(most, at_once)
    return most
