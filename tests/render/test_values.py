import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.call import Call
from bot.render import Value

INSTANT = st.integers(0, 2**40)
NAME = st.text(st.characters(exclude_categories=["Cs"]), max_size=64)


@given(project=NAME, cname=NAME, call_id=NAME, start=INSTANT, end=st.none() | INSTANT)
def test_a_call_comes_back_as_it_went(project, cname, call_id, start, end):
    call = Call(call_id=call_id, cname=cname, started_at=start, ended_at=end)
    text = Value.encode_call(project, call)
    assert Value.decode_call(text) == (project, call)
    assert len(text) <= 2000


def test_incidents_and_searches_come_back_as_they_went():
    assert Value.decode_incident(Value.encode_incident(42, 7)) == (42, 7)
    assert Value.decode_older(Value.encode_older("täst", 10, 20)) == ("täst", 10, 20)


def test_the_form_is_compact_and_has_a_version():
    assert Value.encode_incident(42, 7) == '{"v":1,"id":42,"version":7}'


GARBAGE = [
    "",
    "null",
    "[]",
    "{",
    "42",
    '{"v":1}',
    '{"v":2,"id":1,"version":1}',
    '{"v":1,"id":"1","version":1}',
    '{"v":1,"id":1,"version":1,"x":1}',
    '{"v":1,"id":1.5,"version":1}',
    '{"v":1,"id":1,"version":null}',
]


@pytest.mark.parametrize("text", GARBAGE)
@pytest.mark.parametrize("decode", [Value.decode_incident, Value.decode_call, Value.decode_older])
def test_anything_else_is_refused(text, decode):
    with pytest.raises(ValueError, match="not the value of"):
        decode(text)


def test_what_slack_would_not_carry_is_refused_when_it_is_written():
    with pytest.raises(ValueError, match="does not fit a button"):
        Value.encode_call("demo", Call(call_id="1", cname="x" * 2000, started_at=1, ended_at=None))
