"""Calls as a textbook has them: all is well, but for what a test puts in. Every value is written by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from bot.model.call import Call, CallDetails, Series, Session

START = 1_790_000_000
OWN = {
    20001: 18.0,
    20002: 35.0,
    20003: 40.0,
    20006: 800.0,
    20007: 15.0,
    20008: 15.0,
    20013: 28.0,
    20015: 0.2,
    20017: 0.2,
}
HEARD = {
    20004: 40.0,
    20005: 0.0,
    20009: 800.0,
    20010: 15.0,
    20011: 0.0,
    20016: 0.3,
    20018: 0.3,
    20019: 1280.0,
    20020: 720.0,
}
Change = Callable[[np.ndarray], np.ndarray]


@dataclass
class Textbook:
    """A call of ``users`` (1001, 1002, ...) that all send and receive, with a value every 2 s."""

    users: int = 4
    seconds: int = 300
    values: dict[tuple[int, int, int], np.ndarray] = field(default_factory=dict)
    stays: list[Session] = field(default_factory=list)
    silent: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.users)
        ticks = self.seconds // 2
        for user in range(self.users):
            for mid, usual in OWN.items():
                self.values[user, mid, -1] = usual * rng.uniform(0.95, 1.05, ticks)
            for peer in range(self.users):
                if peer != user:
                    for mid, usual in HEARD.items():
                        noise = 0.0 if mid in (20019, 20020) else 0.05
                        self.values[user, mid, peer] = usual * rng.uniform(1 - noise, 1 + noise, ticks)

    def own(self, user: int, mid: int, value: float, start: int, end: int) -> "Textbook":
        """Set an own metric between two seconds."""
        self.values[user, mid, -1][start // 2 : end // 2] = value
        return self

    def heard(self, receiver: int, sender: int, mid: int, value: float, start: int, end: int) -> "Textbook":
        """Set a metric about a stream; -1 means every receiver, or every sender."""
        for user in range(self.users) if receiver < 0 else [receiver]:
            for peer in range(self.users) if sender < 0 else [sender]:
                if user != peer:
                    self.values[user, mid, peer][start // 2 : end // 2] = value
        return self

    def without(self, *mids: int) -> "Textbook":
        """Leave metrics out."""
        self.values = {key: values for key, values in self.values.items() if key[1] not in mids}
        return self

    def details(self) -> CallDetails:
        """Return the call."""
        end = START + self.seconds
        call = Call(call_id="c1", cname="room", started_at=START, ended_at=end)
        sessions = tuple(self.stays) or tuple(session(user, 0, self.seconds) for user in range(self.users))
        ts = START + 2 + 2 * np.arange(self.seconds // 2, dtype=np.int64)
        series = []
        for (user, mid, peer), values in self.values.items():
            for stay in sessions:
                if stay.uid != uid(user):
                    continue
                left = stay.left_at if stay.left_at is not None else end
                kept = np.isfinite(values) & (ts > stay.joined_at) & (ts <= left)
                if user in self.silent:
                    first, last = self.silent[user]
                    kept &= (ts <= START + first) | (ts > START + last)
                if kept.any():
                    name = "0" if peer < 0 else uid(peer)
                    series.append(
                        Series(sid=stay.sid, mid=mid, peer_uid=name, ts=ts[kept], values=values[kept])
                    )
        return CallDetails(call=call, sessions=sessions, series=tuple(series), cut=False)


def uid(user: int) -> str:
    return str(1001 + user)


def session(user: int, joined: int, left: int | None, device: str = "Pixel 8", sid: str = "") -> Session:
    """Return a stay between two seconds of the call."""
    return Session(
        sid=sid or f"S{user}-{joined}",
        uid=uid(user),
        network="Wi-Fi",
        platform="Android",
        device=device,
        sdk="2.9",
        sender=True,
        joined_at=START + joined,
        left_at=None if left is None else START + left,
    )


def mapped(details: CallDetails, mids: tuple[int, ...], change: Change) -> CallDetails:
    """Return the call with the values of some metrics changed."""
    series = tuple(
        replace(one, values=change(one.values)) if one.mid in mids else one for one in details.series
    )
    return replace(details, series=series)
