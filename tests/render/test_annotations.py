import pytest

from bot.model.verdict import Affected, Outcome, Severity, Verdict, labels
from bot.render import annotations

VERDICT = Verdict(
    minute=0,
    labels=labels(project="demo", cname="lesson"),
    outcome=Outcome.MATCH,
    severity=Severity.CRITICAL,
    value=12.34,
    threshold=10.0,
    affected=Affected(events=3, users=("1", "2")),
)

FILLED = {
    "names": (
        "{{ alert }} {{ severity }} {{ project }} {{ labels.cname }}",
        "FreezeHigh critical demo lesson",
    ),
    "pct": ("{{ value | pct }} over {{ threshold | pct }}", "12.3 % over 10.0 %"),
    "number": ("{{ value | number }}", "12.3"),
    "duration": ("{{ 360 | duration }}", "6 min"),
    "affected": ("{{ affected.users | length }} users", "2 users"),
    "plain text": ("Look at <it>\n", "Look at <it>"),
}


@pytest.mark.parametrize(("text", "expected"), FILLED.values(), ids=FILLED.keys())
def test_names_are_filled_in(text, expected):
    assert annotations({"summary": text}, alert="FreezeHigh", verdict=VERDICT) == {"summary": expected}


@pytest.mark.parametrize(
    "text",
    [
        "{{ nobody }}",
        "{{ labels.nobody }}",
        "{{ value ",
        "{{ 1 / 0 }}",
        "{{ alert | pct }}",
        "{{ labels.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ range(10 ** 9) | list }}",
        "{% include 'x' %}",
    ],
)
def test_a_mistake_leaves_the_raw_text_and_spares_the_others(text):
    filled = annotations({"summary": text, "description": "{{ project }}"}, alert="A", verdict=VERDICT)
    assert filled == {"summary": text, "description": "demo"}


def test_no_value_is_said_so():
    unknown = Verdict(minute=0, labels=VERDICT.labels, outcome=Outcome.UNKNOWN)
    filled = annotations({"summary": "{{ value | pct }}{{ severity }}"}, alert="A", verdict=unknown)
    assert filled == {"summary": "no data"}
