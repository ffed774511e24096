"""Whatever stands in names and texts, the message is valid and within the limits."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.call import Call, CallDetails, CallSearch
from bot.model.incident import Card, Line, MessageKind
from bot.model.message import Trend
from bot.model.verdict import Affected, Severity, labels
from bot.render import Renderer
from bot.render.samples import DETAILS, FIRING, INCIDENT, LISTING, NOW
from tests.render.checks import check

MARKUP = st.text(alphabet="<>&`*_~|!@#^{}:;\\\"'\n\u0000\u202e\u200b ab1", max_size=200)
TEXT = st.one_of(
    st.text(max_size=100),
    MARKUP,
    st.builds(lambda t, n: t * n, st.text(min_size=1, max_size=5), st.integers(1, 1500)),
)
NUMBER = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
FAST = settings(
    max_examples=60, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FAST
@given(texts=st.lists(TEXT, min_size=8, max_size=8), value=NUMBER, peak=NUMBER, threshold=NUMBER)
def test_any_incident_gives_a_valid_message(texts, value, peak, threshold, renderer: Renderer):
    alert, project, cname, user, host, summary, description, url = texts
    incident = replace(
        FIRING,
        alertname=alert,
        project=project,
        labels=labels(project=project, cname=cname, other=host),
        value=value,
        peak=peak,
        threshold=threshold,
        affected=Affected(
            events=1, users=(user, host) * 20, channels=(cname,) * 9, hosts=(host,) * 5, factors=((18, 3),)
        ),
        annotations={"summary": summary, "description": description, "runbook_url": url},
    )
    points = ((NOW - 120, value or 0.0), (NOW - 60, 1.0), (NOW, 2.0))
    trend = Trend(title=summary, unit=host[:3], points=points, threshold=threshold)
    taken = replace(INCIDENT, acked_by=user, acked_at=NOW)
    other = replace(incident, id=1, labels=labels(project=project), alertname=host)
    check(renderer.root(Card(incident=taken, alerts=(incident,), lead=incident, trend=trend), now=NOW))
    several = Card(
        incident=taken,
        alerts=(other, *(replace(incident, id=n + 2) for n in range(12))),
        lead=other,
        covered_by={1: (summary,)},
        flaps=5,
    )
    check(renderer.root(several, now=NOW, mention=url))
    for kind in set(MessageKind) - {MessageKind.EDIT}:
        joined = (1, 2, 3, 4, 5, 6)
        line = Line(kind=kind, at=NOW, severity=Severity.INFO, value=value, actor=user, joined=joined)
        check(renderer.reply(several, line, now=NOW))


@FAST
@given(cname=TEXT, project=TEXT, call_id=TEXT, how_many=st.integers(0, 45))
def test_any_call_list_gives_a_valid_message(cname, project, call_id, how_many, renderer: Renderer):
    call = Call(call_id=call_id, cname=cname, started_at=NOW - 60, ended_at=None)
    search = CallSearch(calls=(call,) * how_many, complete=False)
    listing = replace(LISTING, cname=cname, found=((project, search),))
    check(renderer.call_list(listing))


@FAST
@given(texts=st.lists(TEXT, min_size=6, max_size=6), how_many=st.integers(0, 400))
def test_any_call_gives_a_valid_message(texts, how_many, renderer: Renderer):
    cname, uid, network, platform, device, sdk = texts
    session = replace(
        DETAILS.sessions[0], uid=uid, network=network, platform=platform, device=device, sdk=sdk, left_at=None
    )
    call = replace(DETAILS.call, cname=cname, call_id=uid)
    details = CallDetails(call=call, sessions=(session,) * how_many, series=DETAILS.series, cut=True)
    check(renderer.call_details(network, details, now=NOW))


@FAST
@given(sentence=TEXT, hint=TEXT)
def test_any_notice_gives_a_valid_message(sentence, hint, renderer: Renderer):
    check(renderer.notice(sentence, hint))
