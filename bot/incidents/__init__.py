"""The life of incidents (pure): verdicts in, the next state and what to tell out."""

from bot.incidents.announce import acknowledge, announce, silence
from bot.incidents.step import Policy, close, fingerprint, step

__all__ = ["Policy", "acknowledge", "announce", "close", "fingerprint", "silence", "step"]
