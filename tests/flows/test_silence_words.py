"""What people type after /agora-silence."""

import pytest

from bot.flows.question import Unclear
from bot.flows.silence_words import Ending, Listing, silence_words
from bot.model.silence import Silence
from tests.conftest import T0


def made(text: str) -> Silence:
    found = silence_words(text, "U1", T0 + 0.5)
    assert isinstance(found, Silence)
    assert (found.starts_at, found.author) == (T0, "U1")
    return found


@pytest.mark.parametrize(
    ("text", "matchers", "lasts_s", "comment"),
    [
        ('alertname="A" 2h why', ('alertname="A"',), 7200, "why"),
        ("alertname=A 1h30m a long story", ("alertname=A",), 5400, "a long story"),
        ('  alertname="A",project!=p  30m  x ', ('alertname="A"', "project!=p"), 1800, "x"),
        ('cname="two words, one comma" 1d x', ('cname="two words, one comma"',), 86_400, "x"),
        ('cname="a \\"b\\"" 1m x', ('cname="a \\"b\\""',), 60, "x"),
        ("alertname=“A” 2h curly quotes", ('alertname="A"',), 7200, "curly quotes"),
        ('a="A" project=~"x&amp;&lt;y&gt;" 2h x', ('a="A"', 'project=~"x&<y>"'), 7200, "x"),
        ("project=∼p.∗ 2h copied from an answer", ("project=~p.*",), 7200, "copied from an answer"),
        ("project = p 2h spaces around", ("project = p",), 7200, "spaces around"),
        ('cname="two  spaces" 2h x', ('cname="two  spaces"',), 7200, "x"),
        ("alertname=A\n2h\nlines", ("alertname=A",), 7200, "lines"),
    ],
)
def test_matchers_a_duration_and_a_reason_make_a_silence(
    text: str, matchers: tuple[str, ...], lasts_s: int, comment: str
) -> None:
    silence = made(text)
    assert silence.matchers == matchers
    assert (silence.ends_at - T0, silence.comment.strip()) == (lasts_s, comment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Listing()),
        (" LIST ", Listing()),
        ("end 3", Ending(silence_id=3)),
        ("expire #12", Ending(silence_id=12)),
    ],
)
def test_other_words_list_and_end(text: str, expected: object) -> None:
    assert silence_words(text, "U1", T0) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("VideoFreezeHigh 2h x", "“VideoFreezeHigh” is not a matcher"),
        ('alertname="A 2h x', "lacks its closing quote"),
        ('alertname="A"b 2h x', "is not a matcher|closing quote"),
        ("alertname=A", "A duration is missing"),
        ("alertname=A soon x", '"soon" is not a duration'),
        ("alertname=A -2h x", '"-2h" is not a duration'),
        ('alertname=~"(" 2h x', "not a regular expression"),
        ("end", "Which silence"),
        ("end all", "Which silence"),
        ("end ３", "Which silence"),
        ("end 99999999999999999999", "Which silence"),
    ],
)
def test_unclear_words_are_answered_with_what_to_write(text: str, sentence: str) -> None:
    with pytest.raises(Unclear, match=sentence) as unclear:
        silence_words(text, "U1", T0)
    assert "/agora-silence" in unclear.value.hint
