"""A strict pretend Agora Analytics (REST API of 2019 or of today) on loopback, with trouble by script."""

from .scenarios import SCENARIOS, Scenario
from .simulator import AgoraSimulator
from .values import Request

__all__ = ["SCENARIOS", "AgoraSimulator", "Request", "Scenario"]
