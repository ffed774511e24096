"""The HTTP door: Slack's requests, and the pages for operators and their monitoring."""

from bot.web.door import door
from bot.web.server import Server

__all__ = ["Server", "door"]
