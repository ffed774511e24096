"""From a query string or a JSON body to a question inside the limits, or to the refusal that it deserves."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.simulator.agora.endpoints import Endpoint
from bot.simulator.agora.questions import check_window, flag, given, instant
from bot.simulator.agora.refusals import bad_parameter
from bot.simulator.agora.values import Asked

from .endpoints import PEAKS

WINDOW_S = 20
PAGE, PAGE_AT_MOST = 20, 100
UIDS_AT_MOST, SIDS_AT_MOST = 10, 20
_WHOLE = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``texts`` are the plain parameters; what is a list, a number or a flag stands beside them. An empty
    ``uids`` or ``values`` asks for everybody or every value."""

    endpoint: Endpoint
    app_id: str
    start: float
    end: float
    now: float
    texts: Mapping[str, str]
    page_no: int
    page_size: int
    uids: tuple[int, ...]
    sids: tuple[str, ...]
    values: tuple[str, ...]
    country: str
    with_servers: bool

    @property
    def known_until(self) -> float:
        """Return before when things happened that can be known now."""
        return self.now - (self.endpoint.delay_s or 0)

    @property
    def metric(self) -> str:
        return self.texts["metric"]

    @property
    def product(self) -> str:
        return self.texts["productType"]

    @property
    def dimension(self) -> str:
        """Return the dimension asked for, empty where there is none."""
        return self.texts.get("dimension", "")


def question(endpoint: Endpoint, app_id: str, asked: Asked, now: float) -> Question:
    """Return what is asked for; raise Refused where a parameter or the window is out of bounds."""
    params = _params(asked)
    start, end = _window(endpoint, params)
    _check_names(endpoint, params)
    texts = {name: given(params, name) for name in endpoint.required}
    texts |= {name: params[name] for name in endpoint.texts if params.get(name)}
    _check_choices(endpoint, texts)
    check_window(endpoint, start, end, now)
    return Question(
        endpoint=endpoint,
        app_id=app_id,
        start=start,
        end=end,
        now=now,
        texts=texts,
        page_no=_whole(texts, "page_no", 1),
        page_size=min(_whole(texts, "page_size", PAGE), PAGE_AT_MOST),
        uids=tuple(int(uid) for uid in _uids(endpoint, texts)),
        sids=_listed(texts, "sids", SIDS_AT_MOST),
        values=_dimension_values(texts),
        country=_country(texts),
        with_servers="exclude_server_user" in params and not flag(params, "exclude_server_user"),
    )


def _params(asked: Asked) -> Mapping[str, str]:
    """Return the parameters as text: those of the query, or for POST the fields of the JSON body."""
    if asked.verb != "POST":
        return asked.params
    try:
        body = json.loads(asked.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise bad_parameter("body", "must be a JSON object")
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in body.items()
        if value is not None
    }


def _window(endpoint: Endpoint, params: Mapping[str, str]) -> tuple[float, float]:
    first = instant(params, endpoint.window[0])
    return first, first + WINDOW_S if len(endpoint.window) == 1 else instant(params, endpoint.window[1])


def _check_names(endpoint: Endpoint, params: Mapping[str, str]) -> None:
    in_query = () if endpoint.verb == "POST" else ("appid",)
    known = {*in_query, *endpoint.window, *endpoint.required, *endpoint.texts, *endpoint.flags}
    for name in params:
        if name not in known:
            raise bad_parameter(name, "is unknown")


def _check_choices(endpoint: Endpoint, texts: Mapping[str, str]) -> None:
    for name, words in {"metric": endpoint.metrics, **endpoint.choices}.items():
        if name in texts and texts[name] not in words:
            raise bad_parameter(name, f"{texts[name]!r} is unknown")
    if texts.get("metric") in PEAKS and "dimension" in texts:
        raise bad_parameter("dimension", "is not supported for peaks")


def _whole(texts: Mapping[str, str], name: str, usual: int) -> int:
    text = texts.get(name, str(usual))
    if not _WHOLE.fullmatch(text) or int(text) < 1:
        raise bad_parameter(name, "must be a positive number")
    return int(text)


def _listed(texts: Mapping[str, str], name: str, at_most: int) -> tuple[str, ...]:
    listed = tuple(texts[name].split(",")) if name in texts else ()
    if len(listed) > at_most:
        raise bad_parameter(name, f"can not be more than {at_most}")
    return listed


def _uids(endpoint: Endpoint, texts: Mapping[str, str]) -> tuple[str, ...]:
    uids = _listed(texts, "uids", UIDS_AT_MOST)
    if not all(_WHOLE.fullmatch(uid) for uid in uids):
        raise bad_parameter("uids", "must be numbers")
    if uids and "cname" in endpoint.texts and "cname" not in texts:
        raise bad_parameter("uids", "need a cname")
    if uids and "dimension" in texts:
        raise bad_parameter("dimension", "can not go with uids")
    return uids


def _dimension_values(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Read ``"a","b"``, quotes included, as the reference words it, or a JSON array as in its example."""
    text = texts.get("dimensionValues", "")
    if text and texts.get("dimension", "channelSize") == "channelSize":
        raise bad_parameter("dimensionValues", "need a dimension")
    values = _json(text if text.startswith("[") else f"[{text}]", "dimensionValues")
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise bad_parameter("dimensionValues", "must be quoted texts")
    return tuple(values)


def _country(texts: Mapping[str, str]) -> str:
    """Return the one country that ``filters`` can name."""
    match _json(texts.get("filters", "[]"), "filters"):
        case []:
            return ""
        case [{"name": "country", "value": str(country)}] if texts.get("dimension") == "region":
            return country
    raise bad_parameter("filters", "must name one country, of a region")


def _json(text: str, name: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise bad_parameter(name, "cannot be read") from None
