"""Post where a message belongs, or where Slack says that this place is lost as near to it as can be."""

from collections.abc import Callable
from dataclasses import replace

from bot.flows.delivery import CHANNEL_LOST, THREAD_LOST, Delivery, Mark, Posted, SlackRefused
from bot.model.message import Message
from bot.telemetry import log

_log = log("deliver")

Look = Callable[[str, str | None], Posted | None]
"""Returns the message where an earlier try of it arrived in a channel, or below a message there."""


def posted(
    d: Delivery, channel: str, message: Message, mark: Mark, under: str | None, earlier: Look
) -> tuple[Posted, str | None]:
    """Return where the message stands, and below which one: where that is lost in the channel itself, and
    where the channel is lost in the default channel, with a word of why.

    Raises what posting raises, SlackRefused too where no place is left.
    """
    try:
        return earlier(channel, under) or d.sender.post(channel, message, mark, under), under
    except SlackRefused as refused:
        elsewhere = refused.code in CHANNEL_LOST and channel != d.channel
        if not elsewhere and not (refused.code in THREAD_LOST and under):
            raise
        _log.error("a place is lost", channel=channel, thread=under, error=str(refused))
        if elsewhere:
            message = replace(message, text=f"{message.text} (meant for {channel}: {refused.code})")
        return posted(d, d.channel if elsewhere else channel, message, mark, None, earlier)
