"""Accounts and projects: from projects.yml, else from the settings."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Settings, SettingsInvalid, read_settings
from bot.watched import Account, read_watched

GOOD = {"AGORA_CUSTOMER_ID": "id-0815", "AGORA_CUSTOMER_SECRET": "very-secret", "AGORA_APP_ID": "app"}
PROJECTS = """
version: 1
accounts:
  - {name: eu, customer_id: id1, customer_secret_env: EU_SECRET}
projects:
  - {name: lessons, app_id: a1, account: eu}
  - {name: calls, app_id: a2, account: eu}
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def watched_from(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> list[str] | None:
    (folder / "projects.yml").write_text(text, "utf-8")
    monkeypatch.setenv("RULES_DIR", str(folder))
    try:
        watched = read_watched(read_settings())
    except SettingsInvalid as error:
        return error.problems
    assert [(p.name, p.account) for p in watched.projects] == [("lessons", "eu"), ("calls", "eu")]
    return None


def test_several_projects_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EU_SECRET", "s1")
    assert watched_from(monkeypatch, tmp_path, PROJECTS) is None


def test_a_folder_in_the_place_of_the_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "projects.yml").mkdir()
    monkeypatch.setenv("RULES_DIR", str(tmp_path))
    with pytest.raises(SettingsInvalid, match=r"projects\.yml: cannot be read: .*directory"):
        read_watched(read_settings())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(PROJECTS, "EU_SECRET: missing", id="no secret in the environment"),
        pytest.param(
            PROJECTS.replace("account: eu}\n  - {name: calls", "account: us}\n  - {name: calls"), "us"
        ),
        pytest.param(PROJECTS.replace("name: calls", "name: lessons"), "named twice: lessons"),
        pytest.param(
            PROJECTS.replace("account: eu}", "account: eu, console_name: L}"), "console_name named twice: L"
        ),
        pytest.param(PROJECTS.replace("app_id: a1", "appid: a1"), "projects.0.appid"),
        pytest.param(PROJECTS.replace("app_id: a1", "app_id: a2"), "app_id named twice: a2"),
        pytest.param(
            PROJECTS.replace("EU_SECRET}", "EU_SECRET, dialect: old}"),
            "accounts.0.dialect: Input should be 'beta' or 'current'",
            id="wrong dialect",
        ),
        pytest.param(
            PROJECTS.replace("EU_SECRET}", "EU_SECRET, dialect: current, plan: gold}"),
            "accounts.0.plan: Input should be 'standard', 'premium' or 'enterprise'",
            id="wrong plan",
        ),
        pytest.param(
            PROJECTS.replace("EU_SECRET}", "EU_SECRET, dialect: current}"),
            "account eu speaks current and has no plan; add plan: standard, premium or enterprise",
            id="no plan",
        ),
        pytest.param(
            PROJECTS.replace("app_id: a1", "app_id: a1, products: [Web]"),
            "projects.0.products.0: Input should be 'Native' or 'WebRTC'",
            id="wrong product",
        ),
        pytest.param(PROJECTS.replace("app_id: a1", "app_id: a1, products: []"), "projects.0.products"),
        pytest.param("version: 1\naccounts: [", "cannot be read"),
        pytest.param("[]", "file"),
    ],
)
def test_a_bad_projects_file_says_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, words: str
) -> None:
    problems = watched_from(monkeypatch, tmp_path, text)
    assert problems is not None
    assert words in "\n".join(problems)


def test_a_project_may_have_another_name_in_agoras_console(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EU_SECRET", "s1")
    monkeypatch.setenv("RULES_DIR", str(tmp_path))
    text = PROJECTS.replace(
        "account: eu}\n  - {name: calls", "account: eu, console_name: L}\n  - {name: calls"
    )
    (tmp_path / "projects.yml").write_text(text, "utf-8")
    assert [p.console_name for p in read_watched(read_settings()).projects] == ["L", ""]


def test_dialect_and_plan_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = SecretStr("very-secret")
    beta = Account(name="default", customer_id="id-0815", secret=secret)
    assert read_watched(read_settings()).accounts == (beta,)
    monkeypatch.setenv("AGORA_PLAN", "premium")
    assert read_watched(read_settings()).accounts == (beta,)
    monkeypatch.setenv("AGORA_API_DIALECT", "current")
    (account,) = read_watched(read_settings()).accounts
    assert (account.dialect, account.plan) == ("current", "premium")


def test_the_dialect_of_today_needs_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_API_DIALECT", "current")
    with pytest.raises(SettingsInvalid) as error:
        read_watched(read_settings())
    assert error.value.problems[0] == (
        "AGORA_PLAN: missing; AGORA_API_DIALECT=current needs standard, premium or enterprise"
    )


def test_an_account_of_the_file_has_a_dialect_and_a_plan_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EU_SECRET", "s1")
    monkeypatch.setenv("RULES_DIR", str(tmp_path))
    entries = "\n".join(
        f"  - {{name: {name}, customer_id: {name}, customer_secret_env: EU_SECRET{said}}}"
        for name, said in (
            ("open", ""),
            ("old", ", dialect: beta, plan: standard"),
            ("new", ", dialect: current, plan: enterprise"),
        )
    )
    projects = "projects:\n  - {name: p, app_id: a, account: open, products: [WebRTC, WebRTC]}\n"
    (tmp_path / "projects.yml").write_text(f"version: 1\naccounts:\n{entries}\n{projects}", "utf-8")
    found = read_watched(read_settings())
    spoken = [(account.name, account.dialect, account.plan) for account in found.accounts]
    assert spoken == [("open", "beta", None), ("old", "beta", None), ("new", "current", "enterprise")]
    assert found.projects[0].products == ("WebRTC",)
    monkeypatch.setenv("AGORA_API_DIALECT", "current")
    monkeypatch.setenv("AGORA_PLAN", "standard")
    assert read_watched(read_settings()).accounts[0].plan == "standard"
