"""`agora-bot rules test`: run unit tests of rules and say where they fail."""

import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import re2

from bot.config import default_folder
from bot.flows.routes import Routes
from bot.flows.rulebook import read_files, read_routing
from bot.flows.ruletests import Failure, run_test
from bot.model.alert import Alert
from bot.rules import RuleSet, Source
from bot.rules.document import Document
from bot.rules.report import as_text
from bot.rules.testfile import RuleTests, UnitTest, read_tests
from bot.store import Database, alerts


@dataclass(slots=True)
class Outcome:
    """One test as it went; ``failures`` are finished words, each with its place."""

    file: str
    name: str
    failures: list[str] = field(default_factory=list)


def test_rules(files: Sequence[Path], only: str | None, junit: Path | None, *, coverage: bool) -> int:
    """Run the tests and return the exit code."""
    pattern = _pattern(only)
    outcomes: list[Outcome] = []
    known: set[str] = set()
    tested: set[str] = set()
    for file in files:
        for outcome, test, rules in _run_file(file, pattern):
            outcomes.append(outcome)
            known |= {rule.name for rule in rules.rules} if rules else set()
            tested |= {look.alertname for look in test.alert_rule_test} if test else set()
            _say(outcome)
    if junit:
        junit.write_bytes(_junit(outcomes))
    if coverage:
        for name in sorted(known - tested):
            click.echo(f"no test names {name}")
        click.echo(f"{len(known & tested)} of {len(known)} rules have a test")
    failed = sum(bool(outcome.failures) for outcome in outcomes)
    click.echo(f"{len(outcomes) - failed} passed, {failed} failed", err=bool(failed))
    return int(failed > 0)


def _pattern(only: str | None) -> "re2._Regexp | None":
    try:
        return re2.compile(only) if only is not None else None
    except re2.error:
        raise click.UsageError(f"--run: {only!r} is not a regular expression of RE2") from None


def _run_file(
    file: Path, only: "re2._Regexp | None"
) -> Iterator[tuple[Outcome, UnitTest | None, RuleSet | None]]:
    source = Source(name=str(file), text=file.read_text("utf-8", "replace"))
    tests, document, problems = read_tests(source)
    if tests is None:
        yield Outcome(str(file), "the file", [as_text(problem) for problem in problems]), None, None
        return
    rules, wrong = _rules_of(file, tests, document)
    routing, doubts = read_routing((file.parent / tests.rule_files[0]).parent)
    wrong += [as_text(problem) for problem in doubts if problem.weight == "error"]
    if rules is None or routing is None:
        yield Outcome(str(file), "rule_files", wrong), None, None
        return
    for number, test in enumerate(tests.tests):
        name = test.name or f"test {number + 1}"
        if only is None or only.search(name):
            failures = run_test(test, rules, Routes(spec=routing), _survive)
            yield Outcome(str(file), name, [_placed(document, number, f) for f in failures]), test, rules


def _rules_of(file: Path, tests: RuleTests, document: Document) -> tuple[RuleSet | None, list[str]]:
    paths = [file.parent / name for name in tests.rule_files]
    missing = [
        as_text(document.problem(("rule_files", place), f"{path} is not there"))
        for place, path in enumerate(paths)
        if not path.is_file()
    ]
    if missing:
        return None, missing
    found = read_files(paths)
    return found.rules, [as_text(problem) for problem in found.problems if problem.weight == "error"]


def _placed(document: Document, number: int, failure: Failure) -> str:
    problem = document.problem(("tests", number, *failure.path), "")
    return f"{problem.file}:{problem.line}: {failure.message}"


def _survive(alive: list[Alert]) -> list[Alert]:
    """Write alerts into a database of their own and read them back, as a restart does."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/restart.sqlite3", default_folder("migrations"))
        database.upgrade()
        with database.transaction() as tx:
            for alert in alive:
                alerts.save(tx, alert)
        with database.transaction() as tx:
            found = alerts.open_alerts(tx)
        database.close()
    return found


def _say(outcome: Outcome) -> None:
    click.echo(f"{'FAIL' if outcome.failures else 'ok  '} {outcome.file}: {outcome.name}")
    for failure in outcome.failures:
        for line in failure.splitlines():
            click.echo(f"     {line}")


def _junit(outcomes: Iterable[Outcome]) -> bytes:
    """Return the outcomes as JUnit's XML, one suite a file."""
    root = ET.Element("testsuites")
    suites: dict[str, ET.Element] = {}
    for outcome in outcomes:
        suite = suites.get(outcome.file)
        if suite is None:
            suite = suites[outcome.file] = ET.SubElement(root, "testsuite", name=outcome.file)
        case = ET.SubElement(suite, "testcase", name=_printable(outcome.name), classname=outcome.file)
        for failure in outcome.failures:
            said = ET.SubElement(case, "failure", message=_printable(failure.splitlines()[0]))
            said.text = _printable(failure)
    for suite in suites.values():
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(sum(len(case) > 0 for case in suite)))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _printable(text: str) -> str:
    """Return text without the characters that XML forbids."""
    return "".join(c for c in text if c in "\t\n\r" or c >= " ")
