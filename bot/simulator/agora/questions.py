"""From a query string to a question inside the documented limits, or to the refusal that it deserves."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .endpoints import Endpoint
from .refusals import BAD_CREDENTIALS, UNAUTHORIZED, UNKNOWN_ERROR, bad_parameter, over_limit
from .values import Refused

MILLISECONDS_FROM = 1e11
_EXACT_S = 1e-6
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    endpoint: Endpoint
    app_id: str
    start: float
    end: float
    now: float
    metrics: tuple[str, ...]
    texts: dict[str, str]
    flags: dict[str, bool]


def customer_of(authorization: str, credentials: Mapping[str, str]) -> str:
    """Return the customer id of a Basic header; raise Refused where it is absent or wrong."""
    if not authorization:
        raise Refused(UNAUTHORIZED, "no Authorization header")
    scheme, _, encoded = authorization.partition(" ")
    try:
        customer, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        customer, secret = "", ""
    if scheme.lower() != "basic" or not secret or credentials.get(customer) != secret:
        raise Refused(BAD_CREDENTIALS, "wrong customer id or secret")
    return customer


def owned_project(params: Mapping[str, str], customer: str, projects: Mapping[str, str]) -> str:
    """Return the App ID; raise Refused unless the customer owns it."""
    app_id = given(params, "appid")
    if projects.get(app_id) != customer:
        raise Refused(BAD_CREDENTIALS, "appid does not belong to this customer")
    return app_id


def question(endpoint: Endpoint, app_id: str, params: Mapping[str, str], now: float) -> Question:
    """Return what is asked for; raise Refused where a parameter or the window is out of bounds."""
    known = {"appid", *endpoint.window, *endpoint.required, *endpoint.texts, *endpoint.flags}
    for name in params:
        if name not in known:
            raise bad_parameter(name, "is unknown")
    texts = {name: given(params, name) for name in endpoint.required}
    texts |= {name: params[name] for name in endpoint.texts if params.get(name)}
    start, end = instant(params, "start_ts"), instant(params, "end_ts")
    check_window(endpoint, start, end, now)
    return Question(
        endpoint=endpoint,
        app_id=app_id,
        start=start,
        end=end,
        now=now,
        metrics=_metrics(endpoint, texts.get("metric", "")),
        texts=texts,
        flags={name: flag(params, name) for name in endpoint.flags if name in params},
    )


def check_window(endpoint: Endpoint, start: float, end: float, now: float) -> None:
    """Raise Refused unless a window keeps the strict limits of its endpoint."""
    first, last = endpoint.window[0], endpoint.window[-1]
    length = end - start
    if length <= 0:
        raise bad_parameter(last, f"must be after {first}")
    if endpoint.below_s is not None and length > endpoint.below_s - _EXACT_S:
        raise over_limit("query time length", f"the window is not shorter than {endpoint.below_s} s")
    if endpoint.up_to_s is not None and length > endpoint.up_to_s + _EXACT_S:
        raise over_limit("query time length", f"the window is longer than {endpoint.up_to_s} s")
    if start < now - endpoint.keeps_s + _EXACT_S:
        raise over_limit("query time range", f"{first} is not younger than {endpoint.keeps_s} s")
    if endpoint.delay_s is not None and end > now - endpoint.delay_s - _EXACT_S:
        raise over_limit("query latency", f"{last} is not older than {endpoint.delay_s} s")


def given(params: Mapping[str, str], name: str) -> str:
    """Return a parameter; raise Refused where it is absent or empty."""
    if not params.get(name):
        raise bad_parameter(name, "can not be null")
    return params[name]


def instant(params: Mapping[str, str], name: str) -> float:
    """Return a time in Unix seconds; raise Refused where it is absent, no number or in milliseconds."""
    text = given(params, name)
    if not _NUMBER.fullmatch(text):
        raise bad_parameter(name, "must be a number")
    seconds = float(text)
    if seconds > MILLISECONDS_FROM:
        raise Refused(UNKNOWN_ERROR, f"{name} is in milliseconds")
    return seconds


def _metrics(endpoint: Endpoint, listed: str) -> tuple[str, ...]:
    names = tuple(listed.split(",")) if listed else ()
    for name in names:
        if name not in endpoint.metrics:
            raise bad_parameter("metric", f"{name!r} is unknown")
    return names


def flag(params: Mapping[str, str], name: str) -> bool:
    """Return a parameter that is true or false; raise Refused for anything else."""
    if params[name] not in ("true", "false"):
        raise bad_parameter(name, "must be true or false")
    return params[name] == "true"
