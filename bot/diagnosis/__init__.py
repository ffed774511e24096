"""The doctor: details of one call in, a diagnosis with ranked causes and their evidence out. Pure."""

from bot.diagnosis.examine import examine
from bot.diagnosis.factors import EXPERIENCES_FOUND, FACTORS_FOUND, as_events
from bot.diagnosis.pictures import pictures
from bot.diagnosis.suspicion import SUSPICIOUS, noticed, score_of
from bot.diagnosis.thresholds import DEFAULT, Thresholds

__all__ = [
    "DEFAULT",
    "EXPERIENCES_FOUND",
    "FACTORS_FOUND",
    "SUSPICIOUS",
    "Thresholds",
    "as_events",
    "examine",
    "noticed",
    "pictures",
    "score_of",
]
