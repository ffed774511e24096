"""What a database could not hold is cut or left out; the rest of the answer stays."""

from bot.agora.beta import diagnosis_answer
from bot.agora.wire import CNAME_AT_MOST, UID_AT_MOST, open_envelope


def test_odd_diagnosis_rows_do_not_cost_the_feed() -> None:
    body = (
        b'{"code":200,"data":['
        b'{"ts":1700000000,"user":"' + b"9" * 100 + b'","exp_id":4,"cname":"a\\u0000b","cause_tags":[]},'
        b'{"ts":1700000001,"user":"2","exp_id":1099511627776,"cname":"c"},'
        b'{"ts":1700000002,"user":"3","exp_id":5,"cname":"' + b"x" * 9000 + b'"}]}'
    )
    events = diagnosis_answer(open_envelope(body)).events
    assert [(e.cname, len(e.user)) for e in events] == [("ab", UID_AT_MOST), ("x" * CNAME_AT_MOST, 1)]
