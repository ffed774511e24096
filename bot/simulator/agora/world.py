"""A project's world as a pure function of seed and time: its load, its minutes, its channels and calls.

Nothing is stored, so that the last three days exist at the first request and every answer can be repeated.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

DAY_S = 86_400
DEMO_CHANNEL = "lesson-algebra-7b"
CHANNELS = (
    DEMO_CHANNEL,
    "standup-berlin",
    "telehealth-4711",
    "15056678066620",
    "lesson-physics-9a",
    "<b>&bold \U0001f600 room",
    "support-desk-12",
    "karaoke-night",
    "all-hands",
    "lesson-chemistry-8c",
    "board-room",
)
HEALTHY = {
    "joinSuccessRate": (98.8, 99.9),
    "joinSuccess5SecsRate": (97.0, 99.3),
    "videoFreezeRate": (0.6, 1.8),
    "audioFreezeRate": (0.3, 0.9),
    "videoUpstreamExcellentTransRate": (97.8, 99.6),
    "audioUpstreamExcellentTransRate": (98.2, 99.7),
    "videoEnd2EndExcellentTransRate": (97.5, 99.4),
    "audioEnd2EndExcellentTransRate": (98.0, 99.6),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One stay of one user in a call."""

    sid: str
    uid: int
    network: str
    platform: str
    device: str
    sdk: str
    sends: bool
    join: int
    leave: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldCall:
    """One call; the first of ``uids`` is its host."""

    call_id: str
    cname: str
    start: int
    end: int
    uids: tuple[int, ...]


class World:
    """The world of one project."""

    def __init__(self, seed: int, app_id: str) -> None:
        self._seed = f"{seed}|{app_id}"

    def rng(self, *what: object) -> random.Random:
        """Return a source of chance of its own for ``what``, the same at every call."""
        return random.Random("|".join([self._seed, *map(str, what)]))

    def scale(self, minute: int) -> dict[str, int]:
        """Return users and channels online in a minute: a daily wave and some noise."""
        wave = math.sin((minute % DAY_S) / DAY_S * 2 * math.pi - math.pi / 2)
        chance = self.rng("scale", minute)
        return {"pcu": round(62 + 14 * wave + chance.uniform(-3, 3)), "pcc": len(CHANNELS)}

    def rates(self, minute: int) -> dict[str, float]:
        """Return the rates of a healthy minute, percent."""
        chance = self.rng("rates", minute)
        return {name: round(chance.uniform(low, high), 3) for name, (low, high) in HEALTHY.items()}

    def members(self, cname: str) -> tuple[int, ...]:
        """Return the uids that come to a channel, its host first; some exceed 2^31."""
        chance = self.rng("members", cname)
        return tuple(chance.randrange(10_000_000, 2**32) for _ in range(14))

    def calls(self, cname: str, since: float, until: float) -> Iterator[WorldCall]:
        """Yield the calls of a channel that overlap ``[since, until)``, oldest first."""
        period = self._period(cname)
        for slot in range(int(since // period) - 1, int(until // period) + 1):
            call = self._call(cname, slot, period)
            if call.end > since and call.start < until:
                yield call

    def call(self, call_id: str, around: float) -> WorldCall | None:
        """Return a call of the three days before ``around`` by its id."""
        for cname in CHANNELS:
            for call in self.calls(cname, around - 3 * DAY_S, around + 1):
                if call.call_id == call_id:
                    return call
        return None

    def stays(self, call: WorldCall) -> list[Stay]:
        """Return who stayed when, by joining time, newest first; one user in four calls rejoins."""
        stays = []
        for place, uid in enumerate(call.uids):
            chance = self.rng("stay", call.call_id, uid)
            platform, device, sdk = chance.choice(
                (
                    ("Android", "Pixel 8 (14)", "4.5.1.17"),
                    ("iOS", "iPhone 15 (17.4)", "4.5.1.17"),
                    ("Windows", "Windows 11", "4.4.2.3"),
                    ("macOS", "MacBook Pro (14.5)", "4.5.0.9"),
                    ("Web", "Chrome 126", "4.22.0"),
                )
            )
            join = call.start + (0 if place == 0 else chance.randrange(2, 120))
            leave = max(join + 60, call.end - (0 if place == 0 else chance.randrange(0, 60)))
            network = "Wi-Fi" if place == 0 else chance.choice(("Wi-Fi", "4G", "5G", "Ethernet"))
            parts = [(join, leave)]
            if place == 1 and int(call.call_id, 16) % 4 == 0:
                middle = (join + leave) // 2
                parts = [(join, middle), (middle + 20, leave)]
            stays += [
                Stay(
                    sid=f"{self.rng('sid', call.call_id, uid, n).getrandbits(128):032X}",
                    uid=uid,
                    network=network,
                    platform=platform,
                    device=device,
                    sdk=sdk,
                    sends=place < 3,
                    join=part_join,
                    leave=part_leave,
                )
                for n, (part_join, part_leave) in enumerate(parts)
            ]
        return sorted(stays, key=lambda stay: -stay.join)

    def _period(self, cname: str) -> int:
        if cname == DEMO_CHANNEL:
            return 2_700
        return self.rng("period", cname).randrange(4_200, 12_000)

    def _call(self, cname: str, slot: int, period: int) -> WorldCall:
        chance = self.rng("call", cname, slot)
        demo = cname == DEMO_CHANNEL
        start = slot * period + chance.randrange(0, max(1, period // 50))
        share = chance.uniform(0.95, 0.97) if demo else chance.uniform(0.4, 0.8)
        members = self.members(cname)
        guests = chance.sample(members[1:], 8 if demo else chance.randrange(1, 8))
        return WorldCall(
            call_id=f"{chance.getrandbits(96):024x}",
            cname=cname,
            start=start,
            end=start + int(period * share),
            uids=(members[0], *guests),
        )
