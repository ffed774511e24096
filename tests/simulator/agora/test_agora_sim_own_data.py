"""What benchmarks bring along: their own diagnosis rows and their own times of arrival."""

from typing import Any


def row(app_id: str, minute: int) -> dict[str, Any]:
    return {"user": app_id, "exp_id": 4, "cname": "bench", "cause_tags": [], "ts": minute + 7}


def test_given_rows_take_the_place_of_the_drawn_ones_at_the_given_times(simulated: Any, wall: Any) -> None:
    now = int(wall.at)
    late = now - 180
    _, client = simulated(
        rows=lambda app_id, minute: [row(app_id, minute)],
        arrives=lambda app_id, minute: minute + 60 + (600 if minute == late else 0),
    )
    seen = client.live("diagnosis", now - 300, now - 60)
    points = client.live("scale/by_time", now - 300, now - 60, metric="pcu")
    arrived = [now - 300, now - 240, now - 120]
    assert seen == [row("app-1", minute) for minute in arrived]
    assert [point["ts"] for point in points] == arrived
