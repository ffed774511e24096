"""The keyboard door: what each command says, and its exit code."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.config import default_folder
from tests.cli.conftest import agora_bot
from tests.flows.test_evaluate import FREEZE
from tests.rules.test_routing import TREE


def test_a_start_without_settings_names_them_all_and_ends_with_2() -> None:
    ended = agora_bot("run")
    assert ended.returncode == 2
    for name in (
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_CHANNEL",
        "AGORA_CUSTOMER_ID",
        "AGORA_APP_ID",
    ):
        assert f"{name}: missing" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_bad_and_missing_settings_are_named_together() -> None:
    ended = agora_bot("run", env={"PORT": "http", "AGORA_API_URL": "http://user:pass@host"})
    assert ended.returncode == 2
    for name in ("PORT", "AGORA_API_URL", "SLACK_BOT_TOKEN", "AGORA_APP_ID"):
        assert f"  {name}: " in ended.stderr


@pytest.mark.parametrize("address", ["postgres://u:hunter22@[::1/x", "sqlite:///{folder}/text.txt"])
def test_a_database_address_that_is_none_is_said_plainly(tmp_path: Path, address: str) -> None:
    (tmp_path / "text.txt").write_text("no database " * 100, "utf-8")
    ended = agora_bot("db", "upgrade", env={"DATABASE_URL": address.replace("{folder}", str(tmp_path))})
    assert (ended.returncode, "Traceback" in ended.stderr, "hunter22" in ended.stderr) == (2, False, False)
    assert "DATABASE_URL" in ended.stderr


def test_a_database_that_is_away_is_said_plainly() -> None:
    ended = agora_bot("db", "upgrade", env={"DATABASE_URL": "postgres://u:hunter22@127.0.0.1:9/x"})
    assert ended.returncode == 2
    assert "does not answer" in ended.stderr
    assert "hunter22" not in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr


def test_the_database_is_upgraded_from_any_folder(tmp_path: Path) -> None:
    for _ in range(2):
        ended = agora_bot("db", "upgrade", cwd=tmp_path)
        assert (ended.returncode, ended.stdout.strip()) == (0, "the database is up to date")
    assert (tmp_path / "agora-bot.sqlite3").exists()


def test_the_shipped_rules_pass_the_check() -> None:
    ended = agora_bot("rules", "check", str(default_folder("rules")))
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_check_says_what_the_settings_leave_without_data(tmp_path: Path) -> None:
    names = ("AGORA_CUSTOMER_ID", "AGORA_CUSTOMER_SECRET", "AGORA_APP_ID")
    settings = dict.fromkeys(names, "x") | {"AGORA_API_DIALECT": "current", "AGORA_PLAN": "premium"}
    note = "note: AgoraAlert waits for Agora's own alerts; AGORA_ALERT_SECRET is not set"
    said = agora_bot("rules", "check", env=settings).stdout.splitlines()
    assert note in said
    assert any(line.startswith("warning: WeakWifi") and line.endswith("no live diagnosis") for line in said)
    assert any(line.startswith("warning: [source/budget] default: its quota lets scale") for line in said)
    told = agora_bot("rules", "check", env=settings | {"AGORA_ALERT_SECRET": "x" * 32}).stdout
    assert note not in told
    assert "live diagnosis, only Agora's own alerts\n" in told


BLIND = """
version: 1
groups:
  - name: g
    rules:
      - alert: Audio
        metric: {name: audioFreezeRate, aggregate: max, window: 5m, op: ">", threshold: 5}
"""


@pytest.mark.parametrize(
    ("products", "plan", "expected"),
    [
        (
            "[WebRTC]",
            "premium",
            "from main: WebRTC tells no audioFreezeRate (project lessons)",
        ),
        (
            "[Native]",
            "standard",
            "standard has no audioFreezeRate",
        ),
        ("[Native]", "null", "account main has no plan"),
        ("[Native]", "gold", "projects.yml: accounts.0.plan:"),
        ("[Native]", "enterprise", None),
    ],
)
def test_the_check_reads_the_projects_beside_the_rules_and_needs_no_credentials(
    tmp_path: Path, products: str, plan: str, expected: str | None
) -> None:
    (tmp_path / "a.yml").write_text(BLIND, "utf-8")
    (tmp_path / "projects.yml").write_text(
        "version: 1\naccounts:\n"
        f"  - {{name: main, customer_id: i, customer_secret_env: NOT_SET, dialect: current, plan: {plan}}}\n"
        f"projects:\n  - {{name: lessons, app_id: a, account: main, products: {products}}}\n",
        "utf-8",
    )
    for path in (tmp_path, tmp_path / "a.yml"):
        ended = agora_bot("rules", "check", str(path))
        warned = [line for line in ended.stdout.splitlines() if line.startswith("warning: ")]
        assert ended.returncode == 0
        assert (expected in "\n".join(warned)) if expected else warned == []


def test_the_check_names_what_receivers_need_and_prints_no_value(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/receivers.md").read_text("utf-8")
    (routing,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "a.yml").write_text(FREEZE, "utf-8")
    (tmp_path / "routing.yml").write_text(routing, "utf-8")
    env = {"RULES_DIR": str(tmp_path), "ONCALL_URL": "https://hooks.example/hunter22", "PAGERDUTY_KEY": ""}
    ended = agora_bot("rules", "check", env=env)
    warned = re.findall(r"receiver on-call needs (\w+), which is not set", ended.stdout)
    assert (ended.returncode, warned) == (0, ["ONCALL_SECRET", "PAGERDUTY_KEY"])
    assert "hunter22" not in ended.stdout + ended.stderr


def test_bad_rules_are_listed_with_their_places_and_end_with_1(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(FREEZE.replace("videoFreezeRate", "videoFreeze"), "utf-8")
    (tmp_path / "b.yml").write_text("version: 1\ngroups: [", "utf-8")
    ended = agora_bot("rules", "check", env={"RULES_DIR": str(tmp_path)})
    assert ended.returncode == 1
    places = [line.split(": ")[0] for line in ended.stdout.splitlines()]
    assert places[0].startswith(f"{tmp_path / 'a.yml'}:8:")
    assert any(place.startswith(f"{tmp_path / 'b.yml'}:") for place in places)
    assert "videoFreezeRate" in ended.stdout


def test_the_check_speaks_to_programs_and_fails_on_warnings_when_strict(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text(FREEZE, "utf-8")
    told = agora_bot("rules", "check", "--format", "json", str(file))
    assert (told.returncode, [row["code"] for row in json.loads(told.stdout)]) == (0, ["test/missing"])
    strict = agora_bot("rules", "check", "--strict", "--format", "github", str(file))
    assert (strict.returncode, strict.stdout.startswith("::warning file=")) == (1, True)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "t.yml").write_text("tests: [{alert_rule_test: [\n{alertname: Freeze}]}]", "utf-8")
    assert agora_bot("rules", "check", "--strict", str(tmp_path)).returncode == 0
    assert agora_bot("rules", "check", "nowhere.yml").returncode == 2


def test_routes_are_told_and_verified(tmp_path: Path) -> None:
    file = tmp_path / "routing.yml"
    file.write_text(TREE, "utf-8")
    env = {"RULES_DIR": str(tmp_path)}
    told = agora_bot("rules", "routes", "severity=critical", "--verify.receivers=incidents,quality", env=env)
    assert (told.returncode, told.stdout.splitlines()[0].split()[:2]) == (
        0,
        ["incidents", "(route.routes[0])"],
    )
    wrong = agora_bot("rules", "routes", "severity=info", "--verify.receivers=incidents", env=env)
    assert (wrong.returncode, wrong.stderr.strip()) == (1, "expected incidents, got quality")
    assert agora_bot("rules", "routes", "severity", env=env).returncode == 2
    assert agora_bot("rules", "check", env=env).returncode == 0
    file.write_text(TREE.replace("receiver: demo", "receiver: dem"), "utf-8")
    assert "unknown receiver" in agora_bot("rules", "check", env=env).stdout


def test_the_shipped_rules_pass_their_tests_and_are_all_tested() -> None:
    ended = agora_bot("rules", "test", "--coverage", timeout_s=120)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "no test names" not in ended.stdout
    assert agora_bot("rules", "check", "--strict").returncode == 0


def test_a_failing_test_is_shown_with_its_place_and_written_as_junit(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(FREEZE, "utf-8")
    file = tmp_path / "t.yml"
    file.write_text(
        "rule_files: [a.yml]\ntests:\n  - name: <odd> & \u20ac\n    input_series: [{series: videoFreezeRate, "
        "values: 9x5}]\n    alert_rule_test:\n      - {eval_time: 5m, alertname: Freeze}\n  - name: empty\n",
        "utf-8",
    )
    junit = tmp_path / "junit.xml"
    ended = agora_bot("rules", "test", str(file), "--junit", str(junit))
    assert ended.returncode == 1
    assert f"{file}:6: Freeze at 5m: firing" in ended.stdout
    (suite,) = ElementTree.fromstring(junit.read_bytes())  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite[0].get("name") == "<odd> & \u20ac"
    assert agora_bot("rules", "test", str(file), "--run", "^empty$").returncode == 0
    assert agora_bot("rules", "test", str(file), "--run", "(").returncode == 2
    file.write_text("rule_files: [b.yml]\ntests: [{}]\n", "utf-8")
    missing = agora_bot("rules", "test", str(file))
    assert (missing.returncode, "b.yml is not there" in missing.stdout) == (1, True)
    assert agora_bot("rules", "test", env={"RULES_DIR": str(tmp_path)}).returncode == 2


def test_the_schema_is_printed_and_compared(tmp_path: Path) -> None:
    printed = agora_bot("rules", "schema")
    file = tmp_path / "schema.json"
    file.write_text(printed.stdout, "utf-8")
    assert agora_bot("rules", "schema", "--check", str(file)).returncode == 0
    file.write_text("{}", "utf-8")
    assert agora_bot("rules", "schema", "--check", str(file)).returncode == 1


def test_a_broken_template_stops_the_start_with_its_place(tmp_path: Path) -> None:
    for path in default_folder("templates").glob("*.j2"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "notice.j2").write_text('{"text": {{ nope }}}', "utf-8")
    good = {
        "AGORA_CUSTOMER_ID": "c",
        "AGORA_CUSTOMER_SECRET": "s",
        "AGORA_APP_ID": "a",
        "SLACK_BOT_TOKEN": "xoxb",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_CHANNEL": "C1",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}",
        "TEMPLATES_DIR": str(tmp_path),
    }
    ended = agora_bot("web", env=good)
    assert ended.returncode == 2
    assert "notice.j2" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("span", ["soon", "-5s", "0", "nan"])
def test_a_demo_of_no_length_is_refused(span: str) -> None:
    ended = agora_bot("demo", "--headless", "--for", span)
    assert ended.returncode == 2
    assert "60s" in ended.stderr


def test_the_headless_demo_sees_the_whole_story(tmp_path: Path) -> None:
    ended = agora_bot("demo", "--headless", "--for", "60s", "--speed", "90", cwd=tmp_path, timeout_s=90)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "MISSING" not in ended.stdout
    assert "lesson-algebra-7b" in ended.stdout
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


def test_help_names_every_command() -> None:
    shown = agora_bot("--help").stdout
    for command in ("demo", "run", "web", "worker", "rules", "db", "data", "simulate", "settings"):
        assert f"\n  {command} " in shown


def test_the_check_names_rules_that_look_back_further_than_is_kept(tmp_path: Path) -> None:
    baseline = "baseline: {offsets: [7d], method: ratio, op: '>', threshold: 2}"
    (tmp_path / "a.yml").write_text(FREEZE.replace("critical: 10}", f"critical: 10}}, {baseline}"), "utf-8")
    names = ("AGORA_CUSTOMER_ID", "AGORA_CUSTOMER_SECRET", "AGORA_APP_ID")
    env = dict.fromkeys(names, "x") | {"RULES_DIR": str(tmp_path)}
    for days, warned in (("7", 0), ("6", 1)):
        ended = agora_bot("rules", "check", env=env | {"RETENTION_METRICS_DAYS": days})
        assert ended.stdout.count("[baseline/retention] Freeze") == warned, ended.stdout + ended.stderr
