"""Agora's Analytics API: what the client returns are model values, what it raises is an AgoraError."""

from bot.agora.account import Credentials, Ledger
from bot.agora.answers import DiagnosisAnswer, UsageDay
from bot.agora.client import AgoraClient
from bot.agora.errors import (
    AgoraError,
    AuthRejected,
    BadRequest,
    EndpointGone,
    MalformedAnswer,
    NotNow,
    PlanLacksEndpoint,
    QuotaExhausted,
    Refused,
    ServerFailed,
    Throttled,
    TooFresh,
    Transient,
    UnknownCode,
    Unreachable,
    WindowRejected,
)
from bot.agora.plan import Endpoint, readable
from bot.agora.plan_beta import ENDPOINTS
from bot.agora.profile import Profile, deliverable, feed_metrics, feeds, profile

__all__ = [
    "ENDPOINTS",
    "AgoraClient",
    "AgoraError",
    "AuthRejected",
    "BadRequest",
    "Credentials",
    "DiagnosisAnswer",
    "Endpoint",
    "EndpointGone",
    "Ledger",
    "MalformedAnswer",
    "NotNow",
    "PlanLacksEndpoint",
    "Profile",
    "QuotaExhausted",
    "Refused",
    "ServerFailed",
    "Throttled",
    "TooFresh",
    "Transient",
    "UnknownCode",
    "Unreachable",
    "UsageDay",
    "WindowRejected",
    "deliverable",
    "feed_metrics",
    "feeds",
    "profile",
    "readable",
]
