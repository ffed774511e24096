"""Rule files -> RuleSet, and every problem of every file at once."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.model.alert import BUILT_IN
from bot.rules.checks import check_group, check_rule, labels_of
from bot.rules.comments import comments_of
from bot.rules.document import Document, Path, read
from bot.rules.grammar import FileSpec, GroupSpec, RuleSpec
from bot.rules.lint_conditions import named_ids
from bot.rules.lints import CHECKS, Lint, lint_group, lint_rule, lint_set
from bot.rules.problems import Problem, RulesInvalid, Source
from bot.rules.references import reference_findings
from bot.rules.rule import RuleSet, digest, rules_of
from bot.rules.schema import first, parse, placed, readable
from bot.rules.thresholds import Raw
from bot.rules.wording import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Rule files as found: ``rules`` is None where there are errors among the problems."""

    rules: RuleSet | None
    problems: tuple[Problem, ...]


def load(sources: Sequence[Source]) -> RuleSet:
    """Return the rules of all files; raise RulesInvalid with all that is wrong in any of them."""
    found = examine(sources)
    if found.rules is None:
        raise RulesInvalid(problem for problem in found.problems if problem.weight == "error")
    return found.rules


def examine(sources: Sequence[Source], tested: Collection[str] | None = None, today: str = "") -> Examined:
    """Return the rules of all files and everything that is wrong or doubtful in them.

    ``tested`` are the alerts that unit tests name, None where nobody knows, and ``today`` is YYYY-MM-DD, for
    comments with an end.
    """
    documents = [read(source) for source in sorted(sources, key=lambda source: source.name)]
    parsed = [parse(document, FileSpec) for document in documents]
    problems = [
        problem
        for document, (_, complaints) in zip(documents, parsed, strict=True)
        for problem in (*document.problems, *complaints, *first(_disagreements(document)))
    ]
    problems += first(_repeated_names(documents))
    problems += first(_references(documents))
    files = [file for file, _ in parsed if file is not None]
    rules = None
    if not problems:
        every = tuple(rule for file in files for rule in rules_of(file))
        rules = RuleSet(rules=every, digest=digest(sources))
    bad = {problem.file for problem in problems}
    sound = [(d, None if d.source.name in bad else f) for d, (f, _) in zip(documents, parsed, strict=True)]
    doubtful = _lints(sound, tested, today)
    return Examined(rules=rules, problems=tuple(sorted({*problems, *doubtful})))


def _disagreements(document: Document) -> Iterator[Problem]:
    for path, group in _groups(document):
        yield from placed(document, path, check_group(group))
        for rule_path, rule in _rules(path, group):
            yield from placed(document, rule_path, check_rule(rule, _labels(group)))


def _repeated_names(documents: Sequence[Document]) -> Iterator[Problem]:
    first: dict[str, Problem] = {}
    for document in documents:
        names = [(path, rule.get("alert")) for g in _groups(document) for path, rule in _rules(*g)]
        for path, name in names:
            if not isinstance(name, str):
                continue
            if name in BUILT_IN:
                message = f"the bot raises {shown(name)} itself; choose another name"
                yield document.problem((*path, "alert"), message, code="rule/duplicate")
                continue
            here = document.problem((*path, "alert"), "")
            there = first.setdefault(name, here)
            if there is not here:
                message = f"alert {shown(name)} is already in {there.file}:{there.line}; choose another name"
                yield document.problem((*path, "alert"), message, code="rule/duplicate")


def _references(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield references between rules, of whatever file, that cannot hold."""
    places = [
        (document, path, rule, labels_of(rule, _labels(group)))
        for document in documents
        for group_path, group in _groups(document)
        for path, rule in _rules(group_path, group)
    ]
    known = [(rule, labels) for _, _, rule, labels in places]
    for (document, path, _, _), findings in zip(places, reference_findings(known), strict=True):
        yield from placed(document, path, iter(findings))


def _lints(
    files: Sequence[tuple[Document, FileSpec | None]], tested: Collection[str] | None, today: str
) -> Iterator[Problem]:
    found: list[tuple[Document, Path, Lint]] = []
    places: dict[str, tuple[Document, Path]] = {}
    rules = []
    for document, file in files:
        for path, group, places_of_rules in _readable(document, file):
            found += [(document, path, lint) for lint in lint_group(group)]
            for here, rule in zip(places_of_rules, group.rules, strict=True):
                places.setdefault(rule.alert, (document, here))
                rules.append((document.source.name, rule))
                found += [(document, here, lint) for lint in lint_rule(group, rule, tested)]
                found += [(document, here, lint) for lint in named_ids(_raw(document, here))]
    for alert, lint in lint_set(rules):
        found.append((*places[alert], lint))
    yield from first(_told([document for document, _ in files], found, today))


def _readable(document: Document, file: FileSpec | None) -> Iterator[tuple[Path, GroupSpec, list[Path]]]:
    """Yield the groups, with the places of their rules; of a file with errors (None) what has none."""
    for number, group in enumerate(file.groups) if file else ():
        path: Path = ("groups", number)
        yield path, group, [(*path, "rules", place) for place in range(len(group.rules))]
    for path, raw in _groups(document) if file is None else ():
        sound = {
            place: spec
            for place, rule in _rules(path, raw)
            if None not in rule.values()
            and (spec := readable(rule, RuleSpec))
            and not any(check_rule(rule, _labels(raw)))
        }
        head = readable({**raw, "rules": [_raw(document, place) for place in [*sound][:1]]}, GroupSpec)
        if head:
            yield path, head.model_copy(update={"rules": tuple(sound.values())}), [*sound]


def _told(
    documents: Iterable[Document], found: Iterable[tuple[Document, Path, Lint]], today: str
) -> Iterator[Problem]:
    """Yield the findings that no comment switches off, and what is wrong with the comments."""
    off = {}
    for document in documents:
        paths = [path for group in _groups(document) for path, _ in _rules(*group)]
        off[document.source.name] = comments_of(document, paths, today)
        yield from off[document.source.name].problems
    for document, path, (below, check, message) in found:
        problem = document.problem((*path, *below), message, code=check, weight=CHECKS[check])
        if off[document.source.name].keep(problem):
            yield problem


def _raw(document: Document, path: Path) -> Raw:
    node = document.at(path)
    return node.value if node and isinstance(node.value, dict) else {}


def _labels(group: dict[str, Any]) -> dict[str, Any]:
    labels = group.get("labels")
    return labels if isinstance(labels, dict) else {}


def _groups(document: Document) -> Iterator[tuple[Path, dict[str, Any]]]:
    root = document.root.value if document.root else None
    if isinstance(root, dict):
        yield from _items((), root, "groups")


def _rules(path: Path, group: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield from _items(path, group, "rules")


def _items(path: Path, owner: dict[str, Any], key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    items = owner.get(key)
    for place, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield (*path, key, place), item
