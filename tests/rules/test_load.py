"""Rule files in, rules out; or every problem of every file at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.catalog import Feed
from bot.model.verdict import Severity
from bot.rules import Problem, RulesInvalid, Source, load
from bot.rules.compare import Thresholds
from bot.rules.document import read
from bot.rules.duration import seconds
from bot.rules.grammar import FileSpec
from bot.rules.schema import keys_below
from tests.rules.golden_cases import FILES, expected, metric, problems, rule
from tests.rules.worlds import one_rule

GOOD = """\
version: 1
groups:
  - name: experience
    query_offset: 3m
    labels: {team: rtc, region: eu}
    rules:
      - alert: VideoFreezeHigh
        metric:
          name: videoFreezeRate
          aggregate: avg
          window: 5m
          op: ">"
          thresholds: {critical: 10, warning: 5}
          resolve_threshold: 4
          min_samples: 3
          min_denominator: {metric: pcu, value: 20}
        for: 3m
        keep_firing_for: 1h30m
        labels: {region: cn}
        annotations: {summary: "{{ value | pct }} in {{ labels.project }}, {{ labels.team }}"}
"""


@pytest.mark.parametrize("case", FILES)
def test_every_problem_is_told_at_its_place(case: str) -> None:
    assert problems(FILES[case]) == expected()[case]


def test_every_refused_file_has_its_golden_problems() -> None:
    assert list(expected()) == list(FILES)
    assert all(expected().values())


def test_a_rule_is_read_with_all_it_says() -> None:
    (found,) = load([Source("a.yml", GOOD)]).rules
    metric = found.metric
    assert metric is not None
    assert (found.name, found.group, found.by, found.enabled) == (
        "VideoFreezeHigh",
        "experience",
        ("project",),
        True,
    )
    assert found.query_offset_s == 180
    assert (found.for_s, found.keep_firing_for_s, found.lookback_s) == (180, 5400, 300)
    assert (found.op, found.low_is_bad, found.severity) == (">", False, Severity.WARNING)
    assert found.thresholds == Thresholds(">", ((Severity.WARNING, 5.0), (Severity.CRITICAL, 10.0)))
    assert found.labels == {"team": "rtc", "region": "cn"}
    assert found.feeds == {Feed.EXPERIENCE, Feed.SCALE}
    assert (metric.name, metric.window_s, metric.needed_samples) == ("videoFreezeRate", 300, 3)
    assert found.events is None


def test_what_is_not_said_has_its_default() -> None:
    found = one_rule("events: {window: 1h, count: {of: users, op: '>=', threshold: 3}}")
    assert (found.for_s, found.keep_firing_for_s, found.query_offset_s) == (0, 0, 120)
    assert (found.by, found.enabled, found.labels, found.annotations) == (("project",), True, {}, {})
    assert found.thresholds == Thresholds(">=", ((Severity.WARNING, 3.0),))
    assert (found.feeds, found.metric) == ({Feed.DIAGNOSIS}, None)


def test_severity_is_a_label_and_no_part_of_the_identity() -> None:
    found = one_rule(
        "metric: {name: pcu, aggregate: max, window: 1m, op: '<', threshold: 1}, "
        "labels: {severity: critical, a: b}"
    )
    assert (found.severity, found.labels, found.low_is_bad) == (Severity.CRITICAL, {"a": "b"}, True)


def test_the_problems_of_all_files_are_told_at_once() -> None:
    files = {"b.yml": "version: 1\ngroups: [", "a.yml": rule("fro: 3m"), "c.yml": GOOD}
    with pytest.raises(RulesInvalid) as refused:
        load([Source(name, text) for name, text in files.items()])
    assert str(refused.value).splitlines() == [
        "a.yml:5:9: give exactly one of metric, events, call, composite; none is there",
        'a.yml:6:9: unknown key "fro"; did you mean "for"?',
        "b.yml:2:10: not YAML: expected the node content, but found '<stream end>'",
    ]


def test_a_problem_shows_its_line() -> None:
    with pytest.raises(RulesInvalid) as refused:
        load([Source("a.yml", rule("fro: 3m"))])
    assert refused.value.problems[1] == Problem(
        "a.yml", 6, 9, 'unknown key "fro"; did you mean "for"?', "        fro: 3m"
    )


def test_an_alert_of_two_files_is_told_with_the_other_place() -> None:
    with pytest.raises(RulesInvalid) as refused:
        load([Source("b.yml", GOOD), Source("a.yml", GOOD)])
    message = 'b.yml:7:16: alert "VideoFreezeHigh" is already in a.yml:7; choose another name'
    assert str(refused.value) == message


def test_the_order_of_files_changes_nothing() -> None:
    other = GOOD.replace("VideoFreezeHigh", "Other")
    files = [Source("a.yml", GOOD), Source("b.yml", other)]
    assert load(files) == load(files[::-1])


def test_the_digest_changes_with_names_and_texts() -> None:
    texts = [("a.yml", GOOD), ("b.yml", GOOD), ("a.yml", GOOD + "# more\n")]
    digests = {load([Source(*text)]).digest for text in texts}
    assert (len(digests), {len(digest) for digest in digests}) == (3, {12})


def test_no_files_make_no_rules() -> None:
    assert load([]).rules == ()


def test_a_template_is_not_worked_out_while_it_is_checked() -> None:
    template = "{{ 9 ** 9 ** 9 ** 9 }} {{ 'x' * 99999999999 }}"
    (problem,) = problems(rule(metric(), f'annotations: {{summary: "{template}"}}'))
    assert "one short text" in problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("10:30", "10:30"),
        ("2026-01-01", "2026-01-01"),
        ("0x10", 16),
        ("0o17", 15),
        ("017", 17),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-3", -3),
        ("+3.5", 3.5),
        ("True", True),
        ("'true'", "true"),
        ("'5'", "5"),
        (".INF", float("inf")),
        ("9" * 30, 1e30),
        ("<<", "<<"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    root = read(Source("a.yml", f"a: {text}\n")).root
    assert root is not None
    assert (root.value, type(root.parts["a"].value)) == ({"a": value}, type(value))


@pytest.mark.parametrize(
    ("text", "expected_s"),
    [(0, 0), ("0", 0), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1d", 86_400), ("2w", 1_209_600)],
)
def test_durations(text: object, expected_s: int) -> None:
    assert seconds(text) == expected_s


@pytest.mark.parametrize(
    "text", ["", "5", "m", "5 m", "30m1h", "1.5h", "٣m", 5, 0.0, True, False, None, [], "-5m"]
)
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds(text)


@given(text=st.text(max_size=200) | st.text("{}[]:-&*!|>'\"#,?%@ \nabc01", max_size=60))
def test_any_text_is_refused_in_order_or_loaded(text: str) -> None:
    try:
        load([Source("a.yml", text)])
    except RulesInvalid as refused:
        assert refused.problems == tuple(sorted(refused.problems))
        assert all(p.line >= 1 and p.column >= 1 and p.message for p in refused.problems)


RULE = ("groups", 0, "rules", 0)
parts = [
    (),
    RULE,
    *((*RULE, *path) for path in (
        ("metric",), ("metric", "thresholds"), ("metric", "min_denominator"), ("metric", "baseline"),
        ("events",), ("events", "factors"), ("events", "factors", "any_of"), ("events", "count"),
        ("events", "share"), ("call",), ("composite",), ("composite", "all_of"), ("flapping",),
    )),
]  # fmt: skip
keys = st.sampled_from(
    [*(key for part in parts for key in keys_below(FileSpec, part)), "severity", "summary"]
)
scalars = st.sampled_from(
    ["5", "-1", "5m", "true", "~", "x", ">", "<", "users", "host", "local", "29", "pcu", "'{{ x'"]
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(keys, inner, max_size=5).map(
            lambda found: "{" + ", ".join(f"{key}: {value}" for key, value in found.items()) + "}"
        )
    ),
    max_leaves=12,
)


@given(body=st.dictionaries(keys, trees, max_size=6))
def test_any_shape_is_refused_in_words_of_ours(body: dict[str, str]) -> None:
    told = problems(rule(*(f"{key}: {value}" for key, value in body.items())))
    assert not [line for line in told if "Input should" in line or "pydantic" in line]


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in labels %}{% for b in labels %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 900000000 }}",
        "{{ '%0900000000d' % 1 }}",
        "{{ 'x'.ljust(900000000) }}",
        "{{ 'x' | center(900000000) }}",
        "{{ lipsum(90000) }}",
    ],
)
def test_an_annotation_that_could_grow_is_refused(template: str) -> None:
    found = problems(rule(metric(), f'annotations: {{summary: "{template}"}}'))
    assert any("one short text" in problem for problem in found)


def test_a_name_longer_than_the_database_holds_is_refused() -> None:
    text = rule(metric()).replace("alert: ", "alert: " + "A" * 121, 1)
    assert any("120 are enough" in problem for problem in problems(text))
