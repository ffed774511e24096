"""The door is tried with the whole house behind it."""

from tests.slack.conftest import house, renderer

__all__ = ["house", "renderer"]
