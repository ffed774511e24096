"""Examine calls that somebody saved: files and folders in, one diagnosis after the other out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.agora import UnreadableBody, read_details_body, read_events_body
from bot.diagnosis import examine, pictures
from bot.model.diagnosis import CallVerdict, DataQuality, Diagnosis, Pictures
from bot.model.observation import DiagnosisEvent

DETAILS, EVENTS = ".details.json", ".events.json"


class NoCalls(Exception):
    """There is nothing to examine; the message says what was looked for."""


class BadEvents(Exception):
    """The file of events cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The diagnosis of one file. ``problem`` says what could not be read, if anything."""

    name: str
    diagnosis: Diagnosis
    problem: str = ""
    pictures: Pictures | None = None


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Return the files to examine: of a folder those that end in .details.json, by name. Raise NoCalls."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(path.glob(f"*{DETAILS}"))
        if not inside:
            raise NoCalls(f"{path} holds no file that ends in {DETAILS}")
        found += inside
    return found


def read_events(path: Path) -> tuple[DiagnosisEvent, ...]:
    """Return the events of a file; raise BadEvents."""
    try:
        return read_events_body(path.read_bytes())
    except UnreadableBody as error:
        raise BadEvents(f"{path}: {error}") from None
    except OSError as error:
        raise BadEvents(f"{path}: {error.strerror or error}") from None


def diagnose(
    files: Sequence[Path], events: Sequence[DiagnosisEvent], *, drawn: bool = False
) -> Iterator[Examined]:
    """Yield the diagnosis of each file, one call in memory at a time.

    ``events`` count for every call of their channel and time, as do those of a sibling file of the same stem.
    What cannot be read becomes a diagnosis that says so, and stops nothing.
    """
    for path in files:
        yield diagnose_file(path, events, drawn=drawn)


def diagnose_file(path: Path, events: Sequence[DiagnosisEvent], *, drawn: bool = False) -> Examined:
    """Return the diagnosis of one file, with its pictures where they are to be drawn."""
    name, sibling = call_name(path), path.with_name(call_name(path) + EVENTS)
    problem = ""
    try:
        details = read_details_body(path.read_bytes())
    except UnreadableBody as error:
        return Examined(name=name, diagnosis=_unread(str(error)), problem=f"{path}: {error}")
    except OSError as error:
        said = f"{path}: {error.strerror or error}"
        return Examined(name=name, diagnosis=_unread(error.strerror or "unreadable"), problem=said)
    told = list(events)
    if sibling != path and sibling.is_file():
        try:
            told += read_events(sibling)
        except BadEvents as error:
            problem = str(error)
    found = examine(details, told)
    shown = pictures(details, found) if drawn else None
    return Examined(name=name, diagnosis=found, problem=problem, pictures=shown)


def call_name(path: Path) -> str:
    """Return the name of a call: that of its file without .details.json, else without its last suffix."""
    return path.name.removesuffix(DETAILS) if path.name.endswith(DETAILS) else path.stem


def _unread(reason: str) -> Diagnosis:
    return Diagnosis(
        verdict=CallVerdict.INSUFFICIENT_DATA,
        headline=f"Too little is known: {reason}"[:140],
        start=0,
        end=0,
        users=(),
        incidents=(),
        affected=(),
        events=(),
        assumptions=(reason,),
        quality=DataQuality(coverage=0.0),
    )
