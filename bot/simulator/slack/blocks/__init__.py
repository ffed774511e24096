"""Judge Block Kit as Slack does: what it refuses, and in which words."""

from .checks import Problem
from .message import Verdict, judge_message
from .view import judge_view

__all__ = ["Problem", "Verdict", "judge_message", "judge_view"]
