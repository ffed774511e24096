"""The calls of a project and the stays of people in them.

Every channel draws its days one by one, each from its own key, so that any time can be asked for first. Its
days begin at an hour of its own, because calls do not cross them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.simulator.agora.endpoints import DAY_S

from .channels import CHANNELS, Channel
from .draw import draw
from .people import Person, people_of, recorder_of

LONGEST_S = 90 * 60
KEPT_DAYS, KEPT_CALLS = 512, 8192
_REJOIN_CHANCE = 0.3
_REJOIN_AFTER_S = (15, 45)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``people`` begins with the host; ``senders`` send audio and video, the host first."""

    call_id: str
    cname: str
    start: int
    end: int
    people: tuple[Person, ...]
    senders: tuple[int, ...]
    joined_within_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    sid: str
    person: Person
    join: int
    leave: int


class Calls:
    """Looks calls up by time, channel or id."""

    def __init__(self, seed: int, app_id: str) -> None:
        self._seed = seed
        self._app_id = app_id
        self._people = {channel.name: people_of(seed, app_id, channel) for channel in CHANNELS}
        self._begins = {
            channel.name: draw(seed, app_id, channel.name).randrange(DAY_S) for channel in CHANNELS
        }
        self._day = lru_cache(maxsize=KEPT_DAYS)(self._drawn_day)
        self.sessions = lru_cache(maxsize=KEPT_CALLS)(self._drawn_sessions)

    def overlapping(self, start: float, end: float, cname: str | None = None) -> list[Call]:
        """Return the calls that begin before ``end`` and do not end before ``start``, in no order."""
        channels = [channel for channel in CHANNELS if cname in (None, channel.name)]
        return [
            call
            for channel in channels
            for call in self._of_days(channel, start, end)
            if call.start < end and call.end >= start
        ]

    def running(self, at: float, cname: str | None = None) -> list[Call]:
        """Return the calls that are on at an instant."""
        return [call for call in self.overlapping(at, at + 1, cname) if call.start <= at < call.end]

    def find(self, call_id: str, start: float, end: float) -> Call | None:
        """Return a call by its id if it is on at some time of the window."""
        found = (call for call in self.overlapping(start, end) if call.call_id == call_id)
        return next(found, None)

    def host(self, cname: str) -> Person:
        """Return who hosts the calls of a channel."""
        return self._people[cname][0]

    def present(self, call: Call, at: float) -> list[Person]:
        """Return who is in a call at an instant; servers are not counted."""
        return [
            session.person
            for session in self.sessions(call)
            if session.join <= at < session.leave and not session.person.is_server
        ]

    def _of_days(self, channel: Channel, start: float, end: float) -> Iterator[Call]:
        begins = self._begins[channel.name]
        for day in range(int(start - begins) // DAY_S, int(end - begins) // DAY_S + 1):
            yield from self._day(channel, day)

    def _drawn_day(self, channel: Channel, day: int) -> tuple[Call, ...]:
        chance = draw(self._seed, self._app_id, channel.name, "day", day)
        begin = day * DAY_S + self._begins[channel.name]
        shortest, longest = (60 * minutes for minutes in channel.minutes)
        calls, start = [], begin
        while begin + DAY_S - start > shortest:
            end = min(start + chance.randint(shortest, longest), begin + DAY_S - channel.gap_s[0])
            if begin + DAY_S - end < shortest:
                end = min(begin + DAY_S - channel.gap_s[0], start + LONGEST_S)
            calls.append(self._drawn_call(channel, start, end))
            start = end + chance.randint(*channel.gap_s)
        return tuple(calls)

    def _drawn_call(self, channel: Channel, start: int, end: int) -> Call:
        chance = draw(self._seed, self._app_id, channel.name, "call", start)
        host, *others = self._people[channel.name]
        people = [host, *chance.sample(others, chance.randint(*channel.people) - 1)]
        senders = tuple(person.uid for person in people[: chance.randint(2, 4)])
        if channel.has_recorder:
            people.append(recorder_of(self._seed, self._app_id, channel))
        return Call(
            call_id=f"{chance.getrandbits(96):024x}",
            cname=channel.name,
            start=start,
            end=end,
            people=tuple(people),
            senders=senders,
            joined_within_s=channel.joined_within_s,
        )

    def _drawn_sessions(self, call: Call) -> tuple[Session, ...]:
        """The host comes first and leaves last; now and then one person loses the call and rejoins."""
        chance = draw(self._seed, call.call_id, "sessions")
        rejoining = chance.randrange(1, len(call.people)) if chance.random() < _REJOIN_CHANCE else 0
        sessions = []
        for number, person in enumerate(call.people):
            join = call.start + (chance.randint(1, call.joined_within_s) if number else 0)
            leave = call.end - (chance.randint(0, 60) if number else 0)
            stays = [(join, leave)]
            if number and number == rejoining:
                lost = chance.randint(join + 300, leave - 300)
                stays = [(join, lost), (lost + chance.randint(*_REJOIN_AFTER_S), leave)]
            for joined, left in stays:
                sid = f"{chance.getrandbits(128):032X}"
                sessions.append(Session(sid=sid, person=person, join=joined, leave=left))
        return tuple(sessions)
