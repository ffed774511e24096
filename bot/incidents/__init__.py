"""The life of incidents (pure): verdicts in, the next state and what to tell out."""

from bot.incidents.announce import acknowledge, announce, silence
from bot.incidents.step import Policy, close, fingerprint, step
from bot.incidents.walk import Change, Moment, walk

__all__ = [
    "Change",
    "Moment",
    "Policy",
    "acknowledge",
    "announce",
    "close",
    "fingerprint",
    "silence",
    "step",
    "walk",
]
