"""What the answers of today are made from: a project, and what its people played."""

from bot.simulator.agora.traffic.calls import Call
from bot.simulator.agora.traffic.playback import Playback
from bot.simulator.agora.traffic.project import Project

from .questions import Question


class World:
    """A project beside the sums of its calls."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.playback = Playback(project)

    def call_of(self, asked: Question) -> Call | None:
        """Return the call that is asked about, if it is on at some time of the window."""
        return self.project.calls.find(asked.texts["call_id"], asked.start, asked.end)
