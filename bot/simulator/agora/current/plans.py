"""What each plan includes. Source: Analytics REST API reference and its pricing page.

The numbers of a family are counted together over its endpoints: which way Agora counts is not documented.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.simulator.agora.endpoints import DAY_S, HOUR_S, MINUTE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a family may be asked: ``burst`` requests in any ``burst_s`` seconds, data of ``keeps_s``."""

    burst: int
    burst_s: int
    per_day: int
    keeps_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A window is shorter than ``below_s`` (None: as long as data are kept) and older than ``delay_s``."""

    below_s: int | None = None
    delay_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``families`` lacks what the plan lacks; ``reaches`` has a line for each kind of question."""

    families: Mapping[str, Allowance]
    reaches: Mapping[str, Reach]


CALL, INSIGHT, REALTIME = "call", "insight", "realtime"

STANDARD = Plan(
    families={CALL: Allowance(burst=1, burst_s=1, per_day=1000, keeps_s=DAY_S)},
    reaches={
        "lists": Reach(below_s=8 * HOUR_S, delay_s=60),
        "sessions": Reach(below_s=HOUR_S, delay_s=300),
    },
)
PREMIUM = Plan(
    families={
        CALL: Allowance(burst=3, burst_s=1, per_day=2000, keeps_s=7 * DAY_S),
        INSIGHT: Allowance(burst=3, burst_s=MINUTE_S, per_day=40, keeps_s=14 * DAY_S),
        REALTIME: Allowance(burst=3, burst_s=MINUTE_S, per_day=480, keeps_s=40 * MINUTE_S),
    },
    reaches={
        "lists": Reach(below_s=16 * HOUR_S, delay_s=20),
        "sessions": Reach(below_s=3 * HOUR_S, delay_s=150),
        "usage by time": Reach(below_s=3 * DAY_S, delay_s=12 * HOUR_S),
        "quality by time": Reach(below_s=3 * DAY_S, delay_s=6 * HOUR_S),
        "usage": Reach(delay_s=12 * HOUR_S),
        "quality": Reach(delay_s=6 * HOUR_S),
        "now": Reach(below_s=40 * MINUTE_S, delay_s=40),
    },
)
ENTERPRISE = Plan(
    families={
        CALL: Allowance(burst=10, burst_s=1, per_day=10_000, keeps_s=15 * DAY_S),
        INSIGHT: Allowance(burst=10, burst_s=MINUTE_S, per_day=60, keeps_s=30 * DAY_S),
        REALTIME: Allowance(burst=10, burst_s=MINUTE_S, per_day=1440, keeps_s=60 * MINUTE_S),
    },
    reaches={
        "lists": Reach(below_s=24 * HOUR_S, delay_s=20),
        "sessions": Reach(below_s=6 * HOUR_S, delay_s=100),
        "usage by time": Reach(below_s=7 * DAY_S, delay_s=6 * HOUR_S),
        "quality by time": Reach(below_s=7 * DAY_S, delay_s=6 * HOUR_S),
        "usage": Reach(delay_s=6 * HOUR_S),
        "quality": Reach(delay_s=6 * HOUR_S),
        "now": Reach(below_s=60 * MINUTE_S, delay_s=20),
    },
)

PLANS: Mapping[str, Plan] = {"standard": STANDARD, "premium": PREMIUM, "enterprise": ENTERPRISE}


def plan_named(name: str) -> Plan:
    """Return a plan; raise ValueError naming the known ones when there is none such."""
    if name not in PLANS:
        raise ValueError(f"unknown plan {name!r}; known: {', '.join(PLANS)}")
    return PLANS[name]
