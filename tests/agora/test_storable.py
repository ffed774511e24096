"""What a database could not hold is cut or left out; the rest of the answer stays."""

from bot.agora.beta import diagnosis_answer
from bot.agora.call_rows import CALL_ID_AT_MOST, calls_answer
from bot.agora.current import call_page
from bot.agora.wire import CNAME_AT_MOST, UID_AT_MOST, open_envelope
from bot.model.call import CallSearch
from bot.model.time import Window


def test_odd_diagnosis_rows_do_not_cost_the_feed() -> None:
    body = (
        b'{"code":200,"data":['
        b'{"ts":1700000000,"user":"' + b"9" * 100 + b'","exp_id":4,"cname":"a\\u0000b","cause_tags":[]},'
        b'{"ts":1700000001,"user":"2","exp_id":1099511627776,"cname":"c"},'
        b'{"ts":1700000002,"user":"3","exp_id":5,"cname":"' + b"x" * 9000 + b'"}]}'
    )
    events = diagnosis_answer(open_envelope(body)).events
    assert [(e.cname, len(e.user)) for e in events] == [("ab", UID_AT_MOST), ("x" * CNAME_AT_MOST, 1)]


def test_odd_calls_do_not_cost_the_feed() -> None:
    body = (
        b'{"code":200,"has_more":false,"call_lists":['
        b'{"call_id":"a\\u0000' + b"9" * 100 + b'","cname":null,"created_ts":1700000000,'
        b'"destroyed_ts":1700000009,"finished":true,"call_pcu":99999999999,"call_acu":2},'
        b'{"call_id":"b","cname":7,"created_ts":1700000005,"destroyed_ts":1700000001,"finished":true},'
        b'{"call_id":"c","cname":"c","created_ts":1700000000,"destroyed_ts":1.7e30,"finished":true},'
        b'{"call_id":"d","cname":"c","created_ts":1700000000,"destroyed_ts":null,"finished":true}]}'
    )
    calls = call_page(open_envelope(body), 1).items
    found = calls_answer(CallSearch(calls=calls, complete=True), Window(start=1, end=2))
    assert [(len(c.call_id), c.cname, c.duration_s, c.pcu, c.acu) for c in found.finished] == [
        (CALL_ID_AT_MOST, "", 9, None, 2),
        (1, "7", 0, None, None),
    ]
    assert [call.started_at for call in found.running] == [1700000000]
