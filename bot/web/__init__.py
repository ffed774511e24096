"""The HTTP door: Slack's requests, Agora's own alerts, and the pages for operators and their monitoring."""

from bot.web.alert import alert_page
from bot.web.door import door
from bot.web.server import Server

__all__ = ["Server", "alert_page", "door"]
