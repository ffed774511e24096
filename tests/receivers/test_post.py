"""Posting to other programs: what their answers mean, over real HTTP on this machine."""

import contextlib
import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.flows.notify import Busy, Refused, Unreachable
from bot.receivers import Poster
from bot.receivers.post import DEADLINE_S


def frozen() -> float:
    return 0.0


class Receiver(BaseHTTPRequestHandler):
    """Answers as its path says, and keeps what came."""

    came: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.came.append((self.path, dict(self.headers), body))
        if self.path == "/drop":
            self.connection.close()
            return
        if self.path == "/hang":
            self.rfile.read(1)  # until the other side gives up
            return
        if self.path == "/drip":
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-More: ")
                while True:
                    self.wfile.write(b"1")
            return
        status = int(self.path.rpartition("/")[2])
        self.send_response(status)
        if status in (301, 307):
            self.send_header("Location", "/200")
        if status == 429:
            self.send_header("Retry-After", "17")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    handler = type("Kept", (Receiver,), {"came": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.came  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_taken_arrives_as_it_is(receiver) -> None:
    url, came = receiver
    poster = Poster(frozen)
    poster.post(f"{url}/202", b"{}", {"Content-Type": "application/json", "Idempotency-Key": "7-1"})
    poster.close()
    ((path, headers, body),) = came
    assert (path, body, headers["Idempotency-Key"]) == ("/202", b"{}", "7-1")


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        ("/429", Busy, "17 s"),
        ("/500", Unreachable, "HTTP 500"),
        ("/drop", Unreachable, "does not answer"),
        ("/301", Refused, "redirects"),
        ("/307", Refused, "redirects"),
        ("/400", Refused, "HTTP 400"),
        ("/404", Refused, "HTTP 404"),
    ],
)
def test_an_answer_says_what_to_do(receiver, path: str, error: type[Exception], said: str) -> None:
    url, came = receiver
    poster = Poster(frozen)
    with pytest.raises(error, match=said):
        poster.post(url + path, b"{}", {})
    poster.close()
    assert len(came) == 1, "asked once, and not where a redirect points"


def test_nobody_there_is_unreachable_and_the_address_is_not_told() -> None:
    poster = Poster(frozen)
    with pytest.raises(Unreachable, match="does not answer") as caught:
        poster.post("http://127.0.0.1:9/hooks/secret", b"{}", {})
    poster.close()
    assert "secret" not in str(caught.value)


def test_a_receiver_that_hangs_is_given_up(receiver) -> None:
    url, came = receiver
    poster = Poster(frozen, timeout_s=(1.0, 0.1))
    with pytest.raises(Unreachable, match="does not answer"):
        poster.post(url + "/hang", b"{}", {})
    poster.close()
    assert len(came) == 1, "asked once"


def test_an_answer_without_an_end_is_given_up_at_the_deadline(receiver) -> None:
    url, _ = receiver
    instants = itertools.count(step=DEADLINE_S / 2)
    poster = Poster(lambda: next(instants))
    with pytest.raises(Unreachable, match="ReadTimeout"):
        poster.post(url + "/drip", b"{}", {})
    poster.close()
