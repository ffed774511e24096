"""What was seen: metric points, diagnosis events, finished calls, and how completely they are known.

The judge looks at many projects and minutes at once, so that what it reads are columns of numpy arrays. A
value that nobody knows is absent here and NaN in a line, never 0.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from bot.model.call import Call
from bot.model.catalog import Feed
from bot.model.time import MINUTE_S

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NOBODY = -1
"""The code of "no such text": a tag that is not there, or a host that is the affected user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """The value of a project metric in one minute; rates are percent, 0 to 100."""

    metric: str
    minute: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseTag:
    """A cause of one event. An empty ``host_user`` blames the affected user, any other UID that user."""

    factor_id: int
    host_user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisEvent:
    """One user's bad experience in one channel, with its causes, the strongest first.

    ``source`` is "agora" for rows of its diagnosis, with at most three causes; "doctor" for what our own
    examination of a call found; and "alert" for what Agora's alerting pushed: there an empty ``user`` means
    the whole channel, the causes are in no order, and ``said`` are the conditions in Agora's words. The last
    two are known late: to the judge, their ``ts`` is when they came.
    """

    ts: int
    cname: str
    user: str
    experience_id: int
    tags: tuple[CauseTag, ...] = ()
    source: str = "agora"
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedCall:
    """One call that is over. Rates are percent, 0 to 100; what the API does not tell is None."""

    call_id: str
    cname: str
    created_ts: int
    destroyed_ts: int
    video_freeze_rate: float | None = None
    audio_freeze_rate: float | None = None
    pcu: int | None = None
    acu: float | None = None

    @property
    def duration_s(self) -> int:
        return self.destroyed_ts - self.created_ts

    def as_call(self) -> Call:
        """Return it as people ask about it."""
        return Call(
            call_id=self.call_id,
            cname=self.cname,
            started_at=self.created_ts,
            ended_at=self.destroyed_ts,
            users_peak=self.pcu,
            users_total=None if self.acu is None else int(self.acu),
            audio_freeze_rate=self.audio_freeze_rate,
            video_freeze_rate=self.video_freeze_rate,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Values of one metric by place of the project and minute, in no order."""

    project: Codes
    minute: Ints
    value: Floats

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, float]]) -> Self:
        """Return the points of rows of (place of the project, minute, value)."""
        project, minute, value = _columns(rows, 3)
        return cls(
            project=np.array(project, dtype=np.int32),
            minute=np.array(minute, dtype=np.int64),
            value=np.array(value, dtype=np.float64),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """Which minutes of a feed are known, by place of the project.

    A known minute is one that a successful poll covered late enough to be complete; ``cut`` says that its
    diagnosis answer held ten rows, so that counts over it mean "at least". Of the projects in ``whole`` every
    minute is known.
    """

    project: Codes
    minute: Ints
    cut: Flags
    whole: Codes

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, bool]], *, whole: Iterable[int] = ()) -> Self:
        """Return the coverage of rows of (place of the project, minute, whether it was cut)."""
        project, minute, cut = _columns(rows, 3)
        return cls(
            project=np.array(project, dtype=np.int32),
            minute=np.array(minute, dtype=np.int64),
            cut=np.array(cut, dtype=np.bool_),
            whole=np.array(list(whole), dtype=np.int32),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Events:
    """Diagnosis events as columns, in order of time. Texts are codes of ``texts``.

    ``factors`` and ``hosts`` have a row an event and a column a tag: NOBODY where there is no tag, and as the
    host of a tag that blames the affected user. ``late`` are those that Agora's diagnosis did not
    tell, by place.
    """

    texts: tuple[str, ...]
    project: Codes
    ts: Ints
    cname: Codes
    user: Codes
    experience: Codes
    factors: Codes
    hosts: Codes
    late: Mapping[int, DiagnosisEvent]

    def __len__(self) -> int:
        return len(self.ts)

    @classmethod
    def of(cls, rows: Iterable[tuple[int, DiagnosisEvent]]) -> Self:
        """Return the columns of (place of the project, event), whatever their order; of equals the last."""
        by_identity = {_identity(row): row for row in rows}
        ordered = sorted(by_identity.values(), key=_order)
        texts: dict[str, int] = {}
        width = max((len(event.tags) for _, event in ordered), default=0)
        factors = np.full((len(ordered), width), NOBODY, dtype=np.int32)
        hosts = np.full((len(ordered), width), NOBODY, dtype=np.int32)
        for row, (_, event) in enumerate(ordered):
            for column, tag in enumerate(event.tags):
                factors[row, column] = tag.factor_id
                if tag.host_user not in ("", event.user):
                    hosts[row, column] = texts.setdefault(tag.host_user, len(texts))
        codes = [
            (project, texts.setdefault(e.cname, len(texts)), texts.setdefault(e.user, len(texts)))
            for project, e in ordered
        ]
        project, cname, user = _columns(codes, 3)
        return cls(
            texts=tuple(texts),
            project=np.array(project, dtype=np.int32),
            ts=np.array([e.ts for _, e in ordered], dtype=np.int64),
            cname=np.array(cname, dtype=np.int32),
            user=np.array(user, dtype=np.int32),
            experience=np.array([e.experience_id for _, e in ordered], dtype=np.int32),
            factors=factors,
            hosts=hosts,
            late={place: e for place, (_, e) in enumerate(ordered) if e.source != "agora"},
        )

    def at(self, row: int) -> DiagnosisEvent:
        """Return one event."""
        if row in self.late:
            return self.late[row]
        tags = tuple(
            CauseTag(factor_id=int(factor), host_user=self.texts[host] if host != NOBODY else "")
            for factor, host in zip(self.factors[row], self.hosts[row], strict=True)
            if factor != NOBODY
        )
        return DiagnosisEvent(
            ts=int(self.ts[row]),
            cname=self.texts[self.cname[row]],
            user=self.texts[self.user[row]],
            experience_id=int(self.experience[row]),
            tags=tags,
        )

    def __iter__(self) -> Iterator[DiagnosisEvent]:
        return map(self.at, range(len(self)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observations:
    """All that is known of some projects in ``[start, end)``, both minute starts, and of the earlier days
    that baselines compare with. ``calls`` are pairs of (place of the project, call)."""

    projects: tuple[str, ...]
    start: int
    end: int
    metrics: Mapping[str, Points] = field(default_factory=dict)
    events: Events = field(default_factory=lambda: Events.of(()))
    calls: tuple[tuple[int, FinishedCall], ...] = ()
    coverage: Mapping[Feed, Coverage] = field(default_factory=dict)

    def line(self, metric: str, start: int, minutes: int) -> Floats:
        """Return one row a project and one column a minute from ``start`` on; NaN where nothing is known."""
        line = np.full((len(self.projects), minutes), np.nan)
        points = self.metrics.get(metric)
        if points is not None:
            place = (points.minute - start) // MINUTE_S
            inside = (place >= 0) & (place < minutes) & np.isfinite(points.value)
            line[points.project[inside], place[inside]] = points.value[inside]
        return line

    def known(self, feed: Feed, start: int, minutes: int) -> Flags:
        """Return for each project and minute from ``start`` on whether the feed is known."""
        return self._marked(feed, start, minutes, cut=False)

    def cut(self, feed: Feed, start: int, minutes: int) -> Flags:
        """Return for each project and minute from ``start`` on whether the feed's answer was cut."""
        return self._marked(feed, start, minutes, cut=True)

    def _marked(self, feed: Feed, start: int, minutes: int, *, cut: bool) -> Flags:
        coverage = self.coverage.get(feed)
        marks = np.zeros((len(self.projects), minutes), dtype=np.bool_)
        if coverage is None:
            return marks
        if not cut:
            marks[coverage.whole] = True
        place = (coverage.minute - start) // MINUTE_S
        inside = (place >= 0) & (place < minutes)
        if cut:
            inside &= coverage.cut
        marks[coverage.project[inside], place[inside]] = True
        return marks


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> Sequence[Sequence[object]]:
    return [[row[column] for row in rows] for column in range(width)]  # zip(*rows) takes thrice as long


def _identity(row: tuple[int, DiagnosisEvent]) -> tuple[int, int, str, str, int, str]:
    project, event = row
    return project, event.ts, event.cname, event.user, event.experience_id, event.source


def _order(row: tuple[int, DiagnosisEvent]) -> tuple[int, int, str, str, int, str]:
    project, event = row
    return event.ts, project, event.cname, event.user, event.experience_id, event.source
