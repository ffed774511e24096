"""Every setting, once, with what it means. Read from the environment; an empty value counts as absent."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.model.project import PRODUCTS, Dialect, Plan, Product, Project

_PACKAGE = Path(__file__).parent
_NO_SECRET = SecretStr("")
_URL_SECRET = re.compile(r"[A-Za-z0-9_-]{32,200}")
_PLANS = "standard, premium or enterprise"


def default_folder(name: str) -> Path:
    """Return the shipped rules, templates or migrations: inside the wheel, or beside bot/ in a checkout."""
    shipped = _PACKAGE / "defaults" / name
    return shipped if shipped.is_dir() else _PACKAGE.parent / name


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not a web address; write it like https://api.agora.io")
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
    agora_customer_secret: SecretStr = Field(_NO_SECRET, description="Customer secret that belongs to it.")
    agora_app_id: str = Field("", description="App ID of the project to watch.")
    agora_project_name: str = Field("agora", description="The name of that project in messages and labels.")
    agora_alert_secret: Annotated[SecretStr, AfterValidator(_url_secret)] = Field(
        _NO_SECRET,
        description="Last part of the address that takes Agora's own alerts, `/agora/alert/<secret>`;"
        " without it there is no such address.",
    )
    slack_api_url: WebAddress = Field("https://slack.com/api", description="Where Slack's Web API is served.")
    slack_bot_token: SecretStr = Field(_NO_SECRET, description="Bot token, `xoxb-...`.")
    slack_signing_secret: SecretStr = Field(
        _NO_SECRET, description="Signing secret; needed by `web` unless SLACK_APP_TOKEN is set."
    )
    slack_app_token: SecretStr = Field(
        _NO_SECRET, description="App-level token, `xapp-...`; when set, Slack is reached by Socket Mode."
    )
    slack_channel: str = Field("", description="Where alerts go: a channel id (`C...`) or `#name`.")
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
        description="Days for which metrics are kept, at least 2; `agora-bot data export` takes them out.",
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
            [f"{str(e['loc'][0]).upper()}: {_plain(e['msg'])}" for e in found],
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


class _Owned(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountEntry(_Owned):
    """An Agora account: its quota is shared by its projects. The secret itself stays in the environment."""

    name: str = Field(min_length=1)
    customer_id: str = Field(min_length=1)
    customer_secret_env: str = Field(min_length=1)
    dialect: Dialect | None = None
    plan: Plan | None = None


class ProjectEntry(_Owned):
    name: str = Field(min_length=1, max_length=80)
    app_id: str = Field(min_length=1)
    account: str = Field(min_length=1)
    console_name: str = Field("", max_length=80)
    products: tuple[Product, ...] = Field(PRODUCTS, min_length=1)

    @field_validator("products")
    @classmethod
    def _each_once(cls, products: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(products))


class ProjectsFile(_Owned):
    """The content of projects.yml."""

    version: Literal[1]
    accounts: tuple[AccountEntry, ...] = Field(min_length=1)
    projects: tuple[ProjectEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for what, names in (
            ("account", [a.name for a in self.accounts]),
            ("customer_id", [a.customer_id for a in self.accounts]),
            ("app_id", [p.app_id for p in self.projects]),
            ("project", [p.name for p in self.projects]),
            ("console_name", [p.console_name for p in self.projects if p.console_name]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} named twice: {', '.join(twice)}")
        unknown = sorted({p.account for p in self.projects} - {a.name for a in self.accounts})
        if unknown:
            raise ValueError(f"projects name accounts that are not listed: {', '.join(unknown)}")
        return self


class AccountSecret(BaseSettings):
    """One secret of projects.yml, read from the variable that it names."""

    model_config = SettingsConfigDict(env_ignore_empty=True)
    value: SecretStr = _NO_SECRET


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whom Agora is asked as, and in which of its generations. ``plan`` is None in the dialect ``beta``."""

    name: str
    customer_id: str
    secret: SecretStr
    dialect: Dialect = Dialect.BETA
    plan: Plan | None = None


class Watched(_Owned):
    """What is watched: accounts, and their projects."""

    accounts: tuple[Account, ...]
    projects: tuple[Project, ...]


def read_watched(settings: Settings) -> Watched:
    """Return accounts and projects of projects.yml, else of AGORA_*; raise SettingsInvalid."""
    path = settings.rules_dir / "projects.yml"
    if path.is_file():
        return _from_file(path, settings)
    wanted = {
        "AGORA_CUSTOMER_ID": settings.agora_customer_id,
        "AGORA_CUSTOMER_SECRET": settings.agora_customer_secret.get_secret_value(),
        "AGORA_APP_ID": settings.agora_app_id,
    }
    problems = [
        f"{name}: missing; see the RESTful API page of Agora's console" for name, v in wanted.items() if not v
    ]
    dialect, plan = settings.agora_api_dialect, settings.agora_plan
    if dialect is Dialect.CURRENT and plan is None:
        problems.append(f"AGORA_PLAN: missing; AGORA_API_DIALECT=current needs {_PLANS}")
    if problems:
        raise SettingsInvalid([*problems, f"(or describe several projects in {path})"])
    project = Project(name=settings.agora_project_name, app_id=settings.agora_app_id, account="default")
    account = Account(
        name="default",
        customer_id=settings.agora_customer_id,
        secret=settings.agora_customer_secret,
        dialect=dialect,
        plan=plan if dialect is Dialect.CURRENT else None,
    )
    return Watched(accounts=(account,), projects=(project,))


def _from_file(path: Path, settings: Settings) -> Watched:
    try:
        entries = ProjectsFile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise SettingsInvalid([f"{path}: cannot be read: {error}"]) from None
    except ValidationError as error:
        raise SettingsInvalid(
            [
                f"{path}: {'.'.join(map(str, e['loc'])) or 'file'}: {_plain(e['msg'])}"
                for e in error.errors(include_input=False)
            ]
        ) from None
    accounts = tuple(_account(entry, settings) for entry in entries.accounts)
    problems = [
        f"{entry.customer_secret_env}: missing; {path} names it as the secret of account {entry.name}"
        for entry, account in zip(entries.accounts, accounts, strict=True)
        if not account.secret.get_secret_value()
    ]
    problems += [
        f"{path}: account {account.name} speaks current and has no plan; add plan: {_PLANS}"
        for account in accounts
        if account.dialect is Dialect.CURRENT and account.plan is None
    ]
    if problems:
        raise SettingsInvalid(problems)
    return Watched(accounts=accounts, projects=tuple(Project(**p.model_dump()) for p in entries.projects))


def _account(entry: AccountEntry, settings: Settings) -> Account:
    """Return the account of an entry; what it leaves open is as AGORA_API_DIALECT and AGORA_PLAN say."""
    dialect = entry.dialect or settings.agora_api_dialect
    return Account(
        name=entry.name,
        customer_id=entry.customer_id,
        secret=_account_secret(entry.customer_secret_env),
        dialect=dialect,
        plan=(entry.plan or settings.agora_plan) if dialect is Dialect.CURRENT else None,
    )


def _account_secret(variable: str) -> SecretStr:
    class Named(AccountSecret):
        model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")
        value: SecretStr = Field(_NO_SECRET, validation_alias=variable)

    return Named().value


def _plain(message: str) -> str:
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
