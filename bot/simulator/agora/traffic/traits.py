"""What today's API tells of people beside their device: place, name, role. All of it follows from the uid."""

from collections.abc import Callable, Mapping

from bot.simulator.agora.values import Json

from .calls import Call
from .draw import draw
from .people import Person

WEBRTC, NATIVE = "WebRTC", "Native"
_PLACES: Mapping[str, tuple[str, ...]] = {
    "Germany": ("Berlin", "Bavaria"),
    "India": ("Karnataka", "Maharashtra"),
    "United States": ("California", "Texas", "New York"),
    "Brazil": ("São Paulo",),
    "China": ("Shanghai", "Guangdong"),
}


def product_of(person: Person) -> str:
    """Return which of the two kinds of SDK a person uses; servers use the native one."""
    return WEBRTC if person.platform == "Web" else NATIVE


def country_of(person: Person) -> str:
    return draw("country", person.uid).choice(tuple(_PLACES))


def _region_of(person: Person) -> str:
    return draw("region", person.uid).choice(_PLACES[country_of(person)])


_TRAITS: Mapping[str, Callable[[Person], str]] = {
    "country": country_of,
    "region": _region_of,
    "net": lambda person: person.network,
    "sdk": lambda person: person.sdk_version,
    "sdkVersion": lambda person: person.sdk_version,
    "os": lambda person: person.platform,
    "device": lambda person: person.device_type,
}


def trait(person: Person, dimension: str) -> str:
    """Return the value that a person has in a dimension."""
    return _TRAITS[dimension](person)


def naming(call: Call, person: Person) -> Json:
    """Return ``account`` and, for most, ``roles``: a text or a list of texts, as Agora prints both."""
    account = {"account": f"user-{person.uid % 10_000:04d}"}
    if person.is_server:
        return account | {"roles": "Cloud Recording"}
    if person.uid in call.senders:
        return account | {"roles": ["SPEAKER"] if person == call.people[0] else "Host"}
    return account | ({"roles": "Audience"} if draw("roles", person.uid).random() < 0.7 else {})
