"""Settings: all problems at once, in plain words, and no secret anywhere."""

import secrets
from pathlib import Path

import pytest

from bot.config import Settings, SettingsInvalid, missing, read_settings, reference
from bot.watched import read_watched

GOOD = {
    "AGORA_CUSTOMER_ID": "id-0815",
    "AGORA_CUSTOMER_SECRET": "very-secret",
    "AGORA_APP_ID": "app",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "sign",
    "SLACK_CHANNEL": "C0123",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_the_environment_is_enough() -> None:
    settings = read_settings()
    assert missing(settings, web=True) == []
    watched = read_watched(settings)
    assert [p.name for p in watched.projects] == ["agora"]
    assert (settings.port, settings.database_url) == (3000, "sqlite:///agora-bot.sqlite3")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_database_addresses_of_hosts_are_understood(
    monkeypatch: pytest.MonkeyPatch, given: str, expected: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert read_settings().database_url == expected


def test_every_bad_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {
        "PORT": "http",
        "LOG_LEVEL": "loud",
        "LOG_FORMAT": "xml",
        "AGORA_API_URL": "api.agora.io",
        "DATABASE_URL": "mysql://x",
    }
    for name, value in bad.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as error:
        read_settings()
    assert sorted(p.split(":")[0] for p in error.value.problems) == sorted(bad)


def test_every_missing_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GOOD:
        monkeypatch.setenv(name, "")
    settings = read_settings()
    assert [p.split(":")[0] for p in missing(settings, web=True)] == [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_CHANNEL",
    ]
    with pytest.raises(SettingsInvalid) as error:
        read_watched(settings)
    assert [p.split(":")[0] for p in error.value.problems[:3]] == [
        "AGORA_CUSTOMER_ID",
        "AGORA_CUSTOMER_SECRET",
        "AGORA_APP_ID",
    ]


def test_socket_mode_needs_no_signing_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    assert missing(read_settings(), web=True) == []


def test_a_lone_worker_needs_no_signing_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "")
    assert missing(read_settings(), web=False) == []


@pytest.mark.parametrize("secret", ["x" * 31, "x" * 201, "x" * 31 + "/", "x" * 31 + "é", "x " * 20])
def test_an_alert_address_that_can_be_guessed_is_refused_with_a_way_to_make_one(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("AGORA_ALERT_SECRET", secret)
    with pytest.raises(SettingsInvalid) as error:
        read_settings()
    (problem,) = error.value.problems
    assert problem.startswith("AGORA_ALERT_SECRET: must be 32 to 200 characters")
    assert 'python -c "import secrets; print(secrets.token_urlsafe(32))"' in problem
    assert secret not in problem


def test_a_made_secret_is_taken_and_kept_out_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = secrets.token_urlsafe(32)
    monkeypatch.setenv("AGORA_ALERT_SECRET", secret)
    assert read_settings().agora_alert_secret.get_secret_value() == secret
    assert secret in read_settings().secrets()


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("AGORA_API_DIALECT", "2019", "'beta' or 'current'"),
        ("AGORA_PLAN", "starter", "'standard', 'premium' or 'enterprise'"),
    ],
)
def test_a_wrong_name_gets_the_right_ones(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, right: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as error:
        read_settings()
    assert error.value.problems == [f"{name}: Input should be {right}"]


def test_secrets_are_in_no_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://bot:hunter22@db/x")
    settings = read_settings()
    for secret in ("very-secret", "xoxb-1", "hunter22"):
        assert secret not in repr(settings)
    assert set(settings.secrets()) == {"very-secret", "xoxb-1", "sign", "hunter22"}


def test_the_reference_lists_the_settings_of_the_code() -> None:
    shipped = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"
    assert shipped.read_text("utf-8") == reference()


@pytest.mark.parametrize("name", ["RETENTION_METRICS_DAYS", "RETENTION_EVENTS_DAYS"])
def test_observations_are_kept_for_two_days_at_least(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsInvalid, match=name):
        read_settings()
    monkeypatch.setenv(name, "2")
    assert getattr(read_settings(), name.lower()) == 2


def test_observations_are_kept_beyond_the_windows_of_agora() -> None:
    settings = read_settings()
    assert (settings.retention_metrics_days, settings.retention_events_days) == (90, 30)
