"""One alert in one minute: what an explanation looks at."""

from dataclasses import dataclass

import numpy as np

from bot.model.catalog import METRICS
from bot.model.explanation import Holds, Sample
from bot.model.observation import Observations
from bot.model.time import MINUTE_S
from bot.model.verdict import Labels, Series, Verdict
from bot.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One series of a rule, the minute that is asked for, and what was seen of its project."""

    rule: Rule
    labels: Labels
    at: int
    seen: Observations
    series: Series | None
    firing: bool

    @property
    def place(self) -> int:
        """The place of the project."""
        return self.seen.projects.index(dict(self.labels).get("project", ""))

    @property
    def minutes(self) -> range:
        """The minute that is asked for."""
        return range(self.at, self.at + MINUTE_S, MINUTE_S)

    @property
    def window(self) -> range:
        """The minutes that the rule looks at."""
        return range(self.at + MINUTE_S - self.rule.window_s, self.at + MINUTE_S, MINUTE_S)

    @property
    def verdict(self) -> Verdict | None:
        """What the rule said of the minute; None where it had nothing to say, which is a miss."""
        if self.series is None:
            return None
        place = int(np.searchsorted(self.series.minutes, self.at))
        if place == len(self.series) or self.series.minutes[place] != self.at:
            return None
        return self.series.verdict(place)


def samples(look: Look) -> tuple[str, tuple[Sample, ...]]:
    """Return what the window holds minute by minute, and what that is."""
    minutes = look.window
    known = np.ones(len(minutes), dtype=np.bool_)
    for feed in look.rule.feeds:
        known &= look.seen.known(feed, minutes[0], len(minutes))[look.place]
    if look.rule.metric:
        line = look.seen.line(look.rule.metric.name, minutes[0], len(minutes))[look.place]
        title = METRICS[look.rule.metric.name].title
    elif look.rule.events:
        events = look.seen.events
        inside = (events.project == look.place) & (events.ts >= minutes[0])
        inside &= events.ts < minutes[-1] + MINUTE_S
        counts = np.bincount((events.ts[inside] - minutes[0]) // MINUTE_S, minlength=len(minutes))
        line = np.where(known | (counts > 0), counts, np.nan)
        title = "events of the project, counting or not"
    else:
        return "", ()
    return title, tuple(
        Sample(minute=minute, value=None if np.isnan(value) else float(value), known=bool(is_known))
        for minute, value, is_known in zip(minutes, line, known, strict=True)
    )


def holding(value: float, holds: bool) -> Holds:
    """Return whether a comparison held; not known where there was no value."""
    if np.isnan(value):
        return Holds.UNKNOWN
    return Holds.YES if holds else Holds.NO


def number(value: float) -> float | None:
    """Return None for NaN."""
    return None if np.isnan(value) else value
