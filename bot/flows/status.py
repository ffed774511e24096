"""Answer ``/agora-status``: how the bot itself is, from what its processes left in the database."""

from bot.flows import rulebook
from bot.flows.answer import Desk
from bot.flows.behind import SERVICES
from bot.flows.question import Unclear
from bot.model.catalog import POLLED_FEEDS
from bot.model.message import Message
from bot.model.status import FeedStatus, Status, Waiting
from bot.model.time import DAY_S, HOUR_S, MINUTE_S
from bot.store import FeedState, Transaction, incidents, ledger, notes, observations, outbox


def answer(desk: Desk, words: str) -> Message:
    """Return how the bot is now; raise Unclear on further words."""
    if words.strip():
        raise Unclear("`/agora-status` takes no words.", "`/agora-help` shows what else there is.")
    return desk.renderer.status(look(desk), now=int(desk.now()))


def look(desk: Desk) -> Status:
    """Return how the bot is now."""
    now, wall, watched = desk.now(), desk.wall(), {project.name for project in desk.projects}
    with desk.database.reading() as tx:
        states = [s for s in observations.feed_states(tx) if s.feed in POLLED_FEEDS and s.project in watched]
        note = notes.get(tx, rulebook.NOTE) or {}
        waiting = [
            Waiting(service=name, messages=count, oldest_s=oldest_s)
            for name, count, oldest_s in (
                (name, *outbox.behind(tx, service, wall)) for service, name in SERVICES.items()
            )
        ]
        return Status(
            feeds=[_feed(tx, state, now) for state in states],
            spent=ledger.used_today(tx, now),
            resets_in_s=DAY_S - now % DAY_S,
            waiting=[one for one in waiting if one.messages],
            failing=outbox.backlog(tx)[1],
            open_incidents=incidents.listed(tx, since=None, below=None, limit=1)[0],
            rules=len(note["in_force"]) if "in_force" in note else None,
            rule_problems=note.get("problems", []),
            rules_read_at=int(note["loaded_at"]) if "loaded_at" in note else None,
            parts=desk.parts,
        )


def _feed(tx: Transaction, state: FeedState, now: float) -> FeedStatus:
    """Return how a feed is, with the hour before its last complete minute."""
    since = state.watermark - HOUR_S
    known, cut = observations.known_since(tx, state.project, state.feed, since, state.watermark)
    return FeedStatus(
        project=state.project,
        feed=state.feed,
        delay_s=now - state.watermark if state.succeeded_at is not None else None,
        asked=HOUR_S // MINUTE_S,
        known=known,
        cut=cut,
        error=state.error,
    )
