"""What today's answers are wrapped in: messages differ by endpoint, and only those about calls have an id."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.simulator.agora.traffic.draw import draw
from bot.simulator.agora.values import Answer, Json

from .questions import Question

T = TypeVar("T")


def call_head(asked: Question, message: str = "") -> Json:
    """Return the first keys of an answer about calls."""
    key = (asked.endpoint.path, asked.app_id, asked.now, sorted(asked.texts.items()))
    return {"code": 200, "message": message, "requestId": f"{draw('request', *key).getrandbits(96):024x}"}


def page(
    asked: Question, found: Sequence[T], name: str, show: Callable[[T], Json], *, with_more: bool = True
) -> Answer:
    """Return the page that was asked for under a name; ``has_more`` is left out where told."""
    first = (asked.page_no - 1) * asked.page_size
    after = first + asked.page_size
    head = call_head(asked) | {
        "total_size": len(found),
        "page_no": asked.page_no,
        "page_size": asked.page_size,
    }
    if with_more:
        head["has_more"] = after < len(found)
    return Answer(body=head | {name: [show(one) for one in found[first:after]]})


def data(rows: object, message: str | None = "success") -> Answer:
    return Answer(body={"code": 200, "message": message, "data": rows})


def number(value: float) -> float | int:
    """Return a number as JSON shows it: whole ones without a point."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded
