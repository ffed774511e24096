"""The life of alerts and incidents (pure): verdicts in, the next state and what to tell out."""

from bot.incidents.join import join
from bot.incidents.people import acknowledge, assign, close_by_hand, snooze
from bot.incidents.step import Policy, close, fingerprint, step
from bot.incidents.tell import Case, Member, Reviewed, Terms, lead_of, review
from bot.incidents.walk import Change, Moment, walk

__all__ = [
    "Case",
    "Change",
    "Member",
    "Moment",
    "Policy",
    "Reviewed",
    "Terms",
    "acknowledge",
    "assign",
    "close",
    "close_by_hand",
    "fingerprint",
    "join",
    "lead_of",
    "review",
    "snooze",
    "step",
    "walk",
]
