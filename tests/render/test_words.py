import pytest

from bot.render import words
from bot.render.table import monospaced


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400, "1 d"),
        (97_200, "1 d 3 h"),
        (-5, "0 s"),
    ],
)
def test_durations(seconds, expected):
    assert words.duration(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12.34, "12.3"),
        (10.0, "10"),
        (0.04, "0.04"),
        (0.0, "0"),
        (-0.001, "0"),
        (1234.5, "1,234"),
        (100.0, "100"),
        (None, "no data"),
        (float("nan"), "no data"),
        (float("inf"), "no data"),
    ],
)
def test_numbers(value, expected):
    assert words.number(value) == expected


def test_a_value_without_data_has_no_unit():
    assert (words.amount(1.5, "%"), words.amount(2, ""), words.amount(None, "%")) == ("1.5 %", "2", "no data")


@pytest.mark.parametrize(
    ("alert", "expected"),
    [
        ("VideoFreezeHigh", "Video freeze high"),
        ("JoinSlow", "Join slow"),
        ("HighCPULoad", "High CPU load"),
        ("my_alert", "my alert"),
        ("", "Alert"),
        ("OneSenderHurtsChannel", "One sender hurts channel"),
    ],
)
def test_alert_names_become_words(alert, expected):
    assert words.title_of(alert) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lesson_algebra_7b", "lesson_algebra_7b"),
        ("_italic_", "ˍitalicˍ"),
        ("*bold*", "∗bold∗"),
        ("`code`", "'code'"),
        ("<@U1> & co", "&lt;@U1&gt; &amp; co"),
        ("a\nb\tc\x00d", "a b c d"),
        ("\u202eevil", "evil"),
        (":tada:", ":\u200btada:"),
        ("x" * 9, "xxxx…"),
    ],
)
def test_other_peoples_text_shows_as_typed(text, expected):
    assert words.plain(text, 5 if text.startswith("xx") else 500) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lesson", "`lesson`"),
        ("a`b", "`a'b`"),
        ("<b>&", "`&lt;b&gt;&amp;`"),
        (" \n", "(no name)"),
        ("*a*", "`*a*`"),
    ],
)
def test_names_are_code(name, expected):
    assert words.code(name) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Write `assign me`.", "Write `assign me`."),
        ("`/agora-call <cname>` asks *all*", "`/agora-call &lt;cname&gt;` asks ∗all∗"),
        ("one ` alone <!here>", "one ' alone &lt;!here&gt;"),
        ("“`<!channel>`” `2h` ", "“`&lt;!channel&gt;`” `2h`"),
        ("a `b` `c` d", "a `b` `c` d"),
        ("", ""),
    ],
)
def test_a_sentence_keeps_its_code_and_nothing_else(text: str, shown: str):
    assert words.sentence(text, 100) == shown


def test_many_names_are_counted():
    assert words.codes(["a", "b", "c"], 2) == "`a`, `b` and 1 more"


def test_only_slack_users_are_mentioned():
    assert words.mention("U012ABC") == "<@U012ABC>"
    assert words.mention("!channel") == "!channel"
    assert words.mention("U1> <!here") == "U1&gt; &lt;!here"


def test_instants_are_date_tokens_with_utc_as_fallback():
    assert words.moment(0) == "<!date^0^{date_short_pretty} {time}|1970-01-01 00:00 UTC>"


def test_tables_line_up_whatever_the_script():
    text = monospaced(("Name", "n"), [("日本", "1"), ("a`<", "22")], right=frozenset({1}))
    assert text == "```Name   n\n日本   1\na'&lt;   22```"
