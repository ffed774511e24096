"""What people did: it looks like a fault in the numbers and is none."""

from collections.abc import Iterator, Sequence

import numpy as np

from bot.diagnosis.activity import Activity
from bot.diagnosis.grid import Grid
from bot.diagnosis.measure import Flags, runs
from bot.diagnosis.stays import Stay, StayTrouble
from bot.model.diagnosis import EventKind, Explained
from bot.model.observation import DiagnosisEvent

_LEAST_S = 6
_REMOVALS = (2, 30)


def explained_events(
    grid: Grid,
    activity: Activity,
    stays: dict[str, list[Stay]],
    troubles: Sequence[StayTrouble],
    events: Sequence[DiagnosisEvent],
) -> tuple[Explained, ...]:
    """Return what people did, in order of time."""
    found = [
        *_of_users(grid, activity.audio_off, EventKind.MUTE),
        *_of_users(grid, activity.video_off, EventKind.STOP),
        *_of_users(grid, activity.sharing, EventKind.SCREEN_SHARE),
        *_of_pairs(grid, activity.unwanted, EventKind.UNSUBSCRIBE),
        *_of_pairs(grid, activity.low_stream & activity.video, EventKind.LOW_STREAM),
        *_coming_and_going(grid, stays, troubles),
        *_removals(events),
    ]
    return tuple(sorted(found, key=lambda one: (one.start, one.kind, one.uid, one.peer or "")))


def _of_users(grid: Grid, marks: Flags, kind: EventKind) -> Iterator[Explained]:
    for user in np.flatnonzero(marks.any(axis=1)).tolist():
        for start, end in runs(marks[user]):
            if (end - start) * grid.tick_s >= _LEAST_S:
                yield Explained(kind=kind, uid=grid.users[user], start=grid.at(start), end=grid.at(end))


def _of_pairs(grid: Grid, marks: Flags, kind: EventKind) -> Iterator[Explained]:
    for pair in np.flatnonzero(marks.any(axis=1)).tolist():
        for start, end in runs(marks[pair]):
            if (end - start) * grid.tick_s >= _LEAST_S:
                yield Explained(
                    kind=kind,
                    uid=grid.users[int(grid.receiver[pair])],
                    peer=grid.users[int(grid.sender[pair])],
                    start=grid.at(start),
                    end=grid.at(end),
                )


def _coming_and_going(
    grid: Grid, stays: dict[str, list[Stay]], troubles: Sequence[StayTrouble]
) -> Iterator[Explained]:
    end = grid.at(grid.ticks)
    for uid, listed in stays.items():
        for stay, after in zip(listed, [*listed[1:], None], strict=True):
            left = stay.session.left_at
            if left is None or stay.last is None or left >= end - 2 * grid.tick_s:
                continue
            back = after.session.joined_at if after else None
            if any(t.uid == uid and t.start - 30 <= left <= t.end + 30 for t in troubles):
                continue
            if back is None:
                yield Explained(kind=EventKind.LEAVE, uid=uid, start=left, end=left)
            else:
                yield Explained(kind=EventKind.REJOIN, uid=uid, start=min(left, back), end=max(left, back))


def _removals(events: Sequence[DiagnosisEvent]) -> Iterator[Explained]:
    for event in events:
        if any(tag.factor_id in _REMOVALS for tag in event.tags):
            yield Explained(kind=EventKind.REMOVAL, uid=event.user, start=event.ts, end=event.ts)
