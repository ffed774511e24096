"""Agora's Analytics API: what the client returns are model values, what it raises is an AgoraError."""

from bot.agora.account import Credentials, Ledger
from bot.agora.alert_body import Alert, UnreadableAlert, alert_events, read_alert
from bot.agora.answers import (
    CallsAnswer,
    DiagnosisAnswer,
    FreezeBucket,
    Share,
    TimedValue,
    UserValue,
)
from bot.agora.client import AgoraClient
from bot.agora.current_client import CurrentClient
from bot.agora.details_body import UnreadableBody, read_details_body, read_events_body
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
    Stopped,
    Throttled,
    TooFresh,
    Transient,
    UnknownCode,
    Unreachable,
    WindowLimit,
    WindowRejected,
)
from bot.agora.opening import Client, open_client
from bot.agora.plan import Endpoint, readable
from bot.agora.plan_beta import ENDPOINTS
from bot.agora.profile import Profile, call_fields, deliverable, feed_metrics, feeds, profile, told_products
from bot.agora.retry import ASKED_ONCE
from bot.agora.transport import DEADLINE_S

__all__ = [
    "ASKED_ONCE",
    "DEADLINE_S",
    "ENDPOINTS",
    "AgoraClient",
    "AgoraError",
    "Alert",
    "AuthRejected",
    "BadRequest",
    "CallsAnswer",
    "Client",
    "Credentials",
    "CurrentClient",
    "DiagnosisAnswer",
    "Endpoint",
    "EndpointGone",
    "FreezeBucket",
    "Ledger",
    "MalformedAnswer",
    "NotNow",
    "PlanLacksEndpoint",
    "Profile",
    "QuotaExhausted",
    "Refused",
    "ServerFailed",
    "Share",
    "Stopped",
    "Throttled",
    "TimedValue",
    "TooFresh",
    "Transient",
    "UnknownCode",
    "Unreachable",
    "UnreadableAlert",
    "UnreadableBody",
    "UserValue",
    "WindowLimit",
    "WindowRejected",
    "alert_events",
    "call_fields",
    "deliverable",
    "feed_metrics",
    "feeds",
    "open_client",
    "profile",
    "read_alert",
    "read_details_body",
    "read_events_body",
    "readable",
    "told_products",
]
