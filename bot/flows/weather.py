"""Summaries of storms: posted once before their first incident, and kept up to date."""

import hashlib

from bot.flows.delivery import Delivery, Mark, Posted, SlackBusy, SlackRefused, SlackUnreachable
from bot.flows.fallback import posted
from bot.model.storm import Storm, StormRow
from bot.store import Place, storms
from bot.telemetry import log

LEASE_S = 45.0
EDIT_EVERY_S = 15.0
FORGET_S = 86_400
"""A summary is kept up to date until its last incident is resolved, at most so long."""

_log = log("deliver")


def summary(d: Delivery, storm: Storm, channel: str) -> Place | None:
    """Return where a storm's summary stands, after posting it if nobody did; None while another worker does.

    Raises what posting raises. Where Slack did not answer, whoever comes next looks for the message before
    posting again; where it refused, the incidents that wait stand alone.
    """
    with d.database.transaction() as tx:
        place = storms.place_of(tx, storm.id)
        if place is not None:
            return place
        mine, tried = storms.lease(tx, storm.id, wall=d.wall(), lease_s=LEASE_S)
        rows = storms.rows(tx, storm.id)
    if not mine:
        return None
    mark = _mark(storm)
    message = d.renderer.storm(storm, rows, now=int(d.now()))
    try:
        where, _ = posted(
            d, channel, message, mark, None, lambda *at: d.sender.find(at[0], mark, at[1]) if tried else None
        )
    except (SlackBusy, SlackRefused) as error:
        with d.database.transaction() as tx:
            storms.unlease(tx, storm.id)
            if isinstance(error, SlackRefused):
                storms.leave(tx, storm.id)
        raise
    place = Place(channel=where.channel, ts=where.ts, edited_at=d.wall())
    with d.database.transaction() as tx:
        storms.set_place(tx, storm.id, place, _shown(rows))
    return place


def keep_up(d: Delivery) -> None:
    """Edit the summaries that show something old, each every quarter of a minute at most."""
    with d.database.transaction() as tx:
        known = [(storm, storms.place_of(tx, storm.id)) for storm in storms.going_on(tx)]
    for storm, place in known:
        if place is not None and not 0 < place.edited_at + EDIT_EVERY_S - d.wall() <= EDIT_EVERY_S:
            try:
                _edit(d, storm, place)
            except (SlackBusy, SlackUnreachable, SlackRefused) as error:
                _log.warning("the summary of a storm is not up to date", storm=storm.id, error=str(error))


def _edit(d: Delivery, storm: Storm, place: Place) -> None:
    with d.database.transaction() as tx:
        rows, before = storms.rows(tx, storm.id), storms.shown_of(tx, storm.id)
        over = not any(row.is_open for row in rows) or storm.last_at + FORGET_S < d.now()
        if over:
            storms.end(tx, storm.id, d.now())
        storms.set_place(tx, storm.id, Place(channel=place.channel, ts=place.ts, edited_at=d.wall()), before)
    if _shown(rows) != before:
        message = d.renderer.storm(storm, rows, now=int(d.now()))
        d.sender.edit(Posted(channel=place.channel, ts=place.ts), message, _mark(storm))
        with d.database.transaction() as tx:
            done = Place(channel=place.channel, ts=place.ts, edited_at=d.wall())
            storms.set_place(tx, storm.id, done, _shown(rows))


def _mark(storm: Storm) -> Mark:
    return Mark(key=f"storm-{storm.id}-{int(storm.started_at)}", seq=0)


def _shown(rows: list[StormRow]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
