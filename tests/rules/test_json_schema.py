"""The schema for editors: of this version, good for every good file, and bad for files of the wrong shape."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.rules import Source
from bot.rules.json_schema import routing_schema, rules_schema
from bot.rules.routing import ROUTING, load_routing
from tests.rules import test_lints, test_load
from tests.rules.golden_cases import FILES, events, metric, rule
from tests.rules.test_routing import TREE

FOLDER = Path(__file__).parents[2] / "rules"
SHIPPED = [file for file in sorted(FOLDER.glob("*.yml")) if file.name != ROUTING]


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = json.loads(rules_schema())
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def test_the_shipped_schema_is_of_this_version() -> None:
    assert (FOLDER / "schema.json").read_text("utf-8") == rules_schema(), (
        "agora-bot rules schema > rules/schema.json"
    )


def test_the_shipped_routing_names_its_schema_and_follows_it() -> None:
    text = (FOLDER / ROUTING).read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=routing-schema.json\n")
    schema = json.loads((FOLDER / "routing-schema.json").read_text("utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_shipped_files_name_the_schema_and_follow_it(validator: Draft7Validator, file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("lines", [lines for lines, _ in test_lints.CASES.values()], ids=test_lints.CASES)
def test_good_files_follow_it(validator: Draft7Validator, lines: tuple[str, ...]) -> None:
    assert [error.message for error in validator.iter_errors(yaml.safe_load(rule(*lines)))] == []


def test_a_file_with_everything_follows_it(validator: Draft7Validator) -> None:
    assert [error.message for error in validator.iter_errors(yaml.safe_load(test_load.GOOD))] == []


@pytest.mark.parametrize(
    "case",
    [
        "no version, no groups",
        "another version",
        "groups is a mapping",
        "a group is text",
        "a misspelt key",
        "a misspelt key below metric",
        "a misspelt key below composite",
        "a misspelt key below baseline",
        "a missing key below call",
        "neither metric nor events",
        "both metric and events",
        "metric is text",
        "a bad alert name",
        "an unknown experience",
        "an empty list of factors",
        "a share of nothing",
        "a matcher that is none",
    ],
)
def test_files_of_the_wrong_shape_do_not(validator: Draft7Validator, case: str) -> None:
    assert list(validator.iter_errors(yaml.safe_load(FILES[case])))


def test_every_key_of_a_rule_is_explained() -> None:
    definitions = json.loads(rules_schema())["definitions"]
    for part in ("RuleSpec", "GroupSpec", "EventsCondition"):
        unexplained = [k for k, v in definitions[part]["properties"].items() if "description" not in v]
        assert unexplained == [], part


def test_names_and_numbers_are_both_ids(validator: Draft7Validator) -> None:
    text = rule(events(", factors: {any_of: [weak_wifi, 99, {factor: 29, host: local}]}"))
    assert list(validator.iter_errors(yaml.safe_load(text))) == []
    assert list(validator.iter_errors(yaml.safe_load(text.replace("weak_wifi", "weak_wify"))))


@pytest.fixture(scope="module")
def routes() -> Draft7Validator:
    schema = json.loads(routing_schema())
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def test_the_shipped_schema_of_routing_is_of_this_version() -> None:
    shipped = (FOLDER / "routing-schema.json").read_text("utf-8")
    assert shipped == routing_schema(), "agora-bot rules schema --routing > rules/routing-schema.json"


def test_good_routing_follows_its_schema(routes: Draft7Validator) -> None:
    days = "[{weekdays: ['monday:friday'], days_of_month: [1, '-3:-1'], months: ['january:march', 4, '5:6']}]"
    more = TREE + f"  - {{name: days, time_intervals: {days}}}\n"
    assert load_routing(Source("routing.yml", more))
    assert [error.message for error in routes.iter_errors(yaml.safe_load(more))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  receiver: quality\n  group", "  group"),
        (", escalate_to: oncall", ""),
        ("group_wait: 10s", "group_wait: soon"),
        ("repeat_interval: 2h", "repeat_intervall: 2h"),
        ('"#rtc-quality"', '"rtc-quality"'),
        ('"22:00"', "22:00h"),
        ('alertname="Outage"', "Outage"),
        ("continue: true", "continue: maybe"),
        ("version: 1", "version: 2"),
        ("[{times:", "[{weekdays: [someday], times:"),
    ],
)
def test_bad_routing_does_not(routes: Draft7Validator, old: str, new: str) -> None:
    assert old in TREE
    assert list(routes.iter_errors(yaml.safe_load(TREE.replace(old, new, 1))))


def test_every_key_of_routing_is_explained() -> None:
    definitions = json.loads(routing_schema())["definitions"]
    for part in ("Route", "SlackConfig", "InhibitRule", "TimeSpec"):
        told = {k for k, v in definitions[part]["properties"].items() if "description" in v}
        assert definitions[part]["properties"].keys() - told <= {"name"}, part


def test_a_duration_is_one(validator: Draft7Validator) -> None:
    good, bad = rule(metric(), "for: 1h30m"), rule(metric(), "for: 3 minutes")
    assert [len(list(validator.iter_errors(yaml.safe_load(text)))) > 0 for text in (good, bad)] == [
        False,
        True,
    ]
