"""Rule files -> RuleSet, or every problem of every file at once."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.rules.checks import check_group, check_rule
from bot.rules.document import Document, Path, read
from bot.rules.problems import Problem, RulesInvalid, Source
from bot.rules.rule import RuleSet, digest, rules_of
from bot.rules.schema import parse
from bot.rules.thresholds import KEY, Finding
from bot.rules.wording import shown


def load(sources: Sequence[Source]) -> RuleSet:
    """Return the rules of all files; raise RulesInvalid with all that is wrong in any of them."""
    documents = [read(source) for source in sorted(sources, key=lambda source: source.name)]
    parsed = [parse(document) for document in documents]
    problems = [
        problem
        for document, (_, complaints) in zip(documents, parsed, strict=True)
        for problem in (*document.problems, *complaints, *_disagreements(document))
    ]
    problems += _repeated_names(documents)
    if problems:
        raise RulesInvalid(problems)
    files = [file for file, _ in parsed if file is not None]
    return RuleSet(rules=tuple(rule for file in files for rule in rules_of(file)), digest=digest(sources))


def _disagreements(document: Document) -> Iterator[Problem]:
    for path, group in _groups(document):
        yield from _problems(document, path, check_group(group))
        labels = group.get("labels")
        for rule_path, rule in _rules(path, group):
            checked = check_rule(rule, labels if isinstance(labels, dict) else {})
            yield from _problems(document, rule_path, checked)


def _repeated_names(documents: Sequence[Document]) -> Iterator[Problem]:
    first: dict[str, Problem] = {}
    for document in documents:
        names = [(path, rule.get("alert")) for g in _groups(document) for path, rule in _rules(*g)]
        for path, name in names:
            if not isinstance(name, str):
                continue
            here = document.problem((*path, "alert"), "")
            there = first.setdefault(name, here)
            if there is not here:
                message = f"alert {shown(name)} is already in {there.file}:{there.line}; choose another name"
                yield document.problem((*path, "alert"), message)


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


def _problems(document: Document, path: Path, findings: Iterator[Finding]) -> Iterator[Problem]:
    for below, message in findings:
        on_key = bool(below) and below[-1] == KEY
        yield document.problem((*path, *(below[:-1] if on_key else below)), message, on_key=on_key)
