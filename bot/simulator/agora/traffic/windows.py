"""The rates of a project in parts of a minute: those of 2019, 0 to 1, and how much came late."""

from collections.abc import Iterable, Mapping

from bot.simulator.agora.runs import Run

from .draw import draw
from .project import Project
from .rates import rates
from .traits import WEBRTC

_WOBBLE = (0.2, 0.0, -0.2)
"""Windows of a minute differ, yet their mean is that minute's rate."""
_OF_2019 = {
    "joinSuccessRate": "joinSuccessRate",
    "joinSuccessIn5sRate": "joinSuccess5SecsRate",
    "audioFreezeRate": "audioFreezeRate",
    "videoFreezeRate": "videoFreezeRate",
}
_LATE = (0.01, 0.03)
_LATE_IN_TROUBLE: Mapping[str, tuple[float, float]] = {
    "uplink_loss": (0.08, 0.14),
    "downlink_loss": (0.1, 0.16),
    "storm": (0.12, 0.2),
    "reconnects": (0.03, 0.05),
}


def is_measured(metric: str, product: str) -> bool:
    """Return whether a kind of SDK measures a rate: browsers cannot tell when audio freezes."""
    return (metric, product) != ("audioFreezeRate", WEBRTC)


def window_rate(project: Project, metric: str, product: str, start: int) -> float:
    """Return a rate, 0 to 1, of the 20 seconds that begin at ``start``."""
    value = _rate(project, metric, start, start + 20)
    places = draw(project.seed, project.app_id, metric, product, start // 60).sample(_WOBBLE, 3)
    wobble = places[start % 60 // 20]
    if metric.startswith("join"):
        return 1 - (1 - value) * (1 + wobble)
    return value * (1 + wobble)


def mean_rate(project: Project, metric: str, minutes: range) -> float:
    """Return the mean of a rate, 0 to 1, over the minutes that begin at some instants."""
    return sum(_rate(project, metric, minute, minute + 60) for minute in minutes) / len(minutes)


def _rate(project: Project, metric: str, start: int, end: int) -> float:
    runs = project.runs(start, end)
    if metric in _OF_2019:
        return rates(project.seed, project.app_id, start, end, runs)[_OF_2019[metric]] / 100
    return _late(project, start, end, runs)


def _late(project: Project, start: int, end: int, runs: Iterable[Run]) -> float:
    minute = start // 60
    value = draw(project.seed, project.app_id, "late share", minute).uniform(*_LATE)
    for run in runs:
        if run.scenario in _LATE_IN_TROUBLE:
            worse = draw(project.seed, run.run_id, "late share", minute).uniform(
                *_LATE_IN_TROUBLE[run.scenario]
            )
            value = max(value, value + run.share(start, end) * (worse - value))
    return value
