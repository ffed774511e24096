"""Annotations are Jinja2 templates; what would fail in a message fails when the rules are loaded."""

from collections.abc import Collection, Iterator
from dataclasses import fields

from jinja2 import TemplateError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from bot.model.verdict import Affected
from bot.rules.wording import unknown

NAMES = ("labels", "value", "threshold", "severity", "alert", "project", "affected")
FILTERS = ("pct", "number", "duration")
"""Filters of ours, beside Jinja's own; whoever renders annotations provides them."""

_AFFECTED = tuple(field.name for field in fields(Affected))
_REPEATS = (nodes.For, nodes.Mul, nodes.Pow, nodes.Call, nodes.Macro, nodes.CallBlock, nodes.Mod)
_OTHER_TEMPLATES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
_GROWING = ("center", "indent", "format", "xmlattr", "batch", "slice", "wordwrap")
_ENVIRONMENT = SandboxedEnvironment()
_ENVIRONMENT.intercepted_binops = frozenset({"*", "**"})  # else Jinja works out 9**9**9 while it looks
_ENVIRONMENT.filters.update(dict.fromkeys(FILTERS, str))


def faults(template: str, labels: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with an annotation of an alert that has these labels."""
    try:
        tree = _ENVIRONMENT.parse(template)
        found = [*_unknown_functions(tree), *_unknown_attributes(tree, labels)]
        if any(tree.find_all(_OTHER_TEMPLATES)):
            found.append("an annotation stands alone: it cannot include, import or extend")
        if any(tree.find_all(_REPEATS)) or any(f.name in _GROWING for f in tree.find_all(nodes.Filter)):
            found.append("an annotation is one short text: no loops, calls, macros, *, %, ** or padding")
        yield from found or _unknown_names(tree)
    except TemplateError as error:
        yield f"not a Jinja2 template: {error.message}"
    except RecursionError:
        yield "not a Jinja2 template: nested too deeply"


def _unknown_names(tree: nodes.Template) -> Iterator[str]:
    for name in sorted(meta.find_undeclared_variables(tree) - set(NAMES)):
        yield unknown("variable", name, NAMES)


def _unknown_functions(tree: nodes.Template) -> Iterator[str]:
    for call in tree.find_all(nodes.Filter):
        if call.name not in _ENVIRONMENT.filters:
            yield unknown("filter", call.name, list(_ENVIRONMENT.filters), f"ours are {', '.join(FILTERS)}")
    for test in tree.find_all(nodes.Test):
        if test.name not in _ENVIRONMENT.tests:
            yield unknown("test", test.name, list(_ENVIRONMENT.tests), "see Jinja's list of tests")


def _unknown_attributes(tree: nodes.Template, labels: Collection[str]) -> Iterator[str]:
    for owner, name in (*_dotted(tree), *_indexed(tree)):
        if owner == "labels" and name not in labels:
            yield unknown("label of this alert", name, sorted(labels))
        elif owner == "affected" and name not in _AFFECTED:
            yield unknown("part of affected", name, _AFFECTED)


def _dotted(tree: nodes.Template) -> Iterator[tuple[str, str]]:
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name):
            yield node.node.name, node.attr


def _indexed(tree: nodes.Template) -> Iterator[tuple[str, str]]:
    for node in tree.find_all(nodes.Getitem):
        if isinstance(node.node, nodes.Name) and isinstance(node.arg, nodes.Const):
            yield node.node.name, str(node.arg.value)
