"""Every metric of this process, and the set-up of its log.

What all processes share (feeds, quota, incidents, queue, rule files) is read from the database when /metrics
is asked, so that one address tells of web and worker alike: see ``bot.web``.
"""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

AGORA_REQUESTS = Counter(
    "agora_bot_agora_requests", "Requests to Agora by outcome", ["endpoint", "outcome"], registry=REGISTRY
)
AGORA_SECONDS = Histogram(
    "agora_bot_agora_request_seconds", "Duration of requests to Agora", ["endpoint"], registry=REGISTRY
)
AGORA_ROWS_LEFT_OUT = Counter(
    "agora_bot_agora_rows_left_out",
    "Rows of Agora's answers that could not be read",
    ["endpoint"],
    registry=REGISTRY,
)
SLACK_REQUESTS = Counter(
    "agora_bot_slack_requests",
    "Calls of Slack's Web API by outcome",
    ["method", "outcome"],
    registry=REGISTRY,
)
SLACK_DELIVERIES = Counter(
    "agora_bot_slack_deliveries", "Commands and clicks that Slack delivered", ["kind"], registry=REGISTRY
)
RECEIVER_MESSAGES = Counter(
    "agora_bot_receiver_messages",
    "Tries to tell webhooks and PagerDuty by outcome",
    ["service", "outcome"],
    registry=REGISTRY,
)
HTTP_REFUSED = Counter("agora_bot_http_refused", "Requests refused at the door", ["why"], registry=REGISTRY)
ALERT_CALLBACKS = Counter(
    "agora_bot_alert_callbacks",
    "Requests to the address for Agora's own alerts by outcome",
    ["outcome"],
    registry=REGISTRY,
)
JOB_FAILURES = Counter("agora_bot_job_failures", "Runs of a job that failed", ["job"], registry=REGISTRY)
BLIND_RULES = Gauge(
    "agora_bot_blind_rules", "Rules that an account's API can never feed", ["account"], registry=REGISTRY
)
METRICS_LEFT_OUT = Gauge(
    "agora_bot_metrics_left_out",
    "Metrics of projects that rules look at, but that the day's requests have no room for",
    ["account"],
    registry=REGISTRY,
)
MINUTES_JUDGED = Counter(
    "agora_bot_minutes_judged", "Minutes judged by rules", ["project"], registry=REGISTRY
)


def log(room: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a room."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(room)
    return logger


def set_up_logging(level: str, form: str, secrets: Iterable[str]) -> None:
    """Write one line an event to standard error, as ``json`` or ``text``, with ``secrets`` blotted out."""
    blot = _Blot(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        blot,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a run that is still busy is no event
    for noisy in ("slack_bolt", "slack_sdk", "urllib3", "waitress", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Blot:
    """A processor that replaces secrets in every text value, whoever logged it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= 4]

    def __call__(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if isinstance(value, str):
                for secret in self._secrets:
                    value = value.replace(secret, "[secret]")
                event[key] = value
        return event
