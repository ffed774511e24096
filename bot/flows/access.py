"""Who may ask the bot, and who may act: by users, channels and user groups of Slack, in one workspace."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.flows.delivery import SlackBusy, SlackRefused, SlackUnreachable
from bot.flows.question import Unclear
from bot.model.audit import Asker


class Forbidden(Unclear):
    """This person may not; ``incident_id`` is what they wanted to act on."""

    def __init__(self, sentence: str, hint: str, incident_id: int | None = None) -> None:
        super().__init__(sentence, hint)
        self.incident_id = incident_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """``readers`` may ask, ``actors`` may act as well: ids of users, channels (whoever is in them) and user
    groups; where there are none, everybody. ``team`` is the one workspace that is answered, empty for any.

    ``members`` returns the user ids of a user group; raises SlackBusy, SlackRefused or SlackUnreachable.
    """

    readers: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    team: str = ""
    members: Callable[[str], frozenset[str]]

    def may_ask(self, asker: Asker) -> None:
        """Raise Forbidden unless this person may ask."""
        if self.team and asker.team != self.team:
            raise Forbidden("I answer another workspace only.", _WHO)
        if not self._among(asker, self.readers | self.actors if self.readers else self.readers):
            raise Forbidden("You may not ask me here.", f"SLACK_READERS says who may. {_WHO}")

    def may_act(self, asker: Asker, incident_id: int | None = None) -> None:
        """Raise Forbidden unless this person may act, on an incident where one is named."""
        if not self._among(asker, self.actors):
            sentence = "You may look, but not act: acknowledge, silence, resolve and the like are for others."
            raise Forbidden(sentence, f"SLACK_ACTORS says for whom. {_WHO}", incident_id)

    def _among(self, asker: Asker, chosen: frozenset[str]) -> bool:
        if not chosen or asker.user in chosen or asker.channel in chosen:
            return True
        groups = sorted(one for one in chosen if one.startswith("S"))
        try:
            return any(asker.user in self.members(group) for group in groups)
        except (SlackBusy, SlackRefused, SlackUnreachable):
            raise Forbidden(
                "I cannot look up just now who belongs to the user groups that may do this.",
                "Try again in a minute; if it lasts, the bot lacks the scope `usergroups:read`.",
            ) from None


_WHO = "Ask whoever runs this bot."
