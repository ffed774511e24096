"""Whose data: accounts hold the credentials and the quota, projects the calls."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One App ID under the name that people read in messages.

    ``console_name`` is its name in Agora's console, where that is another one.
    """

    name: str
    app_id: str
    account: str
    console_name: str = ""
