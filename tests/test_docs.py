"""The documentation says what is so."""

import json
import re
from pathlib import Path

import pytest
import yaml

from bot.agora import call_fields, profile
from bot.agora.alert_body import alert_events, read_alert
from bot.flows import pace, poll_calls
from bot.flows.blind import blind_rules
from bot.flows.export_columns import COLUMNS
from bot.flows.incident_words import Deed
from bot.flows.routes import Routes
from bot.flows.ruletests import run_test
from bot.model.catalog import CALL_FIELDS, EXPERIENCES, FACTORS, METRICS, Feed
from bot.model.message import Action
from bot.model.project import Project
from bot.rules import Rule, Source, load
from bot.rules.lints import CHECKS
from bot.rules.routing import default_routing
from bot.rules.testfile import read_tests
from bot.simulator.slack import COMMANDS
from bot.simulator.slack.payloads import ESCAPED
from bot.slack.handlers import COMMANDS as HANDLED
from bot.slack.handlers import EVENTS
from bot.watched import ProjectsFile

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    paths = re.findall(r"`((?:bot|tests|rules|templates|docs|migrations)/[\w/.-]+)`", text)
    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def test_the_commands_of_the_readme_are_targets_of_the_makefile() -> None:
    readme, makefile = (ROOT / "README.md").read_text("utf-8"), (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make (demo|test|check)", readme):
        assert f"\n{target}:" in makefile
    assert {"demo", "test", "check"} == set(re.findall(r"make (\w+)", readme))


def test_the_example_of_projects_is_one() -> None:
    text = (ROOT / "docs/reference/projects.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(ProjectsFile.model_validate(yaml.safe_load(example)).projects) == 2


def test_the_examples_of_rules_are_good_and_the_tables_are_complete() -> None:
    text = (ROOT / "docs/reference/rules.md").read_text("utf-8")
    whole, baseline, composite, burn_rate = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert [rule.name for rule in good(whole)] == ["LessonFreezes", "OneHostHurtsMany"]
    assert good(f"{HEAD}      - alert: A\n{indented(baseline, 8)}")
    referred = "".join(
        f"      - {{alert: {name}, metric: {{name: pcu, aggregate: last, window: 1m, op: '>', "
        "threshold: 1}}\n"
        for name in ("VideoFreezeHigh", "WeakWifi", "HighCpu", "FeedStale")
    )
    assert good(f"{HEAD}{referred}      - alert: A\n{indented(composite, 8)}")
    assert [rule.name for rule in good(HEAD + indented(burn_rate, 6))][-1] == "JoinBudgetBurns"
    tables = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text[text.index("## Metrics") :], re.MULTILINE))
    expected = {m.name: m.title for m in METRICS.values()} | {f.name: str(f.id) for f in FACTORS.values()}
    assert tables == expected


HEAD = "version: 1\ngroups:\n  - name: g\n    rules:\n"


def good(text: str) -> tuple[Rule, ...]:
    return load([Source(name="rules.md", text=text)]).rules


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def test_every_check_of_rules_has_its_line() -> None:
    text = (ROOT / "docs/reference/rules.md").read_text("utf-8")
    doubts, errors = re.split("Errors have names", text[text.index("## What the check doubts") :])
    named = set(re.findall(r"`(\w+/\w+)`", re.sub(r"^[^|].*", "", doubts, flags=re.MULTILINE)))
    assert named == CHECKS.keys()
    golden = (ROOT / "tests/rules/problems.txt").read_text("utf-8")
    told = set(re.findall(r"`(\w+/\w+)`", errors.split("## ")[0]))
    assert told == {"route/unreachable", *re.findall(r"^\S+: \[(.+?)\]", golden, re.MULTILINE)}


def test_the_example_of_rule_tests_passes() -> None:
    text = (ROOT / "docs/reference/rule-tests.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    tests, _, problems = read_tests(Source(name="rule-tests.md", text=example))
    assert tests is not None, problems
    causes = load([Source(name="causes.yml", text=(ROOT / "rules/causes.yml").read_text("utf-8"))])
    assert run_test(tests.tests[0], causes, Routes(spec=default_routing()), list) == []


@pytest.mark.parametrize(
    ("dialect", "plan"), [("current", "premium"), ("current", "enterprise"), ("beta", None)]
)
def test_the_room_of_a_plan_is_told_as_it_is(dialect: str, plan: str | None) -> None:
    text = (ROOT / "docs/reference/projects.md").read_text("utf-8")
    endpoint = profile(dialect, plan).endpoint(profile(dialect, plan).polled[Feed.SCALE], account="a")
    per_day, kept, room = str(endpoint.per_day), f"{endpoint.keeps_s // 60} min", pace.room(endpoint)
    told = re.search(
        rf"^\| `?{plan or dialect}`? \| (\d+)[^|]* \| ([^|]+) \| (\d+) requests", text, re.MULTILINE
    )
    assert told is not None and told.groups() == (per_day, kept, str(room))


def test_the_examples_of_call_rules_are_good_and_every_field_is_told() -> None:
    text = (ROOT / "docs/reference/call-rules.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    rules = load([Source(name="call-rules.md", text=example)])
    assert [rule.name for rule in rules.rules] == ["BadCall", "ManyBadCalls"]
    project = Project(name="p", app_id="app", account="a")
    assert set(blind_rules(rules, profile("beta"), (project,), alerts=False)) == {"BadCall", "ManyBadCalls"}
    assert blind_rules(rules, profile("current", "standard"), (project,), alerts=False) == {}
    told = re.findall(r"^\| `(call_\w+)` \| (.+) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    in_beta = call_fields("beta")
    assert told == [
        (m.name, m.title, m.unit or "count", "`beta`, `current`" if m.name in in_beta else "`current`")
        for m in CALL_FIELDS.values()
    ]
    assert f"**{poll_calls.LOOKBACK_S // 3600} hours**" in text
    assert f"at most {poll_calls.REQUESTS_AT_MOST} answers" in text


def test_the_words_of_agoras_alerts_mean_what_their_page_says() -> None:
    text = (ROOT / "docs/reference/agora-alerts.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert [rule.name for rule in load([Source(name="agora-alerts.md", text=example)]).rules] == [
        "ManyAgoraAlerts"
    ]
    told = re.findall(r"^\| `([a-zA-Z ]+?)(?: \.\.\.)?`[^|]*\| [^|`]*(?:`(\w+)`)?", text, re.MULTILINE)
    assert len(told) == 8
    for words, name in told:
        body = {"alertTime": "1700000000", "cname": "c", "enContent": words}
        events = alert_events(read_alert(json.dumps(body).encode(), 1_700_000_000), 0)
        means = {FACTORS[tag.factor_id].name for event in events for tag in event.tags}
        means |= {EXPERIENCES[event.experience_id] for event in events} - {"agora_alert"}
        assert means == ({name} if name else set()), words


def test_every_column_of_an_export_is_explained() -> None:
    text = (ROOT / "docs/reference/export.md").read_text("utf-8")
    told = {
        name.lower(): re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", rows, re.MULTILINE)
        for name, rows in re.findall(
            r"^## (Metrics|Events|Calls|Alerts|Feedback|Audit)\n(.*?)(?=^## |\Z)", text, re.M | re.S
        )
    }
    assert told == {
        what.value: [(c.name, c.kind.value, c.meaning) for c in columns] for what, columns in COLUMNS.items()
    }


def test_the_manifest_has_the_commands_and_scopes_of_the_code() -> None:
    manifest = yaml.safe_load((ROOT / "docs/slack-manifest.yml").read_text("utf-8"))
    commands = [entry["command"] for entry in manifest["features"]["slash_commands"]]
    assert commands == list(HANDLED)
    assert commands == [command for command, _, _ in COMMANDS]
    assert {
        entry["command"] for entry in manifest["features"]["slash_commands"] if entry["should_escape"]
    } == ESCAPED
    needs = {
        "chat.postMessage": {"chat:write"},
        "chat.postEphemeral": {"chat:write"},
        "chat.update": {"chat:write"},
        "chat.getPermalink": set(),
        "files.getUploadURLExternal": {"files:write"},
        "files.completeUploadExternal": {"files:write"},
        "conversations.history": {"channels:history", "groups:history"},
        "conversations.replies": {"channels:history", "groups:history"},
        "usergroups.users.list": {"usergroups:read"},
        "conversations.list": {"channels:read", "groups:read"},
    }
    sender = "".join((ROOT / f"bot/slack/{name}.py").read_text("utf-8") for name in ("sender", "pictures"))
    called = set(re.findall(r'"((?:chat|conversations|files|usergroups)[\w.]+)"', sender)) - {
        "files.slack.com"
    }
    assert called == set(needs)
    heard = {"app_mention": "app_mentions:read", "message.im": "im:history"}
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == list(heard)
    assert [name.split(".")[0] for name in heard] == list(EVENTS)
    wanted = set().union({"commands", *heard.values()}, *(needs[method] for method in called))
    scopes = manifest["oauth_config"]["scopes"]
    assert {*scopes["bot"], *scopes["bot_optional"]} == wanted


def test_every_command_is_in_the_reference() -> None:
    text = (ROOT / "docs/reference/conversation.md").read_text("utf-8")
    told = dict.fromkeys(re.findall(r"^\| `(/[\w-]+)", text, re.MULTILINE))
    assert list(told) == [command for command, _, _ in COMMANDS]
    verbs = {
        verb
        for row in re.findall(r"^\| (`\w.*?) \|", text, re.MULTILINE)
        for verb in re.findall(r"`(\w+)", row)
    }
    assert verbs == {deed.value for deed in Deed} - {"show"}


def test_every_button_of_the_messages_is_listened_to() -> None:
    golden = "".join(p.read_text("utf-8") for p in (ROOT / "tests/render/golden").glob("*.json"))
    used = set(re.findall(r'"action_id": "(\w+)"', golden))
    assert used == {action.value for action in Action}


def test_the_process_file_starts_commands_that_exist() -> None:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    assert lines == ["release: agora-bot db upgrade", "web: agora-bot web", "worker: agora-bot worker"]


def test_the_outputs_of_the_page_on_history_are_real() -> None:
    text = (ROOT / "docs/reference/backtest.md").read_text("utf-8")
    golden = ROOT / "tests/flows/golden"
    shown = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    assert shown == [
        (golden / name).read_text("utf-8") for name in ("backtest_reference.txt", "explain_metric.txt")
    ]
