"""Rule files that are refused, by what is wrong with them. Their messages are in problems.txt.

``python -m tests.rules.golden_cases`` writes problems.txt anew; review it like code.
"""

from pathlib import Path

from bot.rules import RulesInvalid, Source, load

GOLDEN = Path(__file__).with_name("problems.txt")


def rule(*lines: str) -> str:
    """Return a file whose only rule holds these lines, from line 5 on, indented by 8."""
    head = "version: 1\ngroups:\n  - name: g\n    rules:\n      - alert: A\n"
    return head + "".join(f"        {line}\n" for line in lines)


def metric(rest: str = 'op: ">", threshold: 5', name: str = "videoFreezeRate", window: str = "5m") -> str:
    return f"metric: {{name: {name}, aggregate: avg, window: {window}, {rest}}}"


def events(rest: str = "", count: str = 'of: users, op: ">=", threshold: 3') -> str:
    return f"events: {{window: 5m, count: {{{count}}}{rest}}}"


FILES = {
    # the file
    "empty": "",
    "only a comment": "# nothing\n",
    "an empty document": "---\n",
    "not a mapping": "- version: 1\n",
    "not YAML": "version: 1\ngroups: [\n",
    "a tab": "version: 1\ngroups:\n\t- name: g\n",
    "a forbidden character": "version: 1\nname: \x07\n",
    "two documents": "version: 1\ngroups: []\n---\nversion: 1\n",
    "too deep": "[" * 40 + "]" * 40,
    "no version, no groups": "name: g\n",
    "another version": "version: 2\ngroups: [{name: g, rules: []}]\n",
    "no group": "version: 1\ngroups: []\n",
    "groups is a mapping": "version: 1\ngroups: {name: g}\n",
    "a group is text": "version: 1\ngroups: [g]\n",
    # keys
    "an anchor and an alias": rule(metric(), "labels: &l {a: b}", "annotations: *l"),
    "a tag": rule(metric(), "labels: {a: !!str 5}"),
    "a key twice": rule(metric(), "for: 3m", "for: 5m"),
    "a key that is a number": rule(metric(), "labels: {5: x}"),
    "a key without a value": rule("metric:", "for: 3m"),
    "an item without a value": rule(metric(), "by: [project, ]", "annotations: {a: [~]}"),
    "a misspelt key": rule(metric(), "fro: 3m"),
    "a misspelt key below composite": rule("composite: {all_of: [{alert: A, stat: firing}]}"),
    "a misspelt key below baseline": rule(
        metric('baseline: {offsets: [1d], method: ratio, op: ">", treshold: 2}')
    ),
    "a missing key below call": rule("call: {name: call_pcu}"),
    "a misspelt key below metric": rule(metric('opp: ">", threshold: 5')),
    "a misspelt key below count": rule(events(count='of: users, op: ">=", treshold: 3')),
    "a missing name": "version: 1\ngroups:\n  - rules: [{metric: {}}]\n",
    # rules
    "neither metric nor events": rule("for: 3m"),
    "both metric and events": rule(metric(), events()),
    "metric is text": rule("metric: videoFreezeRate"),
    "a bad alert name": "version: 1\ngroups: [{name: g, rules: [{alert: Video freeze, " + metric() + "}]}]\n",
    "an alert name twice": rule(metric()) + "      - alert: A\n        " + metric() + "\n",
    "a number as alert name": "version: 1\ngroups: [{name: '', rules: [{alert: 5, " + metric() + "}]}]\n",
    "bad durations": rule(metric(), "for: 3 minutes", "keep_firing_for: 5"),
    "a negative duration": rule(metric(), "for: -1m"),
    "yes is text": rule(metric(), "enabled: yes"),
    "by without project": rule(events(), "by: [cname]"),
    "by with an unknown label": rule(events(), "by: [project, channel]"),
    "by twice": rule(events(), "by: [project, project]"),
    "by empty": rule(events(), "by: []"),
    "by is text": rule(events(), "by: project"),
    "by of a metric": rule(metric(), "by: [project, cname]"),
    "few per channel": rule(events(count='of: users, op: "<", threshold: 3'), "by: [project, cname]"),
    # labels and annotations
    "a label that is a number": rule(metric(), "labels: {team: 5}"),
    "a label of the engine": rule(metric(), "labels: {cname: x}"),
    "a bad label name": rule(metric(), "labels: {my-team: x}"),
    "an unknown severity": rule(metric(), "labels: {severity: fatal}"),
    "severity beside a ladder": rule(
        metric('op: ">", thresholds: {warning: 5}'), "labels: {severity: warning}"
    ),
    "severity of a group": "version: 1\ngroups: [{name: g, labels: {severity: info}, rules: [{alert: A, "
    + metric()
    + "}]}]\n",
    "a template that does not parse": rule(metric(), 'annotations: {summary: "{{ value"}'),
    "a template that nests too deeply": rule(metric(), f"annotations: {{summary: '{{{{ {'(' * 2900} }}}}'}}"),
    "an unknown variable": rule(metric(), 'annotations: {summary: "{{ vlaue }}"}'),
    "an unknown filter": rule(metric(), 'annotations: {summary: "{{ value | percnt }}"}'),
    "an unknown test": rule(metric(), 'annotations: {summary: "{{ value is oddd }}"}'),
    "a label the alert lacks": rule(
        metric(), "annotations: {summary: \"{{ labels.cname }} {{ labels['x'] }}\"}"
    ),
    "an unknown part of affected": rule(metric(), 'annotations: {summary: "{{ affected.user }}"}'),
    "another template": rule(metric(), "annotations: {summary: \"{% include 'x' %}\"}"),
    # thresholds
    "an unknown metric": rule(metric(name="videoFreeze")),
    "a list as metric, operator and severity": rule(
        "metric: {name: [], aggregate: {}, window: [], op: [], threshold: []}", "labels: {severity: []}"
    ),
    "a list as operator of a count": rule(events(count="of: [], op: [], threshold: {}"), "by: [[], {}]"),
    "an unlike metric": rule(metric(name="mos")),
    "an unknown aggregate": rule("metric: {name: pcu, aggregate: p75, window: 5m, op: '>', threshold: 5}"),
    "an unknown operator": rule(metric('op: "=>", threshold: 5')),
    "no threshold": rule(metric('op: ">"')),
    "both thresholds": rule(metric('op: ">", threshold: 5, thresholds: {warning: 5}')),
    "an empty ladder": rule(metric('op: ">", thresholds: {}')),
    "text as threshold": rule(metric('op: ">", threshold: "5"')),
    "true as threshold": rule(metric('op: ">", threshold: true')),
    "infinite threshold": rule(metric('op: ">", threshold: .inf')),
    "an unknown severity in a ladder": rule(metric('op: ">", thresholds: {warn: 5}')),
    "a ladder out of order": rule(metric('op: ">", thresholds: {warning: 10, critical: 5}')),
    "a ladder downwards out of order": rule(
        metric('op: "<", thresholds: {info: 90, warning: 90, critical: 95}')
    ),
    "a ladder of equals": rule(metric('op: "==", thresholds: {warning: 5, critical: 10}')),
    "a percentage above 100": rule(metric('op: ">", threshold: 500')),
    "percentages below 0": rule(metric('op: ">", thresholds: {warning: -5}, resolve_threshold: -6')),
    "a sum of percentages": rule(
        "metric: {name: videoFreezeRate, aggregate: sum, window: 5m, op: '>', threshold: 5}"
    ),
    "resolve on the firing side": rule(metric('op: ">", threshold: 5, resolve_threshold: 6')),
    "resolve on the firing side, low is bad": rule(
        metric('op: "<", thresholds: {warning: 95, critical: 85}, resolve_threshold: 94')
    ),
    "resolve with equality": rule(metric('op: "==", threshold: 5, resolve_threshold: 6')),
    "a window too short": rule(metric(window="30s")),
    "a window too long": rule(metric(window="2h")),
    "a window of half minutes": rule(metric(window="90s")),
    "more samples than minutes": rule(metric('op: ">", threshold: 5, min_samples: 6')),
    "no samples": rule(metric('op: ">", threshold: 5, min_samples: 0')),
    "another denominator": rule(metric('op: ">", threshold: 5, min_denominator: {metric: users, value: 20}')),
    # events
    "no count": rule("events: {window: 5m}"),
    "an unknown count": rule(events(count='of: people, op: ">=", threshold: 3')),
    "a negative count": rule(events(count='of: users, op: ">=", threshold: -1')),
    "an unknown factor": rule(events(", factors: {any_of: [upstream_loss], none_of: [high_cpu]}")),
    "an unlike factor": rule(events(", factors: {any_of: [{factor: zzz, host: here}]}")),
    "factor 0": rule(events(", factors: {any_of: [0]}")),
    "an unknown experience": rule(events(", experience: {any_of: [video_freezes]}")),
    "no factors": rule(events(", factors: {host: remote}")),
    "an empty list of factors": rule(events(", factors: {any_of: []}")),
    "a factor twice": rule(events(", factors: {any_of: [weak_wifi, 29]}")),
    "two experiences of one event": rule(events(", experience: {all_of: [video_freeze, audio_freeze]}")),
    "local causes per host": rule(
        events(", per: host, factors: {host: local, any_of: [{factor: 29, host: local}]}")
    ),
    "hosts per host": rule(events(", per: host", 'of: hosts, op: ">=", threshold: 3')),
    # shares, baselines, calls, composites
    "neither count nor share": rule("events: {window: 5m}"),
    "a share above 100": rule("events: {window: 5m, share: {of: users, over: pcu, op: '>', threshold: 300}}"),
    "a share of nothing": rule("events: {window: 5m, share: {of: users, over: videoFreezeRate, op: '>'}}"),
    "a matcher that is none": rule(events(", where: ['cname lesson']")),
    "a matcher without its quote": rule(events(""", where: ['cname="lesson']""")),
    "a bad regular expression": rule(events(", where: ['cname=~(']")),
    "an offset of an hour": rule(metric('baseline: {offsets: [1h], method: ratio, op: ">", threshold: 2}')),
    "a call without a window but with a count": rule(
        "call: {name: call_pcu, op: '>', threshold: 5, count: {of: calls, op: '>', threshold: 1}}",
        "for: 3m",
        "by: [project, user]",
    ),
    "a call with a window and a ladder": rule(
        "call: {name: call_pcu, op: '>', thresholds: {info: 5}, window: 5m}"
    ),
    "a rate of calls beyond 100": rule("call: {name: call_video_freeze_rate, op: '>', threshold: 300}"),
    "a composite by labels": rule("composite: {any_of: [{alert: A}], at_least: 2}", "by: [project]"),
    "a composite of nothing": rule("composite: {none_of: [{alert: A}], at_least: 2, equal: [cname]}"),
    "a reference to nothing": rule("composite: {all_of: [{alert: B}]}"),
    "the name of an alert of the bot's own": rule(metric()).replace("alert: A", "alert: RuleError"),
    "a label that RuleError lacks": rule(
        "composite: {all_of: [{alert: RuleError}], equal: [project, cname]}"
    ),
    "a circle": rule(
        "composite: {all_of: [{alert: B}]}",
    )
    + "      - alert: B\n        composite: {all_of: [{alert: A}]}\n",
    "labels that references lack": rule(metric())
    + "      - alert: B\n        composite: {all_of: [{alert: A}], equal: [project, cname]}\n",
    "half a character": rule(metric(), 'labels: {a: "\\ud83d", b: "\\ud83d\\ude00"}'),
    "an escape of no character": 'version: 1\ngroups: ["\\UFFFFFFFF"]\n',
    "a number without end": rule(metric('op: ">", threshold: 0x' + "f" * 300)),
    "spans without end": rule(metric(), "for: 999999w", "no_data_for: 91d"),
    "flapping within a minute": rule(metric(), "flapping: {look_back_window: 1}"),
    "a text without end": rule(metric(), "annotations: {summary: " + "x" * 3001 + "}"),
    "too large": "#" + "x" * 1_000_001,
    # several at once
    "everything wrong": rule(
        "fro: 3m",
        metric('op: ">", thresholds: {warning: 10, critical: "5", info: 20}, resolve_threshold: 30'),
        "labels: {severity: bad, project: p}",
        'annotations: {summary: "{{ x }} {{ y }}"}',
    ),
}


def problems(text: str) -> list[str]:
    """Return what is said of a file, one line per problem."""
    try:
        load([Source("a.yml", text)])
    except RulesInvalid as refused:
        return [f"{p.file}:{p.line}:{p.column}: [{p.code}] {p.message}" for p in refused.problems]
    return []


def expected() -> dict[str, list[str]]:
    """Return the golden problems by case."""
    cases = [block.splitlines() for block in GOLDEN.read_text().strip().split("\n\n")]
    return {head.removeprefix("# "): lines for head, *lines in cases}


if __name__ == "__main__":
    GOLDEN.write_text(
        "\n".join("\n".join([f"# {name}", *problems(text), ""]) for name, text in FILES.items())
    )
