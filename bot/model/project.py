"""Whose data: accounts hold the credentials and the quota, projects the calls."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One App ID under the name that people read in messages."""

    name: str
    app_id: str
    account: str
