"""The rule set in force: read from the folder when its files change, refused whole when one is bad."""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.flows import notices
from bot.flows.correlate import Rulebook
from bot.flows.routes import Routes
from bot.rules import Examined, Problem, Rule, RuleSet, Source, examine
from bot.rules.problems import LONGEST
from bot.rules.routing import ROUTING, default_routing, examine_routing
from bot.rules.routing_grammar import RoutingSpec
from bot.rules.text import decoded
from bot.store import Database, alerts, notes
from bot.telemetry import log

NOT_RULES = frozenset({"projects.yml", ROUTING})

NOTE = "rules"
"""The note of the folder's state, and the notice of its problems."""
RELOAD = "rules reload"
"""The note of the last time that somebody asked for the files to be read."""

Stamp = tuple[tuple[str, int, int], ...]

_log = log("rules")


def read_folder(folder: Path) -> Examined:
    """Return the rules of every ``*.yml`` file of the folder, and every problem in them."""
    paths = rule_files(folder)
    if not paths:
        message = "holds no rule file (*.yml); copy the shipped ones or set RULES_DIR"
        return Examined(rules=None, problems=(Problem(file=str(folder), line=1, column=1, message=message),))
    return read_files(paths)


def read_routing(
    folder: Path, rules: Collection[Rule] | None = None
) -> tuple[RoutingSpec | None, tuple[Problem, ...]]:
    """Return the folder's routing, and every problem in its file; the default where there is none."""
    file = folder / ROUTING
    if not file.exists():
        return default_routing(), ()
    source = read_file(file)
    return (None, (source,)) if isinstance(source, Problem) else examine_routing(source, rules)


def rule_files(folder: Path) -> list[Path]:
    """Return the rule files of a folder."""
    return [p for p in sorted(folder.glob("*.y*ml")) if p.name not in NOT_RULES]


def read_files(paths: Iterable[Path], tested: Collection[str] | None = None, today: str = "") -> Examined:
    """Return the rules of these files, and every problem in them; see ``examine``."""
    sources: list[Source] = []
    problems: list[Problem] = []
    for path in paths:
        found = read_file(path)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            sources.append(found)
    examined = examine(sources, tested, today)
    if not problems:
        return examined
    return Examined(rules=None, problems=tuple(sorted([*problems, *examined.problems])))


def read_file(path: Path) -> Source | Problem:
    """Return a file's text, or why it has none."""
    try:
        with path.open("rb") as file:
            return decoded(str(path), file.read(LONGEST + 1))
    except OSError as error:
        return Problem(str(path), 1, 1, f"cannot be read: {error.strerror or error}")


class RuleBook:
    """Holds the last good rules and routes; leaves the folder's state for /metrics, and a notice of bad
    files."""

    def __init__(self, folder: Path, database: Database, now: Callable[[], float]) -> None:
        self._folder = folder
        self._database = database
        self._now = now
        self._stamp: Stamp | None = None
        self._seen: Stamp | None = None
        self._lock = threading.Lock()
        self._obeyed = self._asked_at()
        self.rules: RuleSet | None = None
        self.routes = Routes(spec=default_routing())

    @property
    def in_force(self) -> Rulebook | None:
        """The rules with their routes; None before there were good ones."""
        return Rulebook(rules=self.rules, routes=self.routes) if self.rules is not None else None

    def refresh(self) -> None:
        """Read the folder again if it changed and then stayed as it is for one look, so that nothing is read
        while it is written, or at once where ``reload`` asked for it; keep the last good set when a file is
        bad."""
        with self._lock:
            stamp, seen, asked_at = _stamp(self._folder), self._seen, self._asked_at()
            self._seen = stamp
            if asked_at <= self._obeyed and (
                stamp == self._stamp or (stamp != seen and self._stamp is not None)
            ):
                return
            self._take(read_folder(self._folder))
            self._stamp, self._obeyed = stamp, asked_at

    def ask(self) -> None:
        """Read the files at the next look; may be called from a signal handler."""
        self._obeyed = -1.0

    def _take(self, reading: Examined) -> None:
        routing, doubts = read_routing(self._folder)
        found = (*reading.problems, *doubts)
        problems = tuple(str(problem) for problem in found if problem.weight == "error")
        if reading.rules is not None and routing is not None:
            _log.info("rules loaded", rules=len(reading.rules.rules), digest=reading.rules.digest)
            self.rules, self.routes = reading.rules, Routes(spec=routing)
        else:
            _log.error("rules refused, the last good set stays", problems=problems)
        now = self._now()
        with self._database.transaction() as tx:
            note = {"problems": list(problems), "loaded_at": now}
            if self.rules is not None:
                note["in_force"] = {rule.name: digest_of(rule) for rule in self.rules.rules}
            notes.put(tx, NOTE, note, now)
            if problems:
                notices.leave(tx, NOTE, warning(problems, kept=self.rules is not None), now)
            else:
                notices.withdraw(tx, NOTE)

    def _asked_at(self) -> float:
        with self._database.transaction() as tx:
            asked = notes.get(tx, RELOAD)
        return float(asked["at"]) if asked else 0.0


class OnDisk:
    """The last good rules and routes of a folder, read when somebody asks; it leaves no notes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Stamp | None = None
        self._book: Rulebook | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Rulebook | None:
        """Return them, or None where there were none yet."""
        with self._lock:
            stamp = _stamp(self._folder)
            if stamp != self._seen:
                self._seen = stamp
                rules, (routing, _) = read_folder(self._folder).rules, read_routing(self._folder)
                if rules is not None and routing is not None:
                    self._book = Rulebook(rules=rules, routes=Routes(spec=routing))
            return self._book


def _stamp(folder: Path) -> Stamp:
    """Return what changes when a file of the folder does."""
    stats = [(path.name, path.stat()) for path in sorted(folder.glob("*.y*ml"))]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a reload changes, by names of alerts; ``open`` are alerts that it closes."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    open: int


def reload(database: Database, rules: RuleSet, now: float) -> Difference:
    """Ask every running bot to read its rule files now; return how ``rules`` differ from those in force."""
    new = {rule.name: digest_of(rule) for rule in rules.rules}
    with database.transaction() as tx:
        notes.put(tx, RELOAD, {"at": now}, now)
        in_force = (notes.get(tx, NOTE) or {}).get("in_force", {})
        still_open = alerts.open_alerts(tx)
    active = {rule.name for rule in rules.rules if rule.enabled}
    return Difference(
        added=tuple(sorted(new.keys() - in_force.keys())),
        changed=tuple(sorted(name for name in new.keys() & in_force.keys() if new[name] != in_force[name])),
        removed=tuple(sorted(in_force.keys() - new.keys())),
        open=sum(alert.is_open and alert.alertname not in active for alert in still_open),
    )


def digest_of(rule: Rule) -> str:
    """Return a short hash of all that a rule says."""
    return hashlib.sha256(repr(rule).encode()).hexdigest()[:12]


def warning(problems: tuple[str, ...], *, kept: bool) -> str:
    """Return the words for Slack: what is wrong, and what goes on meanwhile."""
    shown = "\n".join(problems[:5])
    more = f"\nand {len(problems) - 5} more" if len(problems) > 5 else ""
    state = "The last good rules stay in force." if kept else "No rule is in force."
    return f"The rule files have errors. {state} Fix them and save:\n{shown}{more}"
