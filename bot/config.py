"""Every setting, once, with what it means. Read from the environment; an empty value counts as absent."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.model.project import Dialect, Plan

_PACKAGE = Path(__file__).parent
NO_SECRET = SecretStr("")
_SLACK_ID = re.compile(r"[TUWCGDS][A-Z0-9_]{1,30}")
_URL_SECRET = re.compile(r"[A-Za-z0-9_-]{32,200}")


def default_folder(name: str) -> Path:
    """Return the shipped rules, templates or migrations: inside the wheel, or beside bot/ in a checkout."""
    shipped = _PACKAGE / "defaults" / name
    return shipped if shipped.is_dir() else _PACKAGE.parent / name


_LOOPBACK = re.compile(r"localhost|127(\.[0-9]+){3}|::1")


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not a web address; write it like https://api.agora.io")
    if parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname):
        raise ValueError("would send credentials in clear; write https:// for any host but this machine")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("holds more than an address; credentials have settings of their own")
    return value.rstrip("/")


def _database_address(value: str) -> str:
    for old in ("postgres://", "postgresql://"):
        if value.startswith(old):
            return "postgresql+psycopg://" + value.removeprefix(old)
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgres://")
    return value


def _log_level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be one of DEBUG, INFO, WARNING, ERROR")
    return value.upper()


def _url_secret(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not _URL_SECRET.fullmatch(value.get_secret_value()):
        raise ValueError(
            "must be 32 to 200 characters of A-Z, a-z, 0-9, _ and -; make one with"
            ' python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return value


def _ids(value: str) -> str:
    wrong = [one for one in ids_of(value) if not _SLACK_ID.fullmatch(one)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no id of Slack; write ids like U0123ABCD, apart by commas")
    return value


def ids_of(value: str) -> frozenset[str]:
    """Return the ids of a setting that lists some."""
    return frozenset(filter(None, re.split(r"[\s,]+", value)))


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """The settings of a running bot. Descriptions become docs/reference/settings.md."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    agora_api_url: WebAddress = Field(
        "https://api.agora.io", description="Where Agora's Analytics API is served."
    )
    agora_api_dialect: Dialect = Field(
        Dialect.BETA, description="`beta`: Agora's API of 2019; `current`: today's, which needs AGORA_PLAN."
    )
    agora_plan: Plan | None = Field(
        None, description="The account's Analytics plan: `standard`, `premium` or `enterprise`."
    )
    agora_customer_id: str = Field("", description="Customer ID of the RESTful API page of Agora's console.")
    agora_customer_secret: SecretStr = Field(NO_SECRET, description="Customer secret that belongs to it.")
    agora_app_id: str = Field("", description="App ID of the project to watch.")
    agora_project_name: str = Field("agora", description="The name of that project in messages and labels.")
    agora_alert_secret: Annotated[SecretStr, AfterValidator(_url_secret)] = Field(
        NO_SECRET,
        description="Last part of the address that takes Agora's own alerts, `/agora/alert/<secret>`;"
        " without it there is no such address.",
    )
    slack_api_url: WebAddress = Field("https://slack.com/api", description="Where Slack's Web API is served.")
    slack_bot_token: SecretStr = Field(NO_SECRET, description="Bot token, `xoxb-...`.")
    slack_signing_secret: SecretStr = Field(
        NO_SECRET, description="Signing secret; needed by `web` unless SLACK_APP_TOKEN is set."
    )
    slack_app_token: SecretStr = Field(
        NO_SECRET, description="App-level token, `xapp-...`; when set, Slack is reached by Socket Mode."
    )
    slack_channel: str = Field("", description="Where alerts go: a channel id (`C...`) or `#name`.")
    slack_team: Annotated[str, AfterValidator(_ids)] = Field(
        "", description="Id of the one workspace whose people are answered (`T...`); any if absent."
    )
    slack_readers: Annotated[str, AfterValidator(_ids)] = Field(
        "",
        description="Who may ask the bot: ids of users (`U...`), channels (`C...`: whoever is there) and user"
        " groups (`S...`), apart by commas; everybody if absent.",
    )
    slack_actors: Annotated[str, AfterValidator(_ids)] = Field(
        "",
        description="Who may acknowledge, assign, silence, resolve and the like, in the same way;"
        " whoever may ask if absent.",
    )
    database_url: Annotated[str, AfterValidator(_database_address)] = Field(
        "sqlite:///agora-bot.sqlite3",
        repr=False,
        description="SQLite file, or PostgreSQL (`postgres://...`).",
    )
    rules_dir: Path = Field(
        default_factory=lambda: default_folder("rules"),
        description="Folder of the rule files and of projects.yml; the shipped rules if absent.",
    )
    templates_dir: Path = Field(
        default_factory=lambda: default_folder("templates"),
        description="Folder of the message templates; the shipped ones if absent.",
    )
    retention_metrics_days: int = Field(
        90,
        ge=2,
        le=36_500,
        description="Days for which metrics and finished calls are kept, at least 2;"
        " `agora-bot data export` takes them out.",
    )
    retention_events_days: int = Field(
        30, ge=2, le=36_500, description="Days for which diagnosis events are kept, at least 2."
    )
    host: str = Field("0.0.0.0", description="Address on which `web` listens.")  # noqa: S104 - behind a router
    port: int = Field(3000, ge=0, le=65535, description="Port on which `web` listens.")
    log_level: Annotated[str, AfterValidator(_log_level)] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["json", "text"] = Field("json", description="`json` or `text`.")

    @property
    def takes_alerts(self) -> bool:
        """Whether Agora's own alerts have an address to come to."""
        return bool(self.agora_alert_secret.get_secret_value())

    def secrets(self) -> list[str]:
        """Return every secret value, for the log to blot out."""
        fields = (getattr(self, name) for name in type(self).model_fields)
        found = [field.get_secret_value() for field in fields if isinstance(field, SecretStr)]
        parts = urlsplit(self.database_url)
        return [secret for secret in (*found, parts.password or "") if secret]


class SettingsInvalid(Exception):
    """The settings cannot be used; ``problems`` says of each what is wrong and what to do.

    ``usable`` are the settings with the defaults in the place of the bad ones, to find what else is wrong.
    """

    def __init__(self, problems: list[str], usable: Settings | None = None) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.usable = usable


def read_settings(**overrides: object) -> Settings:
    """Return the settings of the environment; raise SettingsInvalid with every problem at once."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        found = error.errors(include_input=False)
        bad = {str(e["loc"][0]) for e in found}
        defaults = {name: Settings.model_fields[name].get_default(call_default_factory=True) for name in bad}
        raise SettingsInvalid(
            [f"{str(e['loc'][0]).upper()}: {plain(e['msg'])}" for e in found],
            Settings(**{**overrides, **defaults}),
        ) from None


def missing(settings: Settings, *, web: bool) -> list[str]:
    """Return a line for each setting without which the process cannot do its work."""
    problems = []
    if not settings.slack_bot_token.get_secret_value():
        problems.append("SLACK_BOT_TOKEN: missing; it is shown under OAuth & Permissions of your Slack app")
    socket_mode = bool(settings.slack_app_token.get_secret_value())
    if web and not socket_mode and not settings.slack_signing_secret.get_secret_value():
        problems.append(
            "SLACK_SIGNING_SECRET: missing; it is shown under Basic Information of your Slack app"
            " (or set SLACK_APP_TOKEN to use Socket Mode)"
        )
    if not settings.slack_channel:
        problems.append(
            "SLACK_CHANNEL: missing; set the id of the channel that gets the alerts, like C0123ABCD"
        )
    return problems


def plain(message: str) -> str:
    """Return a sentence of our own validators without what pydantic puts before it."""
    return message.removeprefix("Value error, ")


def reference() -> str:
    """Return docs/reference/settings.md: one row a setting, generated from the class above."""
    rows = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr) or default in ("", None):
            shown = "none"
        elif field.default_factory:
            shown = "shipped with the bot"
        else:
            shown = f"`{default}`"
        rows.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    head = "# Settings\n\nEnvironment variables; generated by `agora-bot settings`, do not edit.\n\n"
    return head + "\n".join(rows) + "\n"
