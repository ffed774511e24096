"""The one place that builds things: settings in, running parts out.

``Worker`` polls, judges and delivers; ``Web`` answers Slack and monitoring. Each can run alone, in its own
process; ``agora-bot run`` and the demo run both in one.
"""

from bot.wiring.parts import Parts, asking_once, known_database, open_database, passing_database
from bot.wiring.web import Web
from bot.wiring.worker import Worker

__all__ = ["Parts", "Web", "Worker", "asking_once", "known_database", "open_database", "passing_database"]
