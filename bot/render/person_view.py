"""What is known of a user, as ``person.j2`` gets it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.model.catalog import experience_title, factor_title
from bot.model.observation import DiagnosisEvent
from bot.model.person import Person
from bot.model.time import HOUR_S, Window
from bot.render import words
from bot.render.values import Value

CHANNELS_SHOWN = 8
_TIMES = 8
_CAUSES = 5
_BEFORE_S = 4 * HOUR_S
"""How long before the first bad time a call may have begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChannel:
    """A channel in which they suffered: how often, when last, and a button that lists its calls."""

    name: str
    times: str
    last_at: str
    button_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonProject:
    """One project; what is empty did not happen. ``times`` are the last bad moments."""

    name: str
    suffered: str
    experiences: str
    causes: str
    times: tuple[str, ...]
    channels: tuple[PersonChannel, ...]
    hurt: str
    hurt_causes: str
    blamed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """The names of ``person.j2``."""

    uid: str
    uid_plain: str
    since_at: str
    projects: tuple[PersonProject, ...]


def person_view(uid: str, window: Window, found: Sequence[Person], several: bool, now: int) -> PersonView:
    """Return what is known of a user, project by project where there are ``several``."""
    return PersonView(
        uid=words.code(uid),
        uid_plain=words.plain(uid, 80),
        since_at=words.moment(window.start),
        projects=tuple(_project(person, several, now) for person in found[:5]),
    )


def _project(person: Person, several: bool, now: int) -> PersonProject:
    bad, hurt = person.bad_times, person.hurt_times
    sufferers = len({event.user for event in hurt})
    return PersonProject(
        name=words.plain(person.project, 80) if several else "",
        suffered=words.count(person.suffered, "bad moment") if person.suffered else "",
        experiences=_counted(experience_title(event.experience_id) for event in bad),
        causes=_counted(_cause(tag.factor_id, tag.host_user, person.uid) for e in bad for tag in e.tags),
        times=tuple(_time(event, person.uid) for event in bad[:_TIMES]),
        channels=_channels(bad, now),
        hurt=f"{words.count(person.hurt, 'bad moment')} of {words.count(sufferers, 'other user')}"
        if person.hurt
        else "",
        hurt_causes=_counted(
            factor_title(tag.factor_id) for e in hurt for tag in e.tags if tag.host_user == person.uid
        ),
        blamed=tuple(f"{words.code(cname)}: {words.plain(said, 200)}" for cname, said in person.blamed),
    )


def _cause(factor_id: int, host: str, uid: str) -> str:
    return (
        f"{factor_title(factor_id)} of {words.code(host, 40)}"
        if host not in ("", uid)
        else factor_title(factor_id)
    )


def _counted(names: Iterable[str]) -> str:
    counts = Counter(names).most_common(_CAUSES)
    return words.listed(f"{name} ×{times:,}" for name, times in counts)


def _time(event: DiagnosisEvent, uid: str) -> str:
    causes = words.listed(_cause(tag.factor_id, tag.host_user, uid) for tag in event.tags[:2])
    told = f": {causes}" if causes else ""
    return (
        f"{words.moment(event.ts)} {experience_title(event.experience_id)} in {words.code(event.cname)}{told}"
    )


def _channels(bad: Sequence[DiagnosisEvent], now: int) -> tuple[PersonChannel, ...]:
    counts = Counter(event.cname for event in bad)
    found = []
    for cname, times in counts.most_common(CHANNELS_SHOWN):
        when = [event.ts for event in bad if event.cname == cname]
        found.append(
            PersonChannel(
                name=words.code(cname),
                times=words.count(times, "bad moment"),
                last_at=words.moment(max(when)),
                button_value=_calls_value(cname, min(when) - _BEFORE_S, now),
            )
        )
    return tuple(found)


def _calls_value(cname: str, since: int, before: int) -> str:
    try:
        return Value.encode_older(cname, since, before)
    except ValueError:
        return ""
