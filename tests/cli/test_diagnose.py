"""`agora-bot diagnose`: files and folders, three formats, bad files, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.model.call import CallDetails
from bot.model.diagnosis import CauseKind, EventKind, Media, Scope
from tests.cli.conftest import agora_bot
from tests.diagnosis.faults import FAULTS, uplink_loss
from tests.diagnosis.textbook import START, Textbook, uid

KEYS = ["call", "verdict", "headline", "incidents", "events", "assumptions"]


def body(details: CallDetails) -> dict[str, Any]:
    """Return the call as the API of 2019 answers it."""
    info = [
        {
            "sid": s.sid,
            "cname": details.call.cname,
            "uid": int(s.uid),
            "network": s.network,
            "platform": s.platform,
            "speaker": True,
            "sdk_version": s.sdk,
            "device_type": s.device,
            "join_ts": s.joined_at,
            "leave_ts": s.left_at,
            "finished": True,
        }
        for s in details.sessions
    ]
    metrics = [
        {
            "sid": one.sid,
            "data": [
                {
                    "mid": one.mid,
                    "peer_uid": int(one.peer_uid),
                    "kvs": [[int(t), round(float(v), 3)] for t, v in zip(one.ts, one.values, strict=True)],
                }
            ],
        }
        for one in details.series
    ]
    return {"code": 200, "message": "", "call_id": "c1", "call_info": info, "metrics": metrics}


def event(factor: int, user: str) -> dict[str, Any]:
    row = {"user": user, "exp_id": 4, "cname": "room", "ts": START + 120}
    return {"code": 200, "data": [{**row, "cause_tags": [{"factor_id": factor, "host_user": ""}]}]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("calls")
    for name, book in (("a", uplink_loss()), ("b", Textbook())):
        (path / f"{name}.details.json").write_text(json.dumps(body(book.details())))
    (path / "a.events.json").write_text(json.dumps(event(21, uid(0))))
    (path / "c.details.json").write_text('{"code": 200, "call_info": [{"sid"')
    (path / "notes.txt").write_text("not a call")
    return path


def test_a_folder_gives_a_line_a_call_and_a_bad_file_stops_nothing(folder: Path) -> None:
    ended = agora_bot("diagnose", str(folder), "--format", "json")
    found = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [list(one) for one in found] == [KEYS] * 3
    assert [(one["call"], one["verdict"]) for one in found] == [
        ("a", "bad"),
        ("b", "clean"),
        ("c", "insufficient_data"),
    ]
    assert ended.returncode == 1
    assert "c.details.json" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_incident_has_every_key_with_a_word_that_is_agreed_on(folder: Path) -> None:
    ended = agora_bot("diagnose", str(folder / "a.details.json"), "--format", "json")
    assert (ended.returncode, ended.stderr) == (0, "")
    (incident,) = json.loads(ended.stdout)["incidents"]
    assert list(incident) == ["start", "end", "media", "scope", "causes"]
    assert abs(incident["start"] - START - 100) <= 6
    assert incident["media"] in {one.value for one in Media}
    assert incident["scope"] in {one.value for one in Scope}
    cause = incident["causes"][0]
    assert list(cause) == ["kind", "uid", "confidence", "evidence", "against"]
    assert (cause["kind"], cause["uid"]) == ("uplink_loss", uid(0))
    assert 0.85 <= cause["confidence"] <= 1
    assert {"mid": 20017, "uid": uid(0), "threshold": 5.0}.items() <= cause["evidence"][0].items()
    assert all(line["text"] for line in cause["against"])


def test_the_words_are_those_of_the_contract() -> None:
    assert {kind.value for kind in CauseKind} == {*FAULTS, "undetermined"}
    assert "mute" in {kind.value for kind in EventKind}


@pytest.mark.parametrize("where", ["sibling", "option"])
def test_events_are_read_from_beside_the_call_or_from_a_file(
    folder: Path, tmp_path: Path, where: str
) -> None:
    call = folder / "a.details.json"
    told = tmp_path / "told.json"
    told.write_text(json.dumps(event(21, uid(0))))
    if where == "option":
        call = tmp_path / "alone.json"
        call.write_bytes((folder / "a.details.json").read_bytes())
    words = ["--events", str(told)] if where == "option" else []
    ended = agora_bot("diagnose", str(call), *words)
    assert ended.returncode == 0
    assert f"{'alone' if where == 'option' else 'a'}, 2026-09-21" in ended.stdout
    assert "Agora's own diagnosis agrees" in ended.stdout
    assert "do: Ask 1001 to move nearer" in ended.stdout


def test_the_page_needs_nothing_but_itself_and_escapes_names(folder: Path, tmp_path: Path) -> None:
    call = tmp_path / "<b>x.details.json"
    call.write_bytes((folder / "a.details.json").read_bytes())
    ended = agora_bot("diagnose", str(call), "--format", "html")
    assert ended.returncode == 0
    assert ended.stdout.startswith("<!doctype html>")
    assert "<b>x" not in ended.stdout
    assert "http" not in ended.stdout.replace("http-equiv", "")
    assert ended.stdout.count("<path ") == 10
    assert "uplink loss at 1001" in ended.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "truncated"),
        ("[1, 2]", "Expected `object`"),
        ('{"code": 200', "truncated"),
        ('{"code": 404, "message": "no"}', "error of Agora: code 404"),
        ('{"code": 200, "call_info": [{"sid": 5}]}', "$.sid"),
        ('{"code": 200, "call_info": [], "metrics": []}', "no sample"),
        ("{}", "no sample"),
        ("\x00\x01", "malformed"),
        ("[" * 100_000, "not the JSON"),
    ],
)
def test_a_bad_body_says_why_and_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.details.json"
    path.write_text(text)
    ended = agora_bot("diagnose", str(path), "--format", "json")
    found = json.loads(ended.stdout)
    assert (found["call"], found["verdict"]) == ("x", "insufficient_data")
    assert said in found["headline"] + "".join(found["assumptions"])
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{empty}"], "holds no file that ends in .details.json"),
        (["{empty}/none.json"], "does not exist"),
        (["{folder}", "--events", "{folder}/notes.txt"], "notes.txt: not the JSON"),
        ([], "Missing argument"),
    ],
)
def test_nothing_to_examine_ends_with_2(folder: Path, tmp_path: Path, words: list[str], said: str) -> None:
    asked = [word.format(empty=tmp_path, folder=folder) for word in words]
    ended = agora_bot("diagnose", *asked)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_many_files_come_in_their_order(tmp_path: Path) -> None:
    told = json.dumps(body(Textbook(2, seconds=40).details()))
    names = [f"c{n:02}" for n in range(45)]
    for name in names:
        (tmp_path / f"{name}.details.json").write_text(told)
    ended = agora_bot("diagnose", str(tmp_path), "--format", "json")
    assert [json.loads(line)["call"] for line in ended.stdout.splitlines()] == names
