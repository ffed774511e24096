"""The refusals in Agora's words. Source: answers that customers published, and sibling products' gateways.

Which HTTP status carries a body code is not documented; 300 comes under HTTP 200 here, because that is what
a careless client mistakes for data.
"""

from .values import Answer, Refused


def gateway(status: int, message: str) -> Answer:
    """Return an answer of the gateway, which has no ``code``."""
    return Answer(status=status, body={"message": message})


def coded(code: int, message: str, *, status: int | None = None) -> Answer:
    """Return an answer of the service with its code in the body."""
    return Answer(
        status=code if status is None else status, body={"code": code, "message": message, "data": None}
    )


UNAUTHORIZED = gateway(401, "Unauthorized")
BAD_CREDENTIALS = gateway(401, "Invalid authentication credentials")
NO_ROUTE = gateway(404, "no Route matched with those values")
GATEWAY_RATE = gateway(429, "API rate limit exceeded")
UNKNOWN_ERROR = coded(500, "Unknown Error")


def package_limit(limit: str, *, status: int = 200) -> Answer:
    """Return the refusal of the service package; ``limit`` is e.g. ``qps`` or ``query latency``."""
    return coded(300, f"Service package limit check error, {limit} limit error", status=status)


def outside_plan(family: str) -> Refused:
    """Return the refusal of a family of endpoints that the customer has not bought."""
    message = (
        "Service package limit check error, "
        "you have no auth to access this service, please buy or upgrade your service package"
    )
    return Refused(coded(300, message, status=200), f"the plan lacks {family}/*")


def over_limit(limit: str, violation: str) -> Refused:
    return Refused(package_limit(limit), violation)


def bad_parameter(name: str, problem: str) -> Refused:
    return Refused(coded(400, f"Bad request, parameter : {name} {problem}"), f"{name} {problem}")
