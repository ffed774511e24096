"""Say where people look that delivery is behind, and when it has caught up: one message, kept up to date."""

from collections.abc import Sequence

from bot.flows.delivery import Delivery, Posted, SlackBusy, SlackRefused, SlackUnreachable
from bot.store import notes, outbox
from bot.telemetry import log

LATE_S = 60.0
"""From when on a waiting message is late."""
CAUGHT_UP_S = 10.0
SAY_EVERY_S = 30.0
NOTE = "delivery is behind"
SERVICES = {"slack": "Slack", "webhook": "webhooks", "pagerduty": "PagerDuty"}
"""What people call the services of the outbox."""

_log = log("deliver")


def say_so(d: Delivery) -> None:
    """Post, edit or close the notice; while Slack is away there is nobody to tell."""
    wall = d.wall()
    with d.database.transaction() as tx:
        said = notes.get(tx, NOTE, lock=True)
        queues = [(name, *outbox.behind(tx, service, wall)) for service, name in SERVICES.items()]
        late = [queue for queue in queues if queue[1] and queue[2] >= (CAUGHT_UP_S if said else LATE_S)]
        if (said is None and not late) or (said is not None and late and said["again_at"] > wall):
            return
        notes.put(tx, NOTE, {**(said or {}), "again_at": wall + SAY_EVERY_S}, d.now())
    try:
        place = _say(d, said, _sentence(late) if late else "Delivery has caught up.")
    except (SlackBusy, SlackUnreachable, SlackRefused) as error:
        _log.warning("cannot say that delivery is behind", queues=queues, error=str(error))
        return
    with d.database.transaction() as tx:
        if late:
            again_at = wall + SAY_EVERY_S
            note = {"channel": place.channel, "ts": place.ts, "again_at": again_at}
            notes.put(tx, NOTE, note, d.now())
        else:
            notes.remove(tx, NOTE)


def _say(d: Delivery, said: dict[str, object] | None, sentence: str) -> Posted:
    message = d.renderer.notice(sentence)
    if said is None or "ts" not in said:
        return d.sender.post(d.channel, message, None, None)
    place = Posted(channel=str(said["channel"]), ts=str(said["ts"]))
    d.sender.edit(place, message, None)
    return place


def _sentence(late: Sequence[tuple[str, int, float]]) -> str:
    parts = ", ".join(_part(*queue) for queue in late)
    return f"Delivery is behind: {parts}. Nothing is lost; first messages go first."


def _part(name: str, waiting: int, oldest_s: float) -> str:
    age = f"{oldest_s / 60:.0f} min" if oldest_s >= 120 else f"{oldest_s:.0f} s"
    some = "1 message waits" if waiting == 1 else f"{waiting:,} messages wait"
    return f"{some} for {name}, the oldest for {age}"
