"""The real simulator as the page's server, filled from scenes, with a bot behind it that only takes note."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from slack_sdk import WebClient

from bot.simulator.loopback import LoopbackServer
from bot.simulator.slack import SlackSimulator
from bot.simulator.slack.values import Injection

from .scenes import BOT, INJECTIONS, NOW

Json = dict[str, Any]

TOKEN = "xoxb-page"
POST_S = 5.0
ACK_S = 3.0


class Bot:
    """Takes what Slack sends, keeps it as (deed, what was done) and answers once it may."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.may_answer = threading.Event()
        self.reset()
        server = LoopbackServer("127.0.0.1", 0, _handler(self), "page-test-bot")
        self.url = f"http://127.0.0.1:{server.server_port}/slack/events"
        self.close = server.close

    def reset(self) -> None:
        self.heard: list[tuple[str, Json]] = []
        self.status = 200
        self.may_answer.set()

    def hear(self, fields: dict[str, str]) -> None:
        with self._changed:
            payload = fields.get("payload")
            self.heard.append(_click(json.loads(payload)) if payload else _command(fields))
            self._changed.notify_all()

    def wait(self, count: int) -> list[tuple[str, Json]]:
        with self._changed:
            self._changed.wait_for(lambda: len(self.heard) >= count, POST_S)
            return [*self.heard]


class Slack:
    """A fresh simulator for each scene, with the bot connected to it."""

    def __init__(self) -> None:
        self.bot = Bot()
        self.now = NOW
        self.injected: list[str] = []
        self._sim: SlackSimulator | None = None

    @property
    def sim(self) -> SlackSimulator:
        assert self._sim is not None
        return self._sim

    def reset(self, scene: list[list[Json]], *, ack_s: float = ACK_S, port: int = 0) -> str:
        """Begin anew with the messages of a scene; return the address of the page."""
        self.bot.reset()
        self.injected.clear()
        self.stop()
        self._sim = SlackSimulator(
            now=lambda: self.now,
            wall=lambda: NOW + time.perf_counter(),
            signing_secret="page-secret",
            bot_token=TOKEN,
            status=lambda: "1 demo minute = 2 s",
            injections=[self._injection(*one) for one in INJECTIONS],
            enforce_post_rate=False,
            ack_timeout_s=ack_s,
        )
        url = self.sim.start(port=port)
        self.sim.connect(self.bot.url)
        self.client = WebClient(token=TOKEN, base_url=self.sim.api_url, retry_handlers=[])
        self.now = NOW
        for index, messages in enumerate(scene):
            self.say(*messages, channel=index)
        return url

    def say(self, *messages: Json, channel: int = 0) -> None:
        """Post messages at their time; those whose ``ts`` is known are updated."""
        place = f"C{channel + 1:04}"
        known = {one["ts"] for one in self.sim.messages(place)}
        for message in messages:
            if message["ts"] in known:
                self.client.chat_update(channel=place, ts=message["ts"], **_content(message))
                continue
            before, self.now = self.now, float(message["ts"])
            assert self._post(message, place) == message["ts"], "the scene's messages are not in order"
            self.now = before

    def heard(self, count: int = 1) -> list[tuple[str, Json]]:
        """Wait until that much has reached the bot; return (deed, what was done) of all of it."""
        return self.bot.wait(count)

    def stop(self) -> None:
        if self._sim is not None:
            self._sim.stop()
            self._sim = None

    def close(self) -> None:
        self.bot.may_answer.set()
        self.stop()
        self.bot.close()

    def _post(self, message: Json, channel: str) -> str:
        thread_ts = message["thread_ts"]
        if message["user"] != BOT:
            said, user = message["text"], message["user"]
            return self.sim.say(said, channel=channel, user=user, thread_ts=thread_ts)
        told = {"channel": channel, "thread_ts": thread_ts, **_content(message)}
        if message["ephemeral_to"]:
            return self.client.chat_postEphemeral(user=message["ephemeral_to"], **told)["message_ts"]
        return self.client.chat_postMessage(**told)["ts"]

    def _injection(self, name: str, title: str, description: str) -> Injection:
        return Injection(
            name=name, title=title, description=description, run=lambda: self.injected.append(name)
        )


def _content(message: Json) -> Json:
    content = {name: message[name] for name in ("blocks", "attachments") if message[name]}
    return {"text": message["text"] or "what a notification shows", **content}


def _command(fields: dict[str, str]) -> tuple[str, Json]:
    return "command", {
        "channel": fields["channel_id"],
        "text": f"{fields['command']} {fields.get('text', '')}".strip(),
    }


def _click(payload: Json) -> tuple[str, Json]:
    action = payload["actions"][0]
    return "click", {
        "channel": payload["channel"]["id"],
        "ts": payload["container"]["message_ts"],
        "action_id": action["action_id"],
        "block_id": action["block_id"],
        "value": action["value"] if "value" in action else action["selected_option"]["value"],
    }


def _handler(bot: Bot) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            bot.hear({name: values[0] for name, values in parse_qs(body).items()})
            bot.may_answer.wait(POST_S)
            self.send_response(bot.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    return Handler
