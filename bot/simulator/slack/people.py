"""The people of the pretend workspace, two time zones apart, and its bots."""

from dataclasses import dataclass

BOT_USER = "U_BOT"
BOT_NAME = "agora-bot"
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str
    name: str
    real_name: str
    color: str
    tz: str
    is_bot: bool = False


USERS = {
    user.id: user
    for user in (
        User(id="U_ALICE", name="alice", real_name="Alice Adler", color="#4a7fb5", tz="Europe/Berlin"),
        User(id="U_BOB", name="bob", real_name="Bob Baker", color="#b5654a", tz="America/New_York"),
        User(id=BOT_USER, name=BOT_NAME, real_name="Agora bot", color="#2f7d5b", tz="Etc/UTC", is_bot=True),
        User(id=SLACKBOT, name="slackbot", real_name="Slackbot", color="#757575", tz="Etc/UTC", is_bot=True),
    )
}
GROUPS = {"S_OPS": ("U_ALICE",)}
"""The user groups, each with its people."""
