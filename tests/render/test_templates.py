"""Operators' templates: they may be replaced, and every mistake is named before it matters."""

import shutil
from pathlib import Path

import pytest

from bot.render import Renderer, TemplatesInvalid
from tests.render.conftest import TEMPLATES

OK = '{"text": "hello", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": %s}}]}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def _problems(folder: Path) -> list[str]:
    with pytest.raises(TemplatesInvalid) as caught:
        Renderer(folder)
    return str(caught.value).splitlines()


def test_an_operators_template_replaces_ours(folder: Path):
    (folder / "notice.j2").write_text(OK % "{{ ('Hear: ' ~ view.sentence) | tojson }}")
    message = Renderer(folder).notice("all is well")
    assert message.blocks[0]["text"]["text"] == "Hear: all is well"


def test_every_missing_and_broken_template_is_named_at_once(folder: Path):
    (folder / "help.j2").unlink()
    (folder / "notice.j2").write_text("{# a #}\n{{ view.sentence ")
    problems = _problems(folder)
    assert [line.split(": ")[0] for line in problems] == ["help.j2", "notice.j2:2"]
    assert "Put it back" in problems[0]
    assert "Correct the Jinja2 syntax" in problems[1]


BROKEN = {
    "an unknown name": ("\n\n{{ view.secret }}", "notice.j2:3: "),
    "not JSON": ('{"text": "a", }', "notice.j2: the output is not JSON"),
    "unquoted text": (OK % "{{ view.sentence }}", "notice.j2: the output is not JSON"),
    "NaN": (OK % "NaN", "is no JSON number"),
    "no text": ('{"blocks": []}', "/text: every message needs a text"),
    "an unknown key": ('{"text": "a", "channel": "C1"}', "unknown keys ['channel']"),
    "an unknown block": (
        '{"text": "a", "blocks": [{"type": "vidoe"}]}',
        "/blocks/0: unknown block type 'vidoe'",
    ),
    "an empty text": (OK % '""', "/blocks/0/text: the text is empty"),
    "a text that is no text object": (
        '{"text": "a", "blocks": [{"type": "section", "text": "hello"}]}',
        "/blocks/0/text: a text object",
    ),
    "a mrkdwn header": (
        '{"text": "a", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "a"}}]}',
        "/blocks/0/text: a text object of type",
    ),
    "too many blocks": (
        '{"text": "a", "blocks": [{% for n in range(51) %}{"type": "divider"}'
        '{{ "," if not loop.last }}{% endfor %}]}',
        "/blocks: 0 to 50 items are allowed here, not 51",
    ),
    "a button without an id": (
        '{"text": "a", "blocks": [{"type": "actions", "elements": [{"type": "button",'
        ' "text": {"type": "plain_text", "text": "x"}}]}]}',
        "/blocks/0/elements/0/action_id: a text of at most 255",
    ),
    "a value that is too long": (
        '{"text": "a", "blocks": [{"type": "actions", "elements": [{"type": "button", "action_id": "a",'
        ' "value": "{{ "x" * 2001 }}", "text": {"type": "plain_text", "text": "x"}}]}]}',
        "/blocks/0/elements/0/value: a text of at most 2000",
    ),
    "the sandbox": ("{{ view.__class__.__mro__ }}", "notice.j2:1: "),
    "dividing by zero": ("{{ 1 / 0 }}", "notice.j2:1: "),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_template_is_refused_with_its_place(text: str, said: str, folder: Path):
    (folder / "notice.j2").write_text(text)
    problems = _problems(folder)
    assert said in problems[0]
    assert all(line.startswith("notice.j2") for line in problems)


def test_a_template_that_is_not_utf8_is_named(folder: Path):
    (folder / "help.j2").write_bytes(b"\xff\xfe")
    assert _problems(folder) == ["help.j2: is not UTF-8 text. Save it as UTF-8"]


def test_long_text_is_cut_not_refused(folder: Path):
    (folder / "notice.j2").write_text(OK % "{{ ('x' * 4000) | tojson }}")
    text = Renderer(folder).notice("a").blocks[0]["text"]["text"]
    assert (len(text) <= 3000, text[-1]) == (True, "…")
