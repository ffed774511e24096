"""A strict pretend Slack on loopback: it refuses what Slack refuses and shows a page like Slack's."""

from .simulator import COMMANDS, SlackSimulator
from .values import Delivery, Exchange, Injection

__all__ = ["COMMANDS", "Delivery", "Exchange", "Injection", "SlackSimulator"]
