"""The rule set in force: read from the folder when its files change, refused whole when one is bad."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.flows import notices
from bot.rules import Problem, RuleSet, RulesInvalid, Source, load
from bot.store import Database, notes
from bot.telemetry import log

NOT_RULES = frozenset({"projects.yml", "routing.yml"})

NOTE = "rules"
"""The note of the folder's state, and the notice of its problems."""

_log = log("rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The outcome of reading the folder once."""

    rules: RuleSet | None
    problems: tuple[Problem, ...]


def read_folder(folder: Path) -> Reading:
    """Return the rules of every ``*.yml`` file of the folder, or every problem in them."""
    sources, problems = [], []
    paths = [p for p in sorted(folder.glob("*.y*ml")) if p.name not in NOT_RULES]
    for path in paths:
        try:
            sources.append(Source(name=str(path), text=path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(
                Problem(file=str(path), line=1, column=1, message=f"cannot be read as UTF-8 text: {error}")
            )
    if not paths:
        message = "holds no rule file (*.yml); copy the shipped ones or set RULES_DIR"
        problems.append(Problem(file=str(folder), line=1, column=1, message=message))
    try:
        rules = load(sources)
    except RulesInvalid as error:
        return Reading(rules=None, problems=(*problems, *error.problems))
    return Reading(rules=None if problems else rules, problems=tuple(problems))


class RuleBook:
    """Holds the last good rule set; leaves the folder's state for /metrics, and a notice of bad files."""

    def __init__(self, folder: Path, database: Database, now: Callable[[], float]) -> None:
        self._folder = folder
        self._database = database
        self._now = now
        self._stamp: tuple[tuple[str, int, int], ...] | None = None
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._lock = threading.Lock()
        self.rules: RuleSet | None = None

    def refresh(self) -> None:
        """Read the folder again if it changed and then stayed as it is for one look, so that nothing is read
        while it is written; keep the last good set when a file is bad."""
        with self._lock:
            stamp, seen = self._stat(), self._seen
            self._seen = stamp
            if stamp == self._stamp or (stamp != seen and self._stamp is not None):
                return
            self._take(read_folder(self._folder))
            self._stamp = stamp

    def _take(self, reading: Reading) -> None:
        problems = tuple(str(problem) for problem in reading.problems)
        if reading.rules is not None:
            _log.info("rules loaded", rules=len(reading.rules.rules), digest=reading.rules.digest)
            self.rules = reading.rules
        else:
            _log.error("rules refused, the last good set stays", problems=problems)
        with self._database.transaction() as tx:
            notes.put(tx, NOTE, {"problems": list(problems)}, self._now())
            if problems:
                notices.leave(tx, NOTE, warning(problems, kept=self.rules is not None), self._now())
            else:
                notices.withdraw(tx, NOTE)

    def _stat(self) -> tuple[tuple[str, int, int], ...]:
        found = []
        for path in sorted(self._folder.glob("*.y*ml")):
            stat = path.stat()
            found.append((path.name, stat.st_mtime_ns, stat.st_size))
        return tuple(found)


def warning(problems: tuple[str, ...], *, kept: bool) -> str:
    """Return the words for Slack: what is wrong, and what goes on meanwhile."""
    shown = "\n".join(problems[:5])
    more = f"\nand {len(problems) - 5} more" if len(problems) > 5 else ""
    state = "The last good rules stay in force." if kept else "No rule is in force."
    return f"The rule files have errors. {state} Fix them and save:\n{shown}{more}"
