"""Plain words as the commands that they mean."""

import pytest

from bot.flows.conversation import command_in
from bot.flows.incident_words import is_deed
from bot.flows.question import Unclear
from bot.flows.typed import nearest

COMMANDS = ("/agora-call", "/agora-incident", "/agora-rules", "/agora-help")


@pytest.mark.parametrize(
    ("text", "command", "words"),
    [
        ("", "/agora-help", ""),
        ("Hello", "/agora-help", ""),
        ("call lesson-7b 2h", "/agora-call", "lesson-7b 2h"),
        ("/agora-call  x", "/agora-call", "x"),
        ("agora-calls x", "/agora-call", "x"),
        ("call <https://x.example/a|see>", "/agora-call", "https://x.example/a"),
        ("call a &amp; b", "/agora-call", "a &amp; b"),
        ("incident 3 assign <@U1|ada>", "/agora-incident", "3 assign <@U1|ada>"),
    ],
)
def test_the_first_word_names_the_command(text: str, command: str, words: str) -> None:
    assert command_in(COMMANDS, text) == (command, words)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("cal x", "Did you mean `call`?"), ("<!channel>", "I know `call`, `incident`, `rules`, `help`.")],
)
def test_other_words_are_answered_with_what_there_is(text: str, hint: str) -> None:
    with pytest.raises(Unclear) as unclear:
        command_in(COMMANDS, text)
    assert unclear.value.hint == hint


@pytest.mark.parametrize(
    ("text", "deed"),
    [
        ("ack", True),
        ("NOTE x", True),
        ("silence 2h why", True),
        ("silence list", False),
        ('silence alertname="A" 2h x', False),
        ("silence", False),
        ("call x", False),
        ("", False),
    ],
)
def test_in_a_thread_some_words_are_about_its_incident(text: str, deed: bool) -> None:
    assert is_deed(text) is deed


def test_the_nearest_word_keeps_its_case() -> None:
    assert nearest("videofreezehig", ["VideoFreezeHigh", "JoinSlow"]) == " Did you mean `VideoFreezeHigh`?"
    assert nearest("zzz", ["VideoFreezeHigh"]) == ""
