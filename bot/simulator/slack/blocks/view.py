"""Judge a modal or an App Home tab."""

from collections.abc import Iterator

from .checks import Problem, anything, boolean, by_type, every, items, one_of, shape, string
from .elements import plain
from .kinds import SURFACES
from .message import Verdict, verdict_on

_OPTIONAL = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
    "close": plain(24),
    "submit": plain(24),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
    "team_id": anything,
}


def _inputs_are_submitted(view: object, at: str) -> Iterator[Problem]:
    match view:
        case {"submit": _}:
            return
        case {"blocks": list() as blocks} if any(
            isinstance(b, dict) and b.get("type") == "input" for b in blocks
        ):
            yield Problem(
                pointer=f"{at}/submit", message="missing required field: submit", code="missing_field"
            )


_MODAL = every(
    shape(
        {"type": one_of("modal"), "title": plain(24), "blocks": items(by_type(SURFACES["modal"]), 100)},
        _OPTIONAL,
    ),
    _inputs_are_submitted,
)
_HOME = shape({"type": one_of("home"), "blocks": items(by_type(SURFACES["home"]), 100)}, _OPTIONAL)
_VIEW = by_type({"modal": _MODAL, "home": _HOME})


def judge_view(view: object) -> Verdict | None:
    """Return why Slack refuses this modal or App Home, or None if it takes it."""
    blocks = view.get("blocks") if isinstance(view, dict) else None
    verdict = verdict_on(list(_VIEW(view, "/view")), [("/view/blocks", blocks)], bound_text=False)
    return verdict and Verdict(error="invalid_arguments", problems=verdict.problems)
