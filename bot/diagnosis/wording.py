"""What is said first: one line for the call, and what to do next for each cause."""

from collections.abc import Sequence

from bot.model.diagnosis import Band, CallVerdict, Cause, CauseKind, Media, Scope, Trouble

HEADLINE_MAX = 140

NAMES = {
    CauseKind.UPLINK_LOSS: "uplink loss",
    CauseKind.UPLINK_BANDWIDTH: "too little uplink bandwidth",
    CauseKind.UPLINK_JITTER: "uplink jitter or latency",
    CauseKind.DOWNLINK_LOSS: "downlink loss",
    CauseKind.DOWNLINK_BANDWIDTH: "too little downlink bandwidth",
    CauseKind.DOWNLINK_JITTER: "downlink jitter or latency",
    CauseKind.SENDER_CPU: "overloaded device of the sender",
    CauseKind.RECEIVER_CPU: "overloaded device of the receiver",
    CauseKind.CAMERA: "camera captures too few pictures",
    CauseKind.RECONNECT: "lost connection",
    CauseKind.JOIN_TOKEN: "failed to join",
    CauseKind.JOIN_DELAY: "joined slowly",
    CauseKind.DUPLICATE_UID: "two clients share the uid",
    CauseKind.SERVICE: "service or a shared network",
    CauseKind.UNDETERMINED: "cause undetermined",
}

_NETWORK = "Ask {who} to move nearer to the Wi-Fi router or to use another network."
_DEVICE = "Ask {who} to close other programs, or to use another device."
_STEPS = {
    CauseKind.UPLINK_LOSS: _NETWORK,
    CauseKind.UPLINK_JITTER: _NETWORK,
    CauseKind.DOWNLINK_LOSS: _NETWORK,
    CauseKind.DOWNLINK_JITTER: _NETWORK,
    CauseKind.UPLINK_BANDWIDTH: "Ask {who} to stop uploads, use another network, or send smaller pictures.",
    CauseKind.DOWNLINK_BANDWIDTH: "Ask {who} to stop downloads or take the low-quality streams.",
    CauseKind.SENDER_CPU: _DEVICE,
    CauseKind.RECEIVER_CPU: _DEVICE,
    CauseKind.CAMERA: "Ask {who} for more light, or to try another camera.",
    CauseKind.RECONNECT: _NETWORK,
    CauseKind.JOIN_TOKEN: "Check the token, channel name and App ID with which {who} joins.",
    CauseKind.JOIN_DELAY: "Check the network of {who}, and what the app does before it joins.",
    CauseKind.DUPLICATE_UID: "Give each client a uid of its own; {who} is used twice.",
    CauseKind.SERVICE: "Look at Agora's status page, and at what the users have in common.",
    CauseKind.UNDETERMINED: "Ask the users what they noticed; the numbers do not tell whose side it was.",
}
_WORDING = {Band.CONFIRMED: "", Band.LIKELY: "likely ", Band.POSSIBLE: "possibly "}


def next_step(cause: Cause) -> str:
    """Return what to do about a cause."""
    return _STEPS[cause.kind].format(who=cause.uid)


def headline(verdict: CallVerdict, troubles: Sequence[Trouble], reason: str = "") -> str:
    """Return the call in one line of at most 140 characters."""
    if verdict is CallVerdict.INSUFFICIENT_DATA:
        return _fit(f"Too little is known: {reason}")
    if not troubles:
        return "No trouble found"
    first = troubles[0]
    more = f" (and {len(troubles) - 1} more)" if len(troubles) > 1 else ""
    return _fit(f"{_what(first)}: {_why(first.cause)}", more)


def _what(trouble: Trouble) -> str:
    cause, media = (
        trouble.cause,
        {Media.BOTH: "Audio and video"}.get(trouble.media, trouble.media.capitalize()),
    )
    if cause.kind in (
        CauseKind.JOIN_TOKEN,
        CauseKind.JOIN_DELAY,
        CauseKind.DUPLICATE_UID,
        CauseKind.RECONNECT,
    ):
        return f"User {cause.uid}"
    if trouble.scope is Scope.SENDER and cause.uid:
        return (
            f"{media} of {cause.uid} was bad for {len(trouble.pairs)} other{'s' * (len(trouble.pairs) != 1)}"
        )
    if trouble.scope is Scope.RECEIVER and cause.uid:
        return f"{media} was bad for {cause.uid}"
    if len(trouble.pairs) == 1:
        receiver, sender = trouble.pairs[0]
        return f"{media} of {sender} was bad for {receiver}"
    return f"{media} was bad on {len(trouble.pairs)} streams"


def _why(cause: Cause) -> str:
    if cause.kind is CauseKind.UNDETERMINED or cause.band is Band.UNDETERMINED:
        return NAMES[CauseKind.UNDETERMINED]
    whose = f" at {cause.uid}" if cause.uid else ""
    return f"{_WORDING[cause.band]}{NAMES[cause.kind]}{whose}"


def _fit(text: str, more: str = "") -> str:
    room = HEADLINE_MAX - len(more)
    return (text if len(text) <= room else text[: room - 1] + "…") + more
