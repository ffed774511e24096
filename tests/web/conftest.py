"""The door is tried with the whole house behind it."""

from tests.slack.conftest import access, house, renderer

__all__ = ["access", "house", "renderer"]
