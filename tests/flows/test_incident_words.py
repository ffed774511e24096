"""What people type after /agora-incident and /agora-incidents."""

import pytest

from bot.flows.incident_words import Deed, IncidentWish, incident_wish, since_of
from bot.flows.question import Unclear


def wish(text: str) -> IncidentWish:
    return incident_wish(text, "U1")


@pytest.mark.parametrize(
    ("text", "deed", "about", "seconds"),
    [
        ("12", Deed.SHOW, "", 0),
        ("#12", Deed.SHOW, "", 0),
        ("12 show", Deed.SHOW, "", 0),
        ("12 ack", Deed.ACKNOWLEDGE, "", 0),
        ("12  ACKNOWLEDGE ", Deed.ACKNOWLEDGE, "", 0),
        ("12 assign me", Deed.ASSIGN, "U1", 0),
        ("12 assign <@U2|ada>", Deed.ASSIGN, "U2", 0),
        ("12 assign <@W2>", Deed.ASSIGN, "W2", 0),
        ("12 note two  words", Deed.NOTE, "two  words", 0),
        (
            "12 note <@U2|ada> saw &lt;b&gt; in <#C1|lab>, <https://x.example/a|wiki>",
            Deed.NOTE,
            "@ada saw <b> in #lab, https://x.example/a",
            0,
        ),
        ("12 note <!here> <!subteam^S1|@ops>", Deed.NOTE, "@here @subteam", 0),
        ("12 link 8f2c71d09be44a1c", Deed.LINK, "8f2c71d09be44a1c", 0),
        (
            "12 link <https://console.agora.io/analytics/call/qoe?id=8f2c71d09be4&amp;tab=2>",
            Deed.LINK,
            "8f2c71d09be4",
            0,
        ),
        ("12 snooze", Deed.SNOOZE, "", 3600),
        ("12 snooze 1h30m", Deed.SNOOZE, "", 5400),
        ("12 silence 2h the network is rebuilt", Deed.SILENCE, "the network is rebuilt", 7200),
        ("12 resolve", Deed.RESOLVE, "", 0),
        ("12 close", Deed.RESOLVE, "", 0),
    ],
)
def test_a_number_and_a_verb_say_what_to_do(text: str, deed: Deed, about: str, seconds: int) -> None:
    assert wish(text) == IncidentWish(incident_id=12, deed=deed, about=about, seconds=seconds)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Which incident"),
        ("twelve", "“twelve” is not the number of an incident"),
        ("-1", "not the number"),
        ("١٢", "not the number"),
        ("1234567890", "not the number"),
        ("12 asign @ada", "Did you mean `assign`"),
        ("12 dance", "I do not know how to “dance” an incident"),
        ("12 ack now", "“now” is more than `ack` needs"),
        ("12 assign", "Assign it to whom"),
        ("12 assign @ada", "“@ada” is nobody that I can find"),
        ("12 assign <@U2> <@U3>", "nobody that I can find"),
        ("12 note", "The note is empty"),
        ("12 note " + "x" * 1001, "1001 characters"),
        ("12 link", "Which call"),
        ("12 link https://evil.example/?x=1", "Which call"),
        ("12 snooze soon", "is not a duration"),
        ("12 snooze 30d", "a minute to seven days"),
        ("12 snooze 5s", "a minute to seven days"),
        ("12 silence", "is not a duration"),
        ("12 <!channel>", "“@channel” an incident"),
    ],
)
def test_what_is_unclear_is_answered_with_what_to_write(text: str, sentence: str) -> None:
    with pytest.raises(Unclear) as refused:
        wish(text)
    assert sentence in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("text", "back_s"), [("", None), (" Open ", None), ("24h", 86_400), ("7d", 7 * 86_400), ("90m", 5400)]
)
def test_a_list_is_of_what_is_open_or_of_a_time(text: str, back_s: int | None) -> None:
    assert since_of(text) == back_s


@pytest.mark.parametrize("text", ["yesterday", "7 d", "٧d", "closed", "-1h"])
def test_another_list_is_refused_with_the_usage(text: str) -> None:
    with pytest.raises(Unclear, match="neither `open` nor a span") as refused:
        since_of(text)
    assert "/agora-incidents 24h" in refused.value.hint
