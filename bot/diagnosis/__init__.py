"""The doctor: details of one call in, a diagnosis with ranked causes and their evidence out. Pure."""

from bot.diagnosis.examine import examine
from bot.diagnosis.pictures import pictures
from bot.diagnosis.thresholds import DEFAULT, Thresholds

__all__ = ["DEFAULT", "Thresholds", "examine", "pictures"]
