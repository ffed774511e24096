"""Exporting: everything asked for, once, in order, page by page; formats give back what was stored."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

import pyarrow.parquet
import pytest

from bot.flows.export import PAGE_ROWS, UnknownProject, rows
from bot.flows.export_columns import COLUMNS, Column, Kind, What
from bot.flows.export_formats import GROUP_ROWS, RISKY, Format, writer_of
from bot.model.alert import Alert, Reason, State
from bot.model.audit import Asker, AuditEntry, Outcome
from bot.model.catalog import Feed
from bot.model.feedback import Feedback, Verdict
from bot.model.observation import CauseTag, DiagnosisEvent, FinishedCall, MetricPoint
from bot.model.time import Window
from bot.model.verdict import Affected, Severity, labels
from bot.store import Database, alerts, audit, calls, feedback, observations
from tests.conftest import T0

HOUR = Window(start=T0, end=T0 + 3600)
NAMES = (
    "=1+1",
    "'tis",
    "\ttab",
    "a,b;c",
    'say "hi"',
    "two\nlines",
    "cr\rinside",
    "é\U0001f600\u2028",
    "",
    " ",
)
INCIDENT = Alert(
    fingerprint="f",
    project="p",
    alertname="FreezeHigh",
    labels=labels(project="p", cname="=cmd"),
    state=State.RESOLVED,
    severity=Severity.CRITICAL,
    active_at=T0 - 60,
    fired_at=T0,
    resolved_at=T0 + 600,
    reason=Reason.CONDITION,
    judged_at=T0 + 600,
    value=1.5,
    threshold=1.0,
    at_least=True,
    affected=Affected(events=2, users=("1",), factors=((21, 2),)),
)


ANSWER = Feedback(
    verdict=Verdict(project="p", call_id="c1", verdict="bad", kind="uplink_loss", uid="7", confidence=0.9),
    right=False,
    user="U1",
    answered_at=T0,
)


ASKER = Asker(user="U1", channel="C1", team="T1")


def save(database: Database) -> None:
    """Two projects with points at the edges of the hour, events with every kind of name, and an incident."""
    with database.transaction() as tx:
        audit.add(tx, AuditEntry(at=T0 - 1, asker=ASKER, deed="noted"))
        audit.add(tx, AuditEntry(at=T0, asker=ASKER, deed="noted", incident_id=12, about="=the router"))
        audit.add(tx, AuditEntry(at=T0 + 5, asker=ASKER, deed="/agora-call", outcome=Outcome.REFUSED))
        feedback.save(tx, ANSWER)
        feedback.save(tx, replace(ANSWER, user="U2", answered_at=T0 + 3600))
        for project in ("q", "p"):
            points = [
                MetricPoint(metric=metric, minute=T0 + 60 * n, value=n / 3)
                for metric in ("pcu", "feedDelay", "videoFreezeRate")
                for n in (-1, 0, 59, 60)
            ]
            observations.save_points(tx, project, points, T0 + 99)
        observations.save_events(tx, "p", [_event(n, name) for n, name in enumerate(NAMES)], T0 + 99)
        observations.mark_known(tx, "p", Feed.DIAGNOSIS, [T0], cut=frozenset([T0]))
        observations.mark_known(tx, "p", Feed.DIAGNOSIS, [T0 + 60], cut=frozenset())
        calls.save(tx, "p", [_call(n, name) for n, name in enumerate(NAMES)], T0 + 99)
        alerts.save(tx, INCIDENT)
        alerts.save(tx, replace(INCIDENT, fingerprint="later", fired_at=HOUR.end))


def _event(n: int, cname: str) -> DiagnosisEvent:
    tags = (CauseTag(factor_id=10, host_user="9"), CauseTag(factor_id=18))[: n % 3]
    return DiagnosisEvent(ts=T0 + 30 * n, cname=cname, user="1", experience_id=4 + n % 5, tags=tags)


def _call(n: int, cname: str) -> FinishedCall:
    return FinishedCall(
        call_id=f"c{n}",
        cname=cname,
        created_ts=T0,
        destroyed_ts=T0 + n * 400,
        video_freeze_rate=n / 3 if n % 2 else None,
        pcu=n,
    )


def taken(database: Database, what: What, project: str | None = None) -> list[dict[str, Any]]:
    names = [column.name for column in COLUMNS[what]]
    return [dict(zip(names, row, strict=True)) for row in rows(database, what, HOUR, project)]


def test_metrics_are_those_of_the_half_open_span_in_order(database: Database) -> None:
    save(database)
    seen = [(r["project"], r["metric"], r["ts"] - T0, r["unit"]) for r in taken(database, What.METRICS)]
    units = {"feedDelay": "s", "pcu": "", "videoFreezeRate": "%"}
    assert seen == [(p, m, s, unit) for p in "pq" for m, unit in units.items() for s in (0, 3540)]
    assert {r["project"] for r in taken(database, What.METRICS, "q")} == {"q"}


def test_events_say_whether_more_happened_than_is_listed(database: Database) -> None:
    save(database)
    seen = taken(database, What.EVENTS, "p")
    assert [r["cname"] for r in seen] == list(NAMES)
    assert [r["at_least"] for r in seen[:6]] == [True, True, False, False, None, None]
    assert seen[2]["causes"] == [
        {"factor_id": 10, "factor": "high_cpu", "host_user": "9"},
        {"factor_id": 18, "factor": None, "host_user": ""},
    ]
    assert [r["experience"] for r in seen[:4]] == ["video_freeze", "audio_freeze", "join_delay", None]


def test_calls_are_those_that_ended_in_the_span(database: Database) -> None:
    save(database)
    seen = taken(database, What.CALLS, "p")
    assert [r["cname"] for r in seen] == list(NAMES[:9])
    told = [seen[1][n] for n in ("destroyed_ts", "duration_s", "video_freeze_rate", "audio_freeze_rate")]
    assert told == [T0 + 400, 400, 1 / 3, None]
    assert taken(database, What.CALLS, "q") == []


def test_alerts_stand_beside_the_diagnosis_of_the_same_instant(database: Database) -> None:
    polled = DiagnosisEvent(ts=T0, cname="c", user="1", experience_id=4)
    pushed = replace(polled, ts=T0 + 70, source="alert", said=("video freeze rate≥10%",))
    with database.transaction() as tx:
        observations.save_events(tx, "p", [polled], T0 + 90)
        observations.save_alert(tx, "p", T0, [pushed])
        observations.mark_known(tx, "p", Feed.DIAGNOSIS, [T0], cut=frozenset([T0]))
    seen = taken(database, What.EVENTS, "p")
    assert [(r["ts"], r["source"], r["said"], r["at_least"], r["fetched_at"]) for r in seen] == [
        (T0, "agora", [], True, T0 + 90),
        (T0, "alert", ["video freeze rate≥10%"], None, T0 + 70),
    ]


def test_alerts_are_those_that_fired_in_the_span(database: Database) -> None:
    save(database)
    (seen,) = taken(database, What.ALERTS)
    assert (
        seen["alert"],
        seen["severity"],
        seen["state"],
        seen["reason"],
        seen["fired_at"],
        seen["at_least"],
    ) == (
        "FreezeHigh",
        "critical",
        "resolved",
        "condition",
        T0,
        True,
    )
    assert taken(database, What.ALERTS, "q") == []


def test_what_people_did_is_taken_out_in_its_order(database: Database) -> None:
    save(database)
    seen = taken(database, What.AUDIT)
    assert [(e["deed"], e["outcome"], e["incident"], e["about"], e["ts"]) for e in seen] == [
        ("noted", "done", 12, "=the router", T0),
        ("/agora-call", "refused", None, "", T0 + 5),
    ]
    assert {(e["user"], e["channel"], e["team"]) for e in seen} == {("U1", "C1", "T1")}


@pytest.mark.parametrize("what", What)
def test_a_project_without_data_is_named_with_those_that_have_some(database: Database, what: What) -> None:
    save(database)
    with pytest.raises(UnknownProject, match=r"'P'.*data are p, q"):
        rows(database, what, HOUR, "P")


def test_the_last_answer_of_a_person_to_a_verdict_counts(database: Database) -> None:
    save(database)
    with database.transaction() as tx:
        feedback.save(tx, replace(ANSWER, right=True, answered_at=T0 + 60))
    (seen,) = taken(database, What.FEEDBACK, "p")
    assert (seen["user"], seen["right"], seen["ts"]) == ("U1", True, T0 + 60)


def test_pages_join_without_gap_and_leave_the_database_free_between_them(database: Database) -> None:
    count = 2 * PAGE_ROWS + 1
    minutes = range(T0, T0 + count * 60, 60)
    with database.transaction() as tx:
        observations.save_points(
            tx, "p", [MetricPoint(metric="pcu", minute=m, value=1.0) for m in minutes], T0
        )
    export = rows(database, What.METRICS, Window(start=T0, end=minutes.stop), "p")
    seen = [row[3] for row in islice(export, PAGE_ROWS + 5)]
    with database.transaction() as tx:  # would wait for itself if the export held a transaction
        observations.save_points(tx, "p", [MetricPoint(metric="pcu", minute=T0 - 60, value=1.0)], T0)
    assert seen + [row[3] for row in export] == list(minutes)


def _csv(data: bytes, columns: Iterable[Column[Any]]) -> list[dict[str, Any]]:
    back = {
        Kind.TEXT: lambda cell: cell.removeprefix("'"),
        Kind.FLAG: {"true": True, "false": False, "": None}.get,
        Kind.JSON: json.loads,
        Kind.NUMBER: lambda cell: float(cell) if cell else None,
        Kind.INTEGER: lambda cell: int(cell) if cell else None,
        Kind.TIME: str,
    }
    kinds = {column.name: column.kind for column in columns}
    found = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    return [{name: back[kinds[name]](cell) for name, cell in row.items()} for row in found]


def _jsonl(data: bytes, _columns: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.decode("utf-8").splitlines()]


def _parquet(data: bytes, columns: Iterable[Column[Any]]) -> list[dict[str, Any]]:
    found = pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()
    kinds = {column.name: column.kind for column in columns}
    for row in found:
        for name, value in row.items():
            if kinds[name] is Kind.JSON:
                row[name] = json.loads(value)
            elif kinds[name] is Kind.TIME and value is not None:
                row[name] = value.isoformat().replace("+00:00", "Z")
    return found


READERS = {Format.CSV: _csv, Format.JSONL: _jsonl, Format.PARQUET: _parquet}


def written(form: Format, columns: Any, of: Iterable[Any]) -> tuple[int, bytes]:
    stream = io.BytesIO()
    return writer_of(form)(columns, of, stream), stream.getvalue()


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("what", What)
def test_what_is_read_back_is_what_was_stored(database: Database, what: What, form: Format) -> None:
    save(database)
    columns = COLUMNS[what]
    count, data = written(form, columns, rows(database, what, HOUR, None))
    stored = json.loads(json.dumps(taken(database, what)))  # tuples become lists
    seen = READERS[form](data, columns)
    times = [column.name for column in columns if column.kind is Kind.TIME]
    if form is Format.CSV:  # which has one empty cell for no text and for text of no length
        texts = [column.name for column in columns if column.kind is Kind.TEXT]
        stored = [row | {name: row[name] or "" for name in texts} for row in stored]
    assert [{k: v for k, v in row.items() if k not in times} for row in seen] == [
        {k: v for k, v in row.items() if k not in times} for row in stored
    ]
    assert (count, list(seen[0])) == (len(stored), [column.name for column in columns])
    assert seen[0][times[0]] == "2023-11-14T22:14:00Z"


@pytest.mark.parametrize("form", Format)
def test_an_empty_export_still_tells_its_columns(form: Format) -> None:
    count, data = written(form, COLUMNS[What.METRICS], iter([]))
    assert (count, READERS[form](data, COLUMNS[What.METRICS])) == (0, [])
    if form is Format.CSV:
        assert data == b"project,metric,time,ts,value,unit,fetched_at\r\n"


@pytest.mark.parametrize("first", RISKY, ids=repr)
def test_no_text_cell_of_csv_begins_like_a_formula(first: str) -> None:
    column = Column(name="cname", kind=Kind.TEXT, meaning="", of=str)
    number = Column(name="value", kind=Kind.NUMBER, meaning="", of=float)
    _, data = written(Format.CSV, [column, number], [[f"{first}x", -1.5]])
    (_, cells) = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    assert cells == [f"'{first}x", "-1.5"]


def test_parquet_is_written_in_groups_of_rows() -> None:
    column = Column(name="ts", kind=Kind.INTEGER, meaning="", of=int)
    _, data = written(Format.PARQUET, [column], ([n] for n in range(GROUP_ROWS + 1)))
    file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert sizes == [GROUP_ROWS, 1]
