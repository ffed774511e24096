"""Ask Slack whether the token, its scopes and the channel of the alerts are good."""

import http.client
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.model.finding import Finding, doubtful, ill, well

NEEDED = frozenset({"chat:write", "commands"})
_TWICE = "after a crash an alert may come twice"
WANTED = {
    "app_mentions:read": "the bot does not hear its name",
    "channels:history": _TWICE,
    "channels:read": _TWICE,
    "files:write": "verdicts go without pictures",
    "groups:history": _TWICE,
    "groups:read": _TWICE,
    "im:history": "the bot does not hear direct messages",
}
"""Scopes that the bot can do without, and what is then (docs/adr/0004, 0011)."""
INSTALL = "Add them as in docs/slack-manifest.yml and install the app again."


class Checkup:
    """One look at one workspace. ``skew_s`` is known after ``findings`` where Slack answered."""

    def __init__(self, client: WebClient, channel: str, wall: float) -> None:
        self._client = client
        self._channel = channel
        self._wall = wall
        self.skew_s: float | None = None

    def findings(self) -> Iterator[Finding]:
        """Yield what Slack says of token, scopes and channel."""
        try:
            told, headers = self._ask("auth.test", {})
        except _Trouble as trouble:
            yield ill("Slack token", str(trouble), "Check SLACK_BOT_TOKEN and SLACK_API_URL.")
            return
        self.skew_s = _skew_s(headers.get("date", ""), self._wall)
        yield well("Slack token", f"{told.get('user', 'the bot')} in {told.get('team', 'the workspace')}")
        yield _scopes(headers.get("x-oauth-scopes"))
        yield self._membership()

    def _membership(self) -> Finding:
        what = f"channel {self._channel}"
        try:
            channel = self._found()
        except _Trouble as trouble:
            return doubtful(
                what, str(trouble), "Alerts are tried anyway; use the channel's id, like C0123ABCD."
            )
        if channel is None:
            return ill(what, "is not there", "Check SLACK_CHANNEL, and invite the bot to private channels.")
        if channel.get("is_archived"):
            return ill(what, "is archived", "Set SLACK_CHANNEL to another.")
        if not channel.get("is_member", False):
            return ill(what, "the bot is not in it", "Write /invite @agora-bot in the channel.")
        return well(what, f"#{channel.get('name', '?')}, the bot is in it")

    def _found(self) -> Mapping[str, Any] | None:
        if not self._channel.startswith("#"):
            try:
                return dict(self._ask("conversations.info", {"channel": self._channel})[0]["channel"])
            except _Trouble as trouble:
                if trouble.code == "channel_not_found":
                    return None
                raise
        body = {"limit": 999, "exclude_archived": False, "types": "public_channel,private_channel"}
        listed = self._ask("conversations.list", body)[0].get("channels", [])
        return next((c for c in listed if f"#{c.get('name')}" == self._channel), None)

    def _ask(self, method: str, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        try:
            response = self._client.api_call(method, json=body)
        except SlackApiError as error:
            code = str(error.response.get("error", "") if isinstance(error.response.data, dict) else "")
            raise _Trouble(code, f"Slack answered {code or error.response.status_code}") from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            raise _Trouble("", f"Slack cannot be reached ({type(error).__name__})") from None
        headers = {name.lower(): str(value) for name, value in response.headers.items()}
        return (response.data if isinstance(response.data, dict) else {}), headers


class _Trouble(Exception):
    """Slack did not answer what was asked."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def _scopes(told: str | None) -> Finding:
    what = "Slack scopes"
    if told is None:
        return doubtful(
            what, "Slack did not say which the token has", "Compare with docs/slack-manifest.yml."
        )
    granted = {scope.strip() for scope in told.split(",")}
    if lacking := sorted(NEEDED - granted):
        return ill(what, f"missing: {', '.join(lacking)}", INSTALL)
    if lacking := sorted(WANTED.keys() - granted):
        then = " and ".join(dict.fromkeys(WANTED[scope] for scope in lacking))
        return doubtful(what, f"missing: {', '.join(lacking)}; {then}", INSTALL)
    return well(what, "all that the bot uses")


def _skew_s(date: str, wall: float) -> float | None:
    try:
        return wall - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        return None
