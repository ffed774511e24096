"""Agora's ids and metric names, with the words that people read.

Source: Agora Analytics RESTful API (Beta), 2019, with the additions of the Chinese text of 2020; metric ids
from 20023 on stand in today's reference. Ids that were never published exist in answers (factor 18 stands in
the vendor's own example): they keep their number.
"""

from dataclasses import dataclass
from enum import StrEnum


class Feed(StrEnum):
    """One source of one project. All are polled but two: BOT is what the bot observes of itself, and ALERT
    what Agora's own alerting pushes to us, whose minutes are known as soon as they are over."""

    DIAGNOSIS = "diagnosis"
    EXPERIENCE = "experience"
    NET = "net"
    SCALE = "scale"
    CALLS = "calls"
    BOT = "bot"
    ALERT = "alert"


POLLED_FEEDS = (Feed.DIAGNOSIS, Feed.EXPERIENCE, Feed.NET, Feed.SCALE, Feed.CALLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One value per project and minute. ``unit`` is ``%`` (0 to 100), ``s`` or empty (a count)."""

    name: str
    feed: Feed
    title: str
    unit: str
    high_is_good: bool | None


def _metric(name: str, feed: Feed, title: str, unit: str, high_is_good: bool | None) -> tuple[str, Metric]:
    return name, Metric(name=name, feed=feed, title=title, unit=unit, high_is_good=high_is_good)


METRICS = dict(
    [
        _metric("joinSuccessRate", Feed.EXPERIENCE, "Join success", "%", True),
        _metric("joinSuccess5SecsRate", Feed.EXPERIENCE, "Join success within 5 s", "%", True),
        _metric("videoFreezeRate", Feed.EXPERIENCE, "Video freeze", "%", False),
        _metric("audioFreezeRate", Feed.EXPERIENCE, "Audio freeze", "%", False),
        _metric("videoUpstreamExcellentTransRate", Feed.NET, "Good video uplink transmission", "%", True),
        _metric("audioUpstreamExcellentTransRate", Feed.NET, "Good audio uplink transmission", "%", True),
        _metric("videoEnd2EndExcellentTransRate", Feed.NET, "Good end-to-end video transmission", "%", True),
        _metric("audioEnd2EndExcellentTransRate", Feed.NET, "Good end-to-end audio transmission", "%", True),
        _metric("networkDelay", Feed.NET, "Network delay over 400 ms", "%", False),
        _metric("pcu", Feed.SCALE, "Users online", "", None),
        _metric("pcc", Feed.SCALE, "Channels online", "", None),
        _metric("quotaUsedRate", Feed.BOT, "Daily quota used", "%", False),
        _metric("feedDelay", Feed.BOT, "Delay of the slowest feed", "s", False),
    ]
)

CALL_FIELDS = dict(
    [
        _metric("call_video_freeze_rate", Feed.CALLS, "Video freeze of a call", "%", False),
        _metric("call_audio_freeze_rate", Feed.CALLS, "Audio freeze of a call", "%", False),
        _metric("call_pcu", Feed.CALLS, "Users at once in a call", "", None),
        _metric("call_acu", Feed.CALLS, "Users over time in a call", "", None),
        _metric("call_duration", Feed.CALLS, "Duration of a call", "s", None),
    ]
)
"""What call rules look at: one value per finished call."""

AGORA_ALERT = 900
"""An experience id of ours, far from Agora's: some alert of Agora's own alerting, whatever it is about."""

EXPERIENCES = {4: "video_freeze", 5: "audio_freeze", 6: "join_delay", AGORA_ALERT: "agora_alert"}
EXPERIENCE_TITLES = {4: "video freeze", 5: "audio freeze", 6: "slow join", AGORA_ALERT: "Agora alert"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A cause that Agora's diagnosis names: its id, the name in rules, the words for people, its kind."""

    id: int
    name: str
    title: str
    kind: str


def _factors(*rows: tuple[int, str, str, str]) -> dict[int, Factor]:
    return {id_: Factor(id=id_, name=name, title=title, kind=kind) for id_, name, title, kind in rows}


FACTORS = _factors(
    (1, "duplicate_uid", "two clients share one UID", "identity"),
    (2, "banned_by_admin", "removed by an administrator", "moderation"),
    (3, "connection_failure", "connection failure", "connection"),
    (8, "downstream_latency_video", "downlink latency (video)", "downlink"),
    (9, "downstream_latency_audio", "downlink latency (audio)", "downlink"),
    (10, "high_cpu", "high CPU load", "device"),
    (11, "device_busy", "device busy", "device"),
    (12, "audio_sending_stopped", "stopped sending audio", "stopped"),
    (13, "video_sending_stopped", "stopped sending video", "stopped"),
    (14, "audio_module_disabled", "audio switched off", "stopped"),
    (15, "video_module_disabled", "video switched off", "stopped"),
    (16, "remote_audio_unsubscribed", "the other side stopped receiving audio", "unsubscribed"),
    (17, "remote_video_unsubscribed", "the other side stopped receiving video", "unsubscribed"),
    (21, "upstream_loss_video", "uplink packet loss (video)", "uplink"),
    (22, "upstream_loss_audio", "uplink packet loss (audio)", "uplink"),
    (23, "downstream_loss_video", "downlink packet loss (video)", "downlink"),
    (24, "downstream_loss_audio", "downlink packet loss (audio)", "downlink"),
    (25, "electron_integration", "Electron integration", "device"),
    (29, "weak_wifi", "weak Wi-Fi signal", "wifi"),
    (30, "banned_from_channel", "banned from the channel", "moderation"),
    (31, "join_invalid_app_id", "join failed: invalid App ID", "join"),
    (32, "join_invalid_channel_name", "join failed: invalid channel name", "join"),
    (33, "join_invalid_token", "join failed: invalid token", "join"),
    (34, "join_expired_token", "join failed: expired token", "join"),
    (35, "join_intercepted", "join failed: user intercepted", "join"),
    (36, "join_timeout", "join timed out", "join"),
    (37, "reconnect_network_lost", "reconnected after network loss", "reconnect"),
    (38, "reconnect_proxy", "reconnected after proxy set-up", "reconnect"),
    (39, "reconnect_token_renewal", "reconnected after token renewal", "reconnect"),
    (40, "reconnect_ip_change", "reconnected after IP address change", "reconnect"),
    (41, "reconnect_timeout", "reconnected after connection timeout", "reconnect"),
    (42, "upstream_latency_video", "uplink latency (video)", "uplink"),
    (43, "upstream_latency_audio", "uplink latency (audio)", "uplink"),
    (44, "upstream_jitter_video", "uplink jitter (video)", "uplink"),
    (45, "upstream_jitter_audio", "uplink jitter (audio)", "uplink"),
    (46, "downstream_jitter_video", "downlink jitter (video)", "downlink"),
    (47, "downstream_jitter_audio", "downlink jitter (audio)", "downlink"),
)


def factor_title(factor_id: int) -> str:
    """Return the words for a factor; unpublished ids keep their number."""
    factor = FACTORS.get(factor_id)
    return factor.title if factor else f"unknown factor {factor_id}"


def experience_title(experience_id: int) -> str:
    """Return the words for an experience; unpublished ids keep their number."""
    return EXPERIENCE_TITLES.get(experience_id, f"unknown experience {experience_id}")


class Side(StrEnum):
    """Whose value a series is: a sender's own, a receiver's about one sender, or the device's."""

    SENDER = "sender"
    RECEIVER = "receiver"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMetric:
    """One metric id of a call's series (``mid``), with its unit as printed to people."""

    mid: int
    title: str
    unit: str
    side: Side


def _call_metrics(*rows: tuple[int, str, str, Side]) -> dict[int, CallMetric]:
    return {mid: CallMetric(mid=mid, title=title, unit=unit, side=side) for mid, title, unit, side in rows}


CALL_METRICS = _call_metrics(
    (20001, "App CPU", "%", Side.DEVICE),
    (20002, "System CPU", "%", Side.DEVICE),
    (20003, "Audio bitrate sent", "kbps", Side.SENDER),
    (20004, "Audio bitrate received", "kbps", Side.RECEIVER),
    (20005, "Audio freeze", "ms", Side.RECEIVER),
    (20006, "Video bitrate sent", "kbps", Side.SENDER),
    (20007, "Video frame rate captured", "fps", Side.SENDER),
    (20008, "Video frame rate sent", "fps", Side.SENDER),
    (20009, "Video bitrate received", "kbps", Side.RECEIVER),
    (20010, "Video frame rate received", "fps", Side.RECEIVER),
    (20011, "Video freeze", "ms", Side.RECEIVER),
    (20013, "Video QP (lower is better)", "", Side.SENDER),
    (20015, "Audio uplink loss", "%", Side.SENDER),
    (20016, "Audio end-to-end loss", "%", Side.RECEIVER),
    (20017, "Video uplink loss", "%", Side.SENDER),
    (20018, "Video end-to-end loss", "%", Side.RECEIVER),
    (20019, "Video width", "px", Side.RECEIVER),
    (20020, "Video height", "px", Side.RECEIVER),
    (20021, "Task scheduling delay", "ms", Side.DEVICE),
    (20022, "Round trip to local router", "ms", Side.DEVICE),
    (20023, "Video frame rate sent (low-quality stream)", "fps", Side.SENDER),
    (20024, "Video bitrate sent (high-quality stream)", "kbps", Side.SENDER),
    (20025, "Audio level sent", "dB", Side.SENDER),
    (20026, "Audio level played", "dB", Side.RECEIVER),
    (20027, "Video width sent", "px", Side.SENDER),
    (20028, "Video height sent", "px", Side.SENDER),
    (20030, "Video bitrate received (low-quality stream)", "kbps", Side.RECEIVER),
    (20031, "Video frame rate received (low-quality stream)", "fps", Side.RECEIVER),
    (20032, "Video width received (low-quality stream)", "px", Side.RECEIVER),
    (20033, "Video height received (low-quality stream)", "px", Side.RECEIVER),
    (20034, "Video width sent (low-quality stream)", "px", Side.SENDER),
    (20035, "Video height sent (low-quality stream)", "px", Side.SENDER),
    (20036, "Video downlink loss (WebRTC)", "", Side.RECEIVER),
    (20037, "Audio uplink loss (WebRTC)", "", Side.SENDER),
    (20038, "Video uplink loss (WebRTC)", "", Side.SENDER),
)
"""20036 to 20038 are published without a unit."""

_CURRENT_CALL_METRICS = _call_metrics(
    (20006, "Video bitrate sent (low-quality stream)", "kbps", Side.SENDER),
)
"""Ids that mean something else in today's API than in that of 2019."""


def call_metric(mid: int, dialect: str = "beta") -> CallMetric:
    """Return what is known of a metric id; unpublished ids keep their number and count as the device's."""
    of_dialect = _CURRENT_CALL_METRICS.get(mid) if dialect == "current" else None
    return (
        of_dialect
        or CALL_METRICS.get(mid)
        or CallMetric(mid=mid, title=f"mid {mid}", unit="", side=Side.DEVICE)
    )


def experience_name(id_: int) -> str:
    """Return the name in rules and labels, or the number where there is none."""
    return EXPERIENCES.get(id_, str(id_))


def factor_name(id_: int) -> str:
    """Return the name in rules and labels, or the number where there is none."""
    factor = FACTORS.get(id_)
    return factor.name if factor else str(id_)
