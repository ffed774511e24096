"""What a page draws of a call: strips by user, a matrix and lines for each trouble."""

from collections.abc import Iterator

import numpy as np

from bot.diagnosis.activity import Activity, find_activity, sent_video
from bot.diagnosis.grid import Grid, Unusable, make_grid
from bot.diagnosis.measure import Flags, Floats, mean
from bot.diagnosis.semantics import understood, with_intervals
from bot.diagnosis.series import AUDIO_UP_LOSS, CAPTURED_FPS, SENT_FPS, SYSTEM_CPU, VIDEO_UP_LOSS
from bot.diagnosis.symptoms import Symptoms, find_symptoms
from bot.diagnosis.thresholds import DEFAULT, FROZEN, Thresholds
from bot.model.call import CallDetails
from bot.model.diagnosis import Diagnosis, Level, Line, Pictures, Scene, Stretch, Strip, Trouble

WINDOW_S = 20
_BESIDE_S = 60


def pictures(details: CallDetails, found: Diagnosis, lines: Thresholds = DEFAULT) -> Pictures | None:
    """Return what can be drawn of a call and its diagnosis, None where nothing was measured."""
    try:
        plain, cumulative = with_intervals(details)
        grid, _ = understood(make_grid(plain), cumulative=cumulative)
    except Unusable:
        return None
    activity = find_activity(grid, lines)
    symptoms = find_symptoms(grid, activity, lines)
    return Pictures(
        users=grid.users,
        strips=tuple(_strip(grid, activity, symptoms, user, lines) for user in range(len(grid.users))),
        scenes=tuple(_scene(grid, symptoms, trouble) for trouble in found.incidents),
    )


def _strip(grid: Grid, activity: Activity, symptoms: Symptoms, user: int, lines: Thresholds) -> Strip:
    row, column = symptoms.total[grid.receiver == user], symptoms.total[grid.sender == user]
    worst = np.fmax.reduce(row, axis=0) if len(row) else np.full(grid.ticks, np.nan)
    sent = mean(column, axis=0) if len(column) else np.full(grid.ticks, np.nan)
    off = activity.video_off[user] & activity.audio_off[user]
    nowhere = np.zeros(grid.ticks, dtype=np.bool_)
    return Strip(
        uid=grid.users[user],
        received=tuple(_stretches(grid, worst, activity.gone[user], nowhere, lines)),
        sent=tuple(_stretches(grid, sent, activity.gone[user], off, lines)),
    )


def _stretches(grid: Grid, badness: Floats, gone: Flags, off: Flags, lines: Thresholds) -> Iterator[Stretch]:
    """Yield windows of 20 s, neighbours of one level joined."""
    width, last = grid.in_ticks(WINDOW_S), None
    for start in range(0, grid.ticks, width):
        part = slice(start, min(start + width, grid.ticks))
        level = _level(badness[part], gone[part], off[part], lines)
        if last is not None and last.level is level:
            last = Stretch(start=last.start, end=grid.at(part.stop), level=level)
            continue
        if last is not None:
            yield last
        last = Stretch(start=grid.at(start), end=grid.at(part.stop), level=level)
    if last is not None:
        yield last


def _level(badness: Floats, gone: Flags, off: Flags, lines: Thresholds) -> Level:
    if gone.mean() > 0.5:
        return Level.ABSENT
    if off.mean() > 0.5:
        return Level.OFF
    known = badness[np.isfinite(badness)]
    if not known.size:
        return Level.UNKNOWN
    share = 100 * FROZEN * float(known.mean())
    if share > lines.video_freeze_bad:
        return Level.BAD
    return Level.WARNING if share > lines.video_freeze_ok else Level.OK


def _scene(grid: Grid, symptoms: Symptoms, trouble: Trouble) -> Scene:
    span = slice(grid.tick(trouble.start), grid.tick(trouble.end) + 1)
    bad = mean((symptoms.total[:, span] > 0.5).astype(float), np.isfinite(symptoms.total[:, span]))
    cells: list[list[float | None]] = [[None] * len(grid.users) for _ in grid.users]
    for pair, value in enumerate(bad.tolist()):
        if value == value:
            cells[int(grid.receiver[pair])][int(grid.sender[pair])] = round(100 * value, 1)
    uid = trouble.cause.uid
    shown = tuple(_lines(grid, uid, trouble)) if uid in grid.users else ()
    return Scene(cells=tuple(map(tuple, cells)), lines=shown)


def _lines(grid: Grid, uid: str | None, trouble: Trouble) -> Iterator[Line]:
    """Yield the lines of who was blamed, and of one who was not, for comparison."""
    beside = grid.in_ticks(_BESIDE_S)
    first = max(0, grid.tick(trouble.start) - beside)
    last = min(grid.ticks, grid.tick(trouble.end) + beside)
    control = next((n for n, other in enumerate(grid.users) if other != uid and grid.listed[n]), None)
    loss = np.fmax(grid.mine(VIDEO_UP_LOSS), grid.mine(AUDIO_UP_LOSS))
    for title, unit, values in (
        ("Loss on the way up", "%", loss),
        ("CPU", "%", grid.mine(SYSTEM_CPU)),
        ("Captured", "fps", grid.mine(CAPTURED_FPS)),
        ("Sent", "fps", grid.mine(SENT_FPS)),
        ("Sent video", "kbps", sent_video(grid)),
    ):
        for user in (grid.users.index(str(uid)), control):
            if user is not None and np.isfinite(values[user, first:last]).any():
                yield Line(
                    uid=grid.users[user],
                    title=title,
                    unit=unit,
                    start=grid.at(first),
                    step_s=grid.tick_s,
                    values=tuple(v if v == v else None for v in values[user, first:last].tolist()),
                )
