"""What every page of the door speaks: WSGI, and one way to answer."""

from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


def answer(start_response: StartResponse, status: str, body: str, kind: str = "text/plain") -> list[bytes]:
    """Answer with a whole body."""
    content = body.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(content)))])
    return [content]


def no_such_page(start_response: StartResponse) -> list[bytes]:
    return answer(start_response, "404 Not Found", "no such page\n")
