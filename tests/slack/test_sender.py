"""Sending through Slack's Web API, with every kind of trouble that Slack makes."""

import http.server
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot.clock import Clock
from bot.flows.delivery import Mark, Posted, SlackBusy, SlackRefused, SlackUnreachable
from bot.model.message import Message
from bot.receivers import Poster
from bot.slack.app import web_client
from bot.slack.replies import Replies
from bot.slack.sender import POST_EVERY_S, Sender
from tests.slack.conftest import ROOM, House

MARK = Mark(key="1-f-100", seq=1)
TEXT = Message(text="hello")
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "plain"}}
BAD = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
CHANNEL = f"#{ROOM}"


def test_a_message_is_found_again_by_its_mark(house: House) -> None:
    posted = house.sender.post(CHANNEL, TEXT, MARK, None)
    reply = house.sender.post(posted.channel, TEXT, Mark(key=MARK.key, seq=2), posted.ts)
    fresh = Sender(
        house.sender._client, put=Poster(Clock.steady).post, steady=lambda: 0.0, wait=lambda _s: None
    )
    assert fresh.find(CHANNEL, MARK, None) == posted
    assert fresh.find(posted.channel, Mark(key=MARK.key, seq=2), posted.ts) == reply
    assert fresh.find(CHANNEL, Mark(key="2-f-100", seq=1), None) is None


def test_a_connection_that_drops_after_the_post_says_so_and_the_post_is_found(house: House) -> None:
    house.slack.fault("chat.postMessage", "drop_after")
    with pytest.raises(SlackUnreachable):
        house.sender.post(CHANNEL, TEXT, MARK, None)
    assert house.sender.find(CHANNEL, MARK, None) is not None
    assert len(house.slack.messages(ROOM)) == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("ratelimited", SlackBusy),
        ("http500", SlackUnreachable),
        ("drop_before", SlackUnreachable),
        ("internal_error", SlackUnreachable),
        ("channel_not_found", SlackRefused),
        ("is_archived", SlackRefused),
        ("token_revoked", SlackRefused),
    ],
)
def test_trouble_is_told_apart_by_what_to_do_next(
    house: House, fault: str, expected: type[Exception]
) -> None:
    house.slack.fault("chat.postMessage", fault)
    with pytest.raises(expected):
        house.sender.post(CHANNEL, TEXT, MARK, None)
    assert house.slack.messages(ROOM) == []


def test_busy_tells_how_long_to_wait(house: House) -> None:
    house.slack.fault("chat.postMessage", "ratelimited", retry_after=17)
    with pytest.raises(SlackBusy) as busy:
        house.sender.post(CHANNEL, TEXT, MARK, None)
    assert busy.value.retry_after_s == 17


def test_refused_blocks_fall_back_to_simple_ones_and_then_to_text(house: House) -> None:
    house.sender.post(CHANNEL, Message(text="a", blocks=(BAD,), simple_blocks=(SECTION,)), MARK, None)
    house.sender.post(CHANNEL, Message(text="b", blocks=(BAD,), simple_blocks=(BAD,)), MARK, None)
    first, second = house.slack.messages(ROOM)
    assert [b["type"] for b in first["blocks"]] == ["section"]
    assert (second["text"], second["blocks"]) == ("b", [])


def test_an_edit_replaces_blocks_and_attachments(house: House) -> None:
    bar = {"color": "#a30200", "blocks": [SECTION], "fallback": "x"}
    message = Message(text="a", blocks=(SECTION,), attachments=(bar,))
    posted = house.sender.post(CHANNEL, message, MARK, None)
    house.sender.edit(posted, Message(text="b", blocks=(SECTION,)), MARK)
    (edited,) = house.slack.messages(ROOM)
    assert (edited["text"], edited["attachments"]) == ("b", [])
    assert edited["metadata"]["event_payload"] == {"incident": MARK.key, "seq": 1}


def test_an_edit_of_a_message_that_is_gone_is_a_refusal(house: House) -> None:
    channel = house.sender.post(CHANNEL, TEXT, MARK, None).channel
    with pytest.raises(SlackRefused) as refused:
        house.sender.edit(Posted(channel=channel, ts="1.000001"), TEXT, MARK)
    assert refused.value.code == "message_not_found"


def test_posts_into_a_channel_keep_their_distance(house: House) -> None:
    at, waited = [1000.0], []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        at[0] += seconds

    sender = Sender(house.sender._client, put=Poster(Clock.steady).post, steady=lambda: at[0], wait=wait)
    for _ in range(3):
        sender.post(CHANNEL, TEXT, MARK, None)
    assert waited == pytest.approx([POST_EVERY_S, POST_EVERY_S])


def test_an_unknown_channel_name_says_what_to_check(house: House) -> None:
    with pytest.raises(SlackRefused, match="SLACK_CHANNEL"):
        house.sender.post("#no-such", TEXT, MARK, None)


def test_answers_go_to_slack_only() -> None:
    replies = Replies("https://slack.com/api")
    assert not replies.send("http://127.0.0.1:1/steal", TEXT)
    assert not replies.send("https://evil.example/hooks.slack.com", TEXT)


@pytest.mark.parametrize(
    ("fault", "there"),
    [
        ("missing_scope", None),
        ("channel_not_found", None),
        ("invalid_auth", SlackUnreachable),
        ("ratelimited", SlackBusy),
    ],
)
def test_what_cannot_be_looked_for_now_is_not_taken_for_missing(
    house: House, fault: str, there: type[Exception] | None
) -> None:
    posted = house.sender.post(CHANNEL, TEXT, MARK, None)
    house.slack.fault("conversations.history", fault)
    if there is None:
        assert house.sender.find(posted.channel, MARK, None) is None
    else:
        with pytest.raises(there):
            house.sender.find(posted.channel, MARK, None)


class _Odd(http.server.BaseHTTPRequestHandler):
    """Answers with the bytes of its server, piece by piece."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        for piece in self.server.pieces():  # type: ignore[attr-defined]
            self.wfile.write(piece)
            self.wfile.flush()

    def log_message(self, *_args: object) -> None: ...


@contextmanager
def odd(pieces: Callable[[], Iterable[bytes]]) -> Iterator[Sender]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    server.pieces = pieces  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = web_client(f"http://127.0.0.1:{server.server_port}", "xoxb-1")
    try:
        yield Sender(
            client, put=Poster(Clock.steady).post, steady=Clock.steady, wait=lambda _s: None, deadline_s=0.3
        )
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("body", [b"<html>hi</html>", b"{}", b"[1]", b"null", b'{"ok": false}', b""])
def test_an_answer_that_is_not_slacks_may_have_been_sent(body: bytes) -> None:
    with odd(lambda: [body]) as sender, pytest.raises(SlackUnreachable):
        sender.post(CHANNEL, TEXT, MARK, None)


def test_an_answer_that_comes_in_drops_holds_nobody_up() -> None:
    over = threading.Event()

    def drops() -> Iterator[bytes]:
        while not over.wait(0.05):
            yield b" "

    with odd(drops) as sender:
        with pytest.raises(SlackUnreachable, match=r"no whole answer within 0\.3 s"):
            sender.post(CHANNEL, TEXT, MARK, None)
        over.set()


def test_the_link_to_a_message_is_asked_for_once(house: House) -> None:
    posted = house.sender.post(CHANNEL, TEXT, MARK, None)
    link = house.sender.permalink(posted)
    assert link.startswith("https://")
    assert link.endswith(f"/archives/{posted.channel}/p{posted.ts.replace('.', '')}")
    house.slack.fault("chat.getPermalink", "internal_error")
    assert house.sender.permalink(posted) == link
    assert house.sender.permalink(replace(posted, ts="1.000001")) == ""
