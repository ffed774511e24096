"""The people of a channel and their devices."""

from dataclasses import dataclass

from .channels import DEMO, Channel
from .draw import draw

UIDS = 1 << 32
_SPARE = 2

_DEVICES = (
    ("Android", "Android (14)", ("4.2.6", "4.3.1", "3.7.2.2")),
    ("iOS", "iPhone15,2 (17.4)", ("4.2.6", "4.3.1")),
    ("iOS", "iPad13,4 (16.6)", ("4.1.1",)),
    ("Windows", "Windows 11 (23H2)", ("4.2.6", "4.0.0")),
    ("macOS", "MacBookPro18,3 (14.4)", ("4.3.1",)),
    ("Web", "Chrome 122 (Windows 10)", ("4.20.2", "4.18.3")),
    ("Web", "Safari 17 (macOS)", ("4.20.2",)),
)
_NETWORKS = {
    "Android": ("Wi-Fi", "Wi-Fi", "4G", "5G"),
    "iOS": ("Wi-Fi", "Wi-Fi", "4G", "5G"),
    "Windows": ("Wi-Fi", "LAN"),
    "macOS": ("Wi-Fi", "LAN"),
    "Web": ("Unknown", "Wi-Fi"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A uid (unsigned, 32 bits) with the device behind it; servers are the recorders on Linux."""

    uid: int
    network: str
    platform: str
    device_type: str
    sdk_version: str

    @property
    def is_server(self) -> bool:
        return self.platform == "Linux"


def people_of(seed: int, app_id: str, channel: Channel) -> tuple[Person, ...]:
    """Return everybody who ever joins a channel; the first one hosts its calls."""
    return tuple(_person(seed, app_id, channel.name, number) for number in range(channel.people[1] + _SPARE))


def recorder_of(seed: int, app_id: str, channel: Channel) -> Person:
    """Return the recording server of a channel."""
    uid = draw(seed, app_id, channel.name, "recorder").randrange(1000, UIDS)
    return Person(
        uid=uid, network="LAN", platform="Linux", device_type="Linux (server)", sdk_version="4.2.30"
    )


def _person(seed: int, app_id: str, cname: str, number: int) -> Person:
    chance = draw(seed, app_id, cname, "person", number)
    uid = chance.randrange(1000, UIDS)
    platform, device_type, versions = chance.choice(_DEVICES)
    network = chance.choice(_NETWORKS[platform])
    if cname == DEMO and number == 0:
        # The host whose Wi-Fi fails in uplink_loss must have Wi-Fi, and a platform that reports everything.
        platform, device_type, versions = _DEVICES[0]
        network = "Wi-Fi"
    return Person(
        uid=uid,
        network=network,
        platform=platform,
        device_type=device_type,
        sdk_version=chance.choice(versions),
    )
