"""Routes as Alertmanager goes them, calendars as it reads them, and problems at their places."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import RulesInvalid, Source, load
from bot.rules.routing import Match, examine_routing, is_active, load_routing, receivers_for
from bot.rules.routing_grammar import RoutingSpec

TREE = """\
version: 1
route:
  receiver: quality
  group_by: [project, alertname]
  group_wait: 10s
  repeat_interval: 2h
  routes:
    - {receiver: incidents, matchers: ['severity="critical"'], continue: true, group_wait: 0s,
       escalate_after: 15m, escalate_to: oncall}
    - receiver: demo
      matchers: ['project=~"demo-.*"']
      mute_time_intervals: [nights]
      routes:
        - {receiver: freezes, matchers: ['alertname=~"Video.*|Audio.*"']}
    - {receiver: quality}
receivers:
  - {name: quality, slack_configs: [{channel: "#rtc-quality"}]}
  - {name: incidents, slack_configs: [{channel: "#rtc-incidents", mention: "@here"}]}
  - {name: demo, slack_configs: [{channel: "#demo"}]}
  - {name: freezes, slack_configs: [{channel: "#demo"}]}
  - {name: oncall, slack_configs: [{channel: C0123}]}
inhibit_rules:
  - {source_matchers: ['alertname="Outage"'], target_matchers: ['alertname="Freeze"'], equal: [project]}
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: "22:00", end_time: "24:00"}], location: Asia/Shanghai}]
"""


def routing(text: str = TREE) -> RoutingSpec:
    return load_routing(Source("routing.yml", text))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param({"severity": "warning"}, ["quality"], id="the last route takes the rest"),
        pytest.param({"severity": "critical"}, ["incidents", "quality"], id="continue goes on"),
        pytest.param({"project": "demo-1"}, ["demo"], id="the first match ends it"),
        pytest.param(
            {"project": "demo-1", "alertname": "VideoFreeze"}, ["freezes"], id="the deepest takes it"
        ),
        pytest.param({"project": "demo-1", "severity": "critical"}, ["incidents", "demo"], id="both"),
        pytest.param({}, ["quality"], id="no labels at all"),
    ],
)
def test_the_way_of_labels(labels: dict[str, str], expected: list[str]) -> None:
    assert [match.receiver for match in receivers_for(routing(), labels)] == expected


def test_what_a_route_does_not_say_it_has_from_above() -> None:
    first, second = receivers_for(routing(), {"severity": "critical"})
    assert first == Match(
        receiver="incidents",
        path=(0,),
        group_by=("project", "alertname"),
        group_wait_s=0,
        repeat_interval_s=7200,
        escalate_after_s=900,
        escalate_to="oncall",
    )
    assert (second.group_wait_s, second.escalate_to, second.path) == (10, None, (2,))


def test_the_root_takes_what_no_route_does() -> None:
    text = TREE.replace("    - {receiver: quality}\n", "")
    assert [m.path for m in receivers_for(routing(text), {"severity": "warning"})] == [()]


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


DAY = '{start_time: "09:00", end_time: "17:00"}'


@pytest.mark.parametrize(
    ("spec", "instant", "expected"),
    [
        pytest.param(
            'times: [{start_time: "09:00", end_time: "17:00"}]', "2026-11-23T09:00", True, id="start"
        ),
        pytest.param(
            'times: [{start_time: "09:00", end_time: "17:00"}]', "2026-11-23T17:00", False, id="end"
        ),
        pytest.param("weekdays: ['monday:friday']", "2026-11-23T12:00", True, id="a Monday"),
        pytest.param("weekdays: [saturday, sunday]", "2026-11-23T12:00", False, id="no weekend"),
        pytest.param("days_of_month: ['-1']", "2026-11-30T12:00", True, id="the last day"),
        pytest.param("days_of_month: ['-3:-1']", "2026-11-27T12:00", False, id="before the last three"),
        pytest.param("days_of_month: [1, '15:20']", "2026-11-16T12:00", True, id="a range of days"),
        pytest.param("days_of_month: ['31']", "2026-11-30T12:00", False, id="no such day"),
        pytest.param("months: [november]", "2026-11-23T12:00", True, id="a month"),
        pytest.param("months: ['1:3']", "2026-11-23T12:00", False, id="months by number"),
        pytest.param("years: ['2026:2027']", "2026-11-23T12:00", True, id="years"),
        pytest.param("years: ['2027']", "2026-11-23T12:00", False, id="another year"),
        pytest.param(
            'times: [{start_time: "00:00", end_time: "09:00"}], location: Asia/Shanghai',
            "2026-11-23T16:30",
            True,
            id="half past midnight in Shanghai",
        ),
        pytest.param("weekdays: [monday], months: [may]", "2026-11-23T12:00", False, id="all keys must hold"),
    ],
)
def test_calendars(spec: str, instant: str, expected: bool) -> None:
    text = TREE[: TREE.index("time_intervals:\n")]
    text = text.replace("      mute_time_intervals: [nights]\n", "")
    found = routing(text + f"time_intervals: [{{name: t, time_intervals: [{{{spec}}}]}}]\n")
    assert is_active(found.time_intervals[0], at(instant)) is expected


BERLIN, HOWE = "location: Europe/Berlin", "location: Australia/Lord_Howe"


@pytest.mark.parametrize(
    ("spec", "instant", "expected"),
    [
        pytest.param(
            ("02:00", "03:00", BERLIN), "2026-03-29T00:59:59", False, id="before the hour that is not"
        ),
        pytest.param(("02:00", "03:00", BERLIN), "2026-03-29T01:00", False, id="the hour that is not"),
        pytest.param(("03:00", "04:00", BERLIN), "2026-03-29T01:00", True, id="the hour after it"),
        pytest.param(("02:00", "03:00", BERLIN), "2026-10-25T00:30", True, id="the hour that comes twice"),
        pytest.param(("02:00", "03:00", BERLIN), "2026-10-25T01:30", True, id="its second time"),
        pytest.param(("02:00", "03:00", BERLIN), "2026-10-25T02:00", False, id="after both"),
        pytest.param(
            ("01:00", "02:00", "location: America/New_York"), "2026-11-01T05:30", True, id="twice in New York"
        ),
        pytest.param(
            ("01:00", "02:00", "location: America/New_York"),
            "2026-11-01T06:59",
            True,
            id="its second time there",
        ),
        pytest.param(("01:30", "02:00", HOWE), "2026-04-04T14:45", True, id="half an hour of Lord Howe"),
        pytest.param(("01:30", "02:00", HOWE), "2026-04-04T15:15", True, id="that comes twice"),
        pytest.param(("01:30", "02:00", HOWE), "2026-04-04T15:30", False, id="and is over"),
        pytest.param(
            ("00:00", "24:00", "days_of_month: ['-1'], months: [february]"),
            "2028-02-29T23:59",
            True,
            id="a leap day is the last",
        ),
        pytest.param(
            ("00:00", "24:00", "days_of_month: ['-1'], months: [february]"),
            "2028-02-28T12:00",
            False,
            id="the day before it is not",
        ),
        pytest.param(
            ("00:00", "24:00", "days_of_month: ['-1']"), "2026-02-28T12:00", True, id="no leap year"
        ),
        pytest.param(
            ("00:00", "24:00", "days_of_month: ['29:31']"), "2026-02-28T12:00", False, id="no such days"
        ),
        pytest.param(
            ("00:00", "24:00", "days_of_month: ['-31:-30']"), "2026-02-01T12:00", False, id="nor from the end"
        ),
        pytest.param(
            ("00:00", "24:00", "years: [2026], location: Pacific/Auckland"),
            "2026-12-31T10:59",
            True,
            id="the last minute of a year",
        ),
        pytest.param(
            ("00:00", "24:00", "years: [2026], location: Pacific/Auckland"),
            "2026-12-31T11:00",
            False,
            id="the year begins in Auckland",
        ),
    ],
)
def test_calendars_where_clocks_change(spec: tuple[str, str, str], instant: str, expected: bool) -> None:
    text = TREE[: TREE.index("time_intervals:\n")].replace("      mute_time_intervals: [nights]\n", "")
    start, end, more = spec
    times = f'times: [{{start_time: "{start}", end_time: "{end}"}}], {more}'
    found = routing(text + f"time_intervals: [{{name: t, time_intervals: [{{{times}}}]}}]\n")
    assert is_active(found.time_intervals[0], at(instant)) is expected


@given(st.floats(0, 4e9))
def test_an_interval_and_what_it_leaves_out_are_the_whole_day(instant: float) -> None:
    inside = 'times: [{start_time: "08:00", end_time: "20:00"}]'
    outside = 'times: [{start_time: "00:00", end_time: "08:00"}, {start_time: "20:00", end_time: "24:00"}]'
    text = TREE[: TREE.index("time_intervals:\n")].replace("      mute_time_intervals: [nights]\n", "")
    both = ", ".join(f"{{name: {n}, time_intervals: [{{{s}}}]}}" for n, s in (("a", inside), ("b", outside)))
    first, second = routing(text + f"time_intervals: [{both}]\n").time_intervals
    assert is_active(first, instant) is not is_active(second, instant)
    assert is_active(first, instant) is (8 <= datetime.fromtimestamp(instant, UTC).hour < 20)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("receiver: demo\n", "receiver: dem\n", '10:17: unknown receiver "dem"; did you mean "demo"?'),
        ("escalate_to: oncall", "escalate_to: nobody", "unknown receiver"),
        ("repeat_interval: 2h", "repeat_interval: 0s", '6:20: "0s" would tell without end; write 1m or more'),
        (", escalate_to: oncall", "", "9:8: escalate_after needs escalate_to beside it"),
        ("[nights]", "[nites]", 'unknown time interval "nites"; did you mean "nights"?'),
        ("  receiver: quality\n  group", "  group", 'the key "receiver" is missing'),
        ("  group_wait: 10s", "  matchers: ['a=b']", "the root takes everything; move matchers"),
        ("group_wait: 10s", "group_wait: soon", '"soon" is not a duration'),
        ("repeat_interval: 2h", "repeat_intervall: 2h", 'did you mean "repeat_interval" or'),
        ('"#rtc-quality"', '"rtc-quality"', "is no channel"),
        ("Asia/Shanghai", "Asia/Nowhere", "is no time zone"),
        ('"22:00"', "22:00h", "is no time of day"),
        ('"24:00"}', '"06:00"}', '"06:00" is not after "22:00"; write two'),
        ("[{times:", "[{days_of_month: ['-3:2'], times:", "begins at the end of a month"),
        ("[{times:", "[{days_of_month: [32], times:", "from -31 to 31"),
        ("- {name: demo,", "- {name: quality,", '"quality" is there twice'),
        ('alertname="Outage"', "Outage", "is not a matcher"),
    ],
)
def test_problems_are_told_at_their_places(old: str, new: str, expected: str) -> None:
    assert old in TREE
    with pytest.raises(RulesInvalid) as refused:
        routing(TREE.replace(old, new, 1))
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("group_by: [project, alertname]", "group_by: [project, severity]", "route/group_by"),
        (
            "    - {receiver: incidents",
            "    - {receiver: demo}\n    - {receiver: incidents",
            "route/unreachable",
        ),
        (
            "target_matchers: ['alertname=\"Freeze\"']",
            "target_matchers: ['alertname=\"Outage\"']",
            "inhibit/order",
        ),
        ("  - {name: demo,", "  - {name: nobody, slack_configs: [{}]}\n  - {name: demo,", "route/unused"),
        ('  - {name: freezes, slack_configs: [{channel: "#demo"}]}', "  - {name: freezes}", "route/silent"),
        (
            "escalate_to: oncall}",
            "escalate_to: incidents}\n    - {receiver: oncall, matchers: [a=b]}",
            "route/silent",
        ),
        ("      mute_time_intervals: [nights]\n", "", "route/unused"),
        (
            "        - {receiver: freezes,",
            "        - {receiver: demo, matchers: ['a=b']}\n"
            "        - {receiver: demo, matchers: ['c=d', 'a=b']}\n        - {receiver: freezes,",
            "route/unreachable",
        ),
    ],
)
def test_doubts(old: str, new: str, code: str) -> None:
    found, problems = examine_routing(Source("routing.yml", TREE.replace(old, new, 1)))
    assert found is not None
    assert {problem.code for problem in problems} == {code}
    quiet = f"# lint file/disable {code}\n" + TREE.replace(old, new, 1)
    assert examine_routing(Source("routing.yml", quiet))[1] == ()


@pytest.mark.parametrize(
    ("first", "second", "split"),
    [
        pytest.param("continue: true, group_by: [cname]", "", True, id="another than the root's"),
        pytest.param("continue: true, group_by: [cname]", "group_by: [cname]", False, id="the same"),
        pytest.param(
            "continue: true, group_by: [alertname, project]", "", False, id="the same in another order"
        ),
        pytest.param("matchers: ['a=\"b\"'], group_by: [cname]", "", False, id="without continue"),
        pytest.param(
            "continue: true, matchers: ['a=\"b\"']",
            "matchers: ['a!=\"b\"'], group_by: [x]",
            False,
            id="never both",
        ),
        pytest.param(
            "continue: true, matchers: ['a=\"b\"']",
            "matchers: ['a=~\"b|c\"'], group_by: [x]",
            True,
            id="some both",
        ),
    ],
)
def test_one_alert_in_two_groups(first: str, second: str, split: bool) -> None:
    routes = f"{{receiver: quality, {first}}}, {{receiver: quality, {second}}}"
    text = f"""\
version: 1
route: {{receiver: quality, group_by: [project, alertname], routes: [{routes}]}}
receivers: [{{name: quality, slack_configs: [{{}}]}}]
"""
    codes = [problem.code for problem in examine_routing(Source("routing.yml", text))[1]]
    assert codes == (["route/group_by"] if split else [])


def test_a_good_file_leaves_no_doubt() -> None:
    assert examine_routing(Source("routing.yml", TREE))[1] == ()


def test_one_wrong_key_hides_no_other_problem() -> None:
    text = TREE.replace("group_wait: 10s", "group_wate: 10s").replace("receiver: demo\n", "receiver: dem\n")
    _, problems = examine_routing(Source("routing.yml", text.replace("[nights]", "[nites]")))
    assert [(p.line, p.column, p.code) for p in problems] == [
        (5, 3, "rule/schema"),
        (10, 17, "route/unreachable"),
        (12, 29, "route/unreachable"),
    ]


RULES = """\
version: 1
groups:
  - name: g
    rules:
      - {alert: Outage, for: 5m, metric: {name: pcu, aggregate: last, window: 1m, op: "<", threshold: 1}}
      - {alert: VideoFreeze, for: 1m, metric: {name: pcu, aggregate: avg, window: 5m, op: "<", threshold: 1}}
"""


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        pytest.param('alertname="VideoFreeze"', 'alertname="Outage"', [], id="the source is earlier"),
        pytest.param('alertname="Outage"', 'alertname="VideoFreeze"', ["inhibit/order"], id="later"),
        pytest.param('alertname="Outage"', 'severity="info"', [], id="the target is anything"),
        pytest.param('alertname="Outtage"', 'severity="info"', ["rule/dependency"], id="no such source"),
        pytest.param('severity="critical"', 'alertname=~"Audio.*"', ["rule/dependency"], id="none like this"),
        pytest.param('alertname="RuleError"', 'severity="info"', [], id="an alert of the bot"),
    ],
)
def test_with_the_rules_known_inhibitions_are_compared_with_them(
    source: str, target: str, expected: list[str]
) -> None:
    text = TREE.replace('alertname="Outage"', source).replace('alertname="Freeze"', target)
    rules = load([Source("a.yml", RULES)]).rules
    assert [problem.code for problem in examine_routing(Source("routing.yml", text), rules)[1]] == expected


@given(text=st.text(max_size=200) | st.text("{}[]:-&*!|>'\"#,? \nabc01", max_size=60))
def test_any_text_is_refused_in_words_or_loaded(text: str) -> None:
    found, problems = examine_routing(Source("routing.yml", text))
    assert found is not None or problems
