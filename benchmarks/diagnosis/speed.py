"""How long large calls and large folders take, and how much memory."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.diagnosis.recording import record
from benchmarks.diagnosis.world import draw_scene
from bot.agora import read_details_body
from bot.diagnosis import examine
from bot.model.call import Call, CallDetails, Series, Session

_START = 1_790_000_000


def long_call(users: int, hours: float) -> CallDetails:
    """Return a call of many users and hours, with a trouble in the middle."""
    rng = np.random.default_rng(1)
    ts = _START + 2 * np.arange(int(hours * 1800), dtype=np.int64)
    uids = [str(1001 + n) for n in range(users)]
    sessions = tuple(
        Session(sid=f"S{uid}", uid=uid, network="", platform="", device="", sdk="", sender=True,
                joined_at=_START, left_at=int(ts[-1]))
        for uid in uids
    )  # fmt: skip
    own = {20002: 40, 20003: 40, 20006: 800, 20007: 15, 20008: 15, 20017: 0.3}
    heard = {20004: 40, 20009: 800, 20010: 15, 20011: 0, 20018: 0.4, 20020: 720}
    series = []
    for uid in uids:
        for peer in ["0", *uids]:
            for mid, level in (own if peer == "0" else heard).items():
                if peer != uid:
                    values = level * rng.uniform(0.9, 1.1, ts.size)
                    if mid == 20011 and peer == uids[0]:
                        values[ts.size // 2 : ts.size // 2 + 60] = 900
                    series.append(Series(sid=f"S{uid}", mid=mid, peer_uid=peer, ts=ts, values=values))
    call = Call(call_id="c", cname="c", started_at=_START, ended_at=int(ts[-1]))
    return CallDetails(call=call, sessions=sessions, series=tuple(series), cut=False)


def measured(calls: int) -> list[tuple[str, str]]:
    """Return what was measured, as rows of a table."""
    rows = []
    details = long_call(10, 3)
    points = sum(one.ts.size for one in details.series)
    began = time.perf_counter()
    found = examine(details)
    rows.append(
        (
            f"one call of 10 users and 3 h, {points / 1e6:.1f} million points, examined",
            f"{time.perf_counter() - began:.2f} s ({len(found.incidents)} incident found)",
        )
    )
    with tempfile.TemporaryDirectory(prefix="bench-diagnosis-") as name:
        rows.append(_folder(Path(name), calls))
    return rows


def _folder(folder: Path, calls: int) -> tuple[str, str]:
    body = json.dumps(record(draw_scene(5, "downlink_loss", "medium", 5, 345)).body())
    seconds = read_details_body(body.encode())
    span = max(one.ts[-1] for one in seconds.series) - min(one.ts[0] for one in seconds.series)
    for n in range(calls):
        (folder / f"c{n:04}.details.json").write_text(body)
    began = time.perf_counter()
    script = "from bot.cli import main; main()"
    asked = [sys.executable, "-c", script, "diagnose", str(folder), "--format", "json"]
    ran = subprocess.run(asked, capture_output=True, check=True)  # noqa: S603 -- our own program
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    lines = ran.stdout.count(b"\n")
    what = f"a folder of {calls} calls of 5 users and {span / 60:.0f} min ({lines} lines), with reading"
    return what, f"{took:.1f} s by two processes, at most {peak:.0f} MiB each"
