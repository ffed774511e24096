"""Whom Agora is asked as, and what is watched: read from projects.yml, else from the settings."""

from dataclasses import dataclass
from os.path import lexists
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.config import NO_SECRET, Settings, SettingsInvalid, plain
from bot.model.project import PRODUCTS, Dialect, Plan, Product, Project

PROJECTS = "projects.yml"
_PLANS = "standard, premium or enterprise"


class _Owned(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountEntry(_Owned):
    """An Agora account: its quota is shared by its projects. The secret itself stays in the environment."""

    name: str = Field(min_length=1, max_length=80)
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
    watched, lacking = described(settings, settings.rules_dir)
    if lacking:
        raise SettingsInvalid(lacking)
    return watched


def described(settings: Settings, folder: Path) -> tuple[Watched, list[str]]:
    """Return what projects.yml of ``folder`` describes, else AGORA_*, and what is missing to ask Agora.

    Raise SettingsInvalid where the file cannot be used.
    """
    path = folder / PROJECTS
    return _from_file(path, settings) if lexists(path) else _from_settings(path, settings)


def _from_settings(path: Path, settings: Settings) -> tuple[Watched, list[str]]:
    wanted = {
        "AGORA_CUSTOMER_ID": settings.agora_customer_id,
        "AGORA_CUSTOMER_SECRET": settings.agora_customer_secret.get_secret_value(),
        "AGORA_APP_ID": settings.agora_app_id,
    }
    lacking = [
        f"{name}: missing; see the RESTful API page of Agora's console" for name, v in wanted.items() if not v
    ]
    dialect, plan = settings.agora_api_dialect, settings.agora_plan
    if dialect is Dialect.CURRENT and plan is None:
        lacking.append(f"AGORA_PLAN: missing; AGORA_API_DIALECT=current needs {_PLANS}")
    if lacking:
        lacking.append(f"(or describe several projects in {path})")
    project = Project(name=settings.agora_project_name, app_id=settings.agora_app_id, account="default")
    account = Account(
        name="default",
        customer_id=settings.agora_customer_id,
        secret=settings.agora_customer_secret,
        dialect=dialect,
        plan=plan if dialect is Dialect.CURRENT else None,
    )
    return Watched(accounts=(account,), projects=(project,)), lacking


def _from_file(path: Path, settings: Settings) -> tuple[Watched, list[str]]:
    try:
        entries = ProjectsFile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise SettingsInvalid([f"{path}: cannot be read: {error}"]) from None
    except ValidationError as error:
        raise SettingsInvalid(
            [
                f"{path}: {'.'.join(map(str, e['loc'])) or 'file'}: {plain(e['msg'])}"
                for e in error.errors(include_input=False)
            ]
        ) from None
    accounts = tuple(_account(entry, settings) for entry in entries.accounts)
    lacking = [
        f"{entry.customer_secret_env}: missing; {path} names it as the secret of account {entry.name}"
        for entry, account in zip(entries.accounts, accounts, strict=True)
        if not account.secret.get_secret_value()
    ]
    lacking += [
        f"{path}: account {account.name} speaks current and has no plan; add plan: {_PLANS}"
        for account in accounts
        if account.dialect is Dialect.CURRENT and account.plan is None
    ]
    projects = tuple(Project(**p.model_dump()) for p in entries.projects)
    return Watched(accounts=accounts, projects=projects), lacking


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
    """Return the secret of an account, read from the variable that its entry names."""

    class Named(BaseSettings):
        model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")
        value: SecretStr = Field(NO_SECRET, validation_alias=variable)

    return Named().value
