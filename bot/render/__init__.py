"""Facts as messages: Block Kit from the operators' templates. Zones, clocks and network stay outside."""

from bot.render.annotations import annotations
from bot.render.figure import call_figure
from bot.render.incidents_view import IncidentListing
from bot.render.list_view import CallListing
from bot.render.renderer import Renderer
from bot.render.templates import Problem, TemplatesInvalid
from bot.render.values import Value

__all__ = [
    "CallListing",
    "IncidentListing",
    "Problem",
    "Renderer",
    "TemplatesInvalid",
    "Value",
    "annotations",
    "call_figure",
]
