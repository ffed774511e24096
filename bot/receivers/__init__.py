"""Programs that are told beside Slack: webhooks and PagerDuty, by HTTP."""

from bot.receivers.post import Poster

__all__ = ["Poster"]
