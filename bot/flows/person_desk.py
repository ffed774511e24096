"""Answer ``/agora-user``: when a user suffered, where, why, and who suffered from them."""

import re

from bot.flows.answer import Desk
from bot.flows.question import Unclear, named_since
from bot.model.message import Message
from bot.model.person import Person
from bot.store import people

USAGE = "Usage: `/agora-user <uid> [since]`, for example `/agora-user 44361248 2h`"
_SHOWN = 200
"""Events that are counted by cause; the newest of them are shown."""
_BLAMED = 5
_UID = re.compile(r"\S{1,255}")


def answer(desk: Desk, text: str) -> Message:
    """Return what is stored of a user in every project; raise Unclear."""
    uid, window = named_since(
        text, desk.now(), desk.events_kept_s, what="user", keeps="I keep what I read", usage=USAGE
    )
    if not _UID.fullmatch(uid):
        raise Unclear(f"“{uid[:80]}” is no user id.", USAGE)
    found = []
    with desk.database.reading() as tx:
        for project in (p.name for p in desk.projects):
            suffered, bad = people.events_of(tx, project, uid, window, limit=_SHOWN)
            hurt, of_others = people.events_by(tx, project, uid, window, limit=_SHOWN)
            person = Person(
                project=project,
                uid=uid,
                suffered=suffered,
                bad_times=bad,
                hurt=hurt,
                hurt_times=of_others,
                blamed=people.blamed(tx, project, uid, window, limit=_BLAMED),
            )
            found += [person] if person.is_known else []
    return desk.renderer.person(uid, window, found, several=len(desk.projects) > 1, now=int(desk.now()))
