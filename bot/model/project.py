"""Whose data: accounts hold the credentials and the quota, projects the calls."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Dialect(StrEnum):
    """Which of Agora's two generations an account is asked in: the API of 2019, or today's."""

    BETA = "beta"
    CURRENT = "current"


class Plan(StrEnum):
    """The Analytics plan of an account; it decides on the endpoints and limits of today's API."""

    STANDARD = "standard"
    PREMIUM = "premium"
    ENTERPRISE = "enterprise"


Product = Literal["Native", "WebRTC"]
"""Agora's kinds of SDK; today's API tells project metrics of one of them at a time."""

PRODUCTS: tuple[Product, ...] = ("Native", "WebRTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One App ID under the name that people read in messages. ``products`` are those its users join with.

    ``console_name`` is its name in Agora's console, where that is another one.
    """

    name: str
    app_id: str
    account: str
    products: tuple[str, ...] = PRODUCTS
    console_name: str = ""
