"""Facts in, Slack messages out: each kind of message has a view, which is finished, and a template."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bot.model.call import CallDetails
from bot.model.diagnosis import Diagnosis, Pictures
from bot.model.explanation import Explanation
from bot.model.incident import Card, Line
from bot.model.live import Live
from bot.model.message import Message, Picture
from bot.model.person import Person
from bot.model.rule_state import RuleState
from bot.model.silence import Silence
from bot.model.status import Status
from bot.model.storm import Storm, StormRow
from bot.model.time import Window
from bot.model.usage import UsageDay
from bot.render import samples, words
from bot.render.details_view import details_view
from bot.render.figure import call_figure, trend_figure
from bot.render.incident_view import incident_view
from bot.render.incidents_view import IncidentListing, incidents_view
from bot.render.list_view import CallListing, list_view
from bot.render.live_view import live_view, usage_view
from bot.render.person_view import person_view
from bot.render.reply_view import reply_view
from bot.render.rules_view import explanation_view, rules_view
from bot.render.silence_view import silences_view
from bot.render.status_view import status_view
from bot.render.storm_view import storm_view
from bot.render.templates import Problem, TemplatesInvalid, load, run
from bot.render.timeline_view import timeline_view

_TOPICS = {
    **dict.fromkeys(("call", "agora-call", "calls"), "call"),
    **dict.fromkeys(("live", "agora-live", "usage", "agora-usage"), "live"),
    **dict.fromkeys(("user", "agora-user", "users"), "user"),
    **dict.fromkeys(("incident", "incidents", "agora-incident", "agora-incidents"), "incidents"),
    **dict.fromkeys(("silence", "agora-silence", "silences"), "silence"),
    **dict.fromkeys(("rule", "rules", "agora-rules"), "rules"),
    **dict.fromkeys(("status", "agora-status"), "status"),
    **dict.fromkeys(("buttons", "alerts"), "buttons"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpView:
    """The names of ``help.j2``: ``topic`` is ``call``, ``incidents``, ``silence``, ``buttons`` or empty."""

    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """The names of ``notice.j2``."""

    sentence: str
    hint: str


class Renderer:
    """A folder's templates. Each is tried with samples at once: mistakes show at the start, not at 3 a.m."""

    def __init__(self, folder: Path) -> None:
        """Raises TemplatesInvalid, which names every problem of every template."""
        self._templates = load(folder)
        problems = [problem for attempt in self._attempts() for problem in _problems(attempt)]
        if problems:
            raise TemplatesInvalid(list(dict.fromkeys(problems)))

    def root(self, card: Card, *, now: int, mention: str = "") -> Message:
        """Return the incident's message as of ``now``; ``mention`` calls somebody while it is open."""
        message = run(self._templates["incident_root"], incident_view(card, now, mention))
        trend = card.trend if card.incident.is_open else None
        if trend is None:
            return message
        alt = words.clean(f"{trend.title} in the last hour", 200)
        return replace(
            message, picture=Picture(draw=partial(trend_figure, trend), alt=alt, instead_of_chart=True)
        )

    def reply(self, card: Card, line: Line, *, now: int, png: bytes | None = None) -> Message:
        """Return the thread line of what happened, with a picture of it where there is one."""
        message = run(self._templates["incident_reply"], reply_view(card, line, now))
        alt = words.clean(line.told.headline, 500) if line.told else ""
        return replace(message, picture=Picture(draw=lambda: png, alt=alt)) if png else message

    def incident(self, card: Card, history: Sequence[Line], *, now: int) -> Message:
        """Return the incident's message with all that happened to it, for one who asks."""
        shown, told = self.root(card, now=now), run(self._templates["timeline"], timeline_view(card, history))
        return replace(
            shown,
            blocks=shown.blocks + told.blocks,
            simple_blocks=shown.simple_blocks + told.blocks if shown.simple_blocks else (),
        )

    def incidents(self, listing: IncidentListing, *, now: int) -> Message:
        """Return a page of incidents, each with a button that shows it."""
        return run(self._templates["incidents"], incidents_view(listing, now))

    def status(self, status: Status, *, now: int) -> Message:
        """Return how the bot itself is."""
        return run(self._templates["status"], status_view(status, now))

    def person(
        self, uid: str, window: Window, found: Sequence[Person], *, several: bool, now: int
    ) -> Message:
        """Return what is known of a user in each project, with its name where there are ``several``."""
        return run(self._templates["person"], person_view(uid, window, found, several, now))

    def live(self, live: Live, *, others: int) -> Message:
        """Return the last hour of a project; ``others`` is how many further ones there are."""
        return run(self._templates["live"], live_view(live, others))

    def usage(
        self,
        window: Window,
        told: Sequence[tuple[str, Sequence[UsageDay]]],
        failed: Sequence[tuple[str, str]] = (),
    ) -> Message:
        """Return what was used a day in each project, and which did not tell."""
        return run(self._templates["usage"], usage_view(window, told, failed))

    def rules(self, states: Sequence[RuleState], *, now: int) -> Message:
        """Return the rules and how they stand."""
        return run(self._templates["rules"], rules_view(states, now))

    def explanation(self, found: Explanation) -> Message:
        """Return why a rule fired or did not."""
        return run(self._templates["explanation"], explanation_view(found))

    def storm(self, storm: Storm, rows: Sequence[StormRow], *, now: int) -> Message:
        """Return the summary of a storm."""
        return run(self._templates["storm"], storm_view(storm, rows, now))

    def call_list(self, listing: CallListing) -> Message:
        """Return the newest calls, each with a button for its details."""
        return run(self._templates["call_list"], list_view(listing))

    def call_details(
        self,
        project: str,
        details: CallDetails,
        *,
        now: int,
        found: Diagnosis | None = None,
        drawn: Pictures | None = None,
        shown_by: str = "",
    ) -> Message:
        """Return what the doctor found in a call, who was in it and what was measured; where a Slack user
        shows it to others, the verdict and its picture."""
        view = details_view(project, details, now, found, drawn, shown_by)
        message = run(self._templates["call_details"], view)
        if found is None or drawn is None or not shown_by:
            return message
        draw = partial(call_figure, found, drawn)
        return replace(message, picture=Picture(draw=draw, alt=words.clean(found.headline, 500)))

    def silences(
        self, title: str, kept: Sequence[tuple[Silence, int | None]], *, hint: str = "", now: int
    ) -> Message:
        """Return silences with a button each to end it, beside how many alerts each hides where that is
        known."""
        return run(self._templates["silences"], silences_view(title, kept, hint, now))

    def help(self, topic: str = "") -> Message:
        """Return what the bot can do: of ``topic``, as a command or a word, else everything."""
        return run(
            self._templates["help"], HelpView(topic=_TOPICS.get(topic.strip().lower().lstrip("/"), ""))
        )

    def notice(self, sentence: str, hint: str = "", *, who: str = "") -> Message:
        """Return a plain answer: what happened and, below it, what to do next. Both are shown as typed,
        but for code in backticks; where it is about somebody (a Slack user id), their name comes first."""
        said = words.sentence(sentence, 1000)
        named = f"{words.mention(who)} {said}" if who else said
        view = NoticeView(sentence=named or "Done.", hint=words.sentence(hint, 1000))
        return run(self._templates["notice"], view)

    def _attempts(self) -> Iterator[Callable[[], Message]]:
        for card in samples.CARDS:
            yield partial(self.root, card, now=samples.NOW)
        for line in samples.LINES:
            yield partial(self.reply, samples.SEVERAL, line, now=samples.NOW)
            yield partial(self.reply, samples.BARE, line, now=samples.NOW)
        for listing in (samples.INCIDENTS, samples.NO_INCIDENTS):
            yield partial(self.incidents, listing, now=samples.NOW)
        yield partial(self.incident, samples.SEVERAL, samples.LINES, now=samples.NOW)
        yield partial(self.incident, samples.RESOLVED, (), now=samples.NOW)
        for found in (samples.PEOPLE, samples.PEOPLE[:1], ()):
            yield partial(
                self.person, "44361248", samples.LISTING.window, found, several=bool(found), now=samples.NOW
            )
        yield partial(self.live, samples.LIVE, others=3)
        yield partial(self.live, samples.NOT_LIVE, others=0)
        yield partial(self.usage, samples.LISTING.window, samples.USAGE, (("school-us", "used up"),))
        yield partial(self.rules, samples.RULES, now=samples.NOW)
        yield partial(self.explanation, samples.EXPLANATION)
        yield partial(self.status, samples.STATUS, now=samples.NOW)
        yield partial(self.status, samples.NEW_STATUS, now=samples.NOW)
        for rows in (samples.STORM_ROWS, samples.STORM_ROWS[:1]):
            yield partial(self.storm, samples.STORM, rows, now=samples.NOW)
        yield partial(self.call_list, samples.LISTING)
        yield partial(self.call_list, samples.EMPTY_LISTING)
        yield partial(self.call_details, "demo", samples.DETAILS, now=samples.NOW)
        yield partial(self.call_details, "demo", samples.EMPTY_DETAILS, now=samples.NOW)
        yield partial(
            self.call_details,
            "demo",
            samples.DETAILS,
            now=samples.NOW,
            found=samples.DIAGNOSIS,
            drawn=samples.PICTURES,
        )
        yield partial(
            self.call_details,
            "demo",
            samples.DETAILS,
            now=samples.NOW,
            found=samples.DIAGNOSIS,
            drawn=samples.PICTURES,
            shown_by="U012AB3CD",
        )
        yield from (partial(self.help, topic) for topic in ("", *dict.fromkeys(_TOPICS.values())))
        yield partial(self.silences, "Silenced", samples.SILENCES, hint="It hides nothing.", now=samples.NOW)
        yield partial(self.silences, "Nothing is silenced.", (), now=samples.NOW)
        yield partial(self.notice, "Nothing was found.", "Check the name.")
        yield partial(self.notice, "Done.")


def _problems(attempt: Callable[[], Message]) -> tuple[Problem, ...]:
    try:
        attempt()
    except TemplatesInvalid as error:
        return error.problems
    return ()
