"""The journal of every request to and from the bot, and of what the bot did that Slack refuses."""

import threading
from collections import deque
from collections.abc import Callable, Mapping

from .values import Exchange

KEPT = 500
HIDDEN_HEADERS = {"authorization", "cookie", "x-slack-signature"}
HIDDEN = "[hidden]"


class Journal:
    """Remembers the last ``KEPT`` exchanges without the bot token and the signing secret."""

    def __init__(self, *, secrets: tuple[str, ...], on_entry: Callable[[], None]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)
        self._on_entry = on_entry
        self._lock = threading.Lock()
        self._n = 0
        self._kept: deque[Exchange] = deque(maxlen=KEPT)
        self._violations: list[str] = []

    def record(
        self,
        *,
        at: float,
        took_s: float,
        direction: str,
        method: str,
        status: int,
        headers: Mapping[str, str],
        request: object,
        response: object,
    ) -> None:
        shown = {name: value for name, value in headers.items() if name.lower() not in HIDDEN_HEADERS}
        with self._lock:
            self._n += 1
            self._kept.append(
                Exchange(
                    n=self._n,
                    at=at,
                    direction=direction,
                    method=method,
                    status=status,
                    took_ms=max(0, round(took_s * 1000)),
                    headers={name: self._hide_in_text(value) for name, value in shown.items()},
                    request=self._hide(request),
                    response=self._hide(response),
                )
            )
        self._on_entry()

    def accuse(self, violation: str) -> None:
        """Note something that the bot did and that Slack would refuse."""
        with self._lock:
            self._violations.append(self._hide_in_text(violation))

    def entries(self, after: int = 0) -> list[Exchange]:
        with self._lock:
            return [exchange for exchange in self._kept if exchange.n > after]

    def violations(self) -> list[str]:
        with self._lock:
            return list(self._violations)

    def _hide(self, value: object) -> object:
        match value:
            case str():
                return self._hide_in_text(value)
            case dict():
                return {name: self._hide(item) for name, item in value.items()}
            case list() | tuple():
                return [self._hide(item) for item in value]
        return value

    def _hide_in_text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text
