"""The troubles that can be scripted, as people choose them from a list."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """``lasts_s`` is used where nobody says how long."""

    name: str
    title: str
    description: str
    lasts_s: float


_ALL = (
    Scenario(
        name="quiet",
        title="Nothing happens",
        description="The usual background: a few single users with small problems.",
        lasts_s=360,
    ),
    Scenario(
        name="uplink_loss",
        title="A host's uplink fails",
        description="One host in lesson-algebra-7b has weak Wi-Fi and loses packets; everybody else there "
        "sees the video freeze.",
        lasts_s=480,
    ),
    Scenario(
        name="downlink_loss",
        title="A region's downlink fails",
        description="Viewers of one provider lose packets on their way in, in several channels.",
        lasts_s=480,
    ),
    Scenario(
        name="cpu",
        title="Senders run out of CPU",
        description="The devices of several senders are overloaded; their video stutters for all viewers.",
        lasts_s=480,
    ),
    Scenario(
        name="join_failures",
        title="Tokens have expired",
        description="A quarter of the users who try cannot join, because their tokens are too old or wrong.",
        lasts_s=480,
    ),
    Scenario(
        name="outage",
        title="Agora's API is down",
        description="The API answers 500, a proxy's 502 page, or nothing at all.",
        lasts_s=360,
    ),
    Scenario(
        name="late_data",
        title="Data come late",
        description="Minutes and diagnoses appear four to six minutes late.",
        lasts_s=600,
    ),
    Scenario(
        name="storm",
        title="Everything freezes",
        description="Thirty diagnoses a minute over all channels, of which an answer holds ten.",
        lasts_s=480,
    ),
    Scenario(
        name="same_uid",
        title="Two clients share a UID",
        description="Two users are kicked out again and again by a second client with their UID.",
        lasts_s=480,
    ),
    Scenario(
        name="reconnects",
        title="Clients reconnect",
        description="Many users lose their network for seconds, in several channels.",
        lasts_s=480,
    ),
)

SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in _ALL}


def scenario_named(name: str) -> Scenario:
    """Return a scenario; raise ValueError naming the known ones when there is none such."""
    if name not in SCENARIOS:
        raise ValueError(f"unknown scenario {name!r}; known: {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
