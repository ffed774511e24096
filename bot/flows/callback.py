"""Take what Agora's own alerting pushes, as events that rules can match.

Agora sends each alert once and up to twice again while it gets no answer within 2 s: it is read and stored,
and whatever follows from it is the judge's.
"""

from collections.abc import Sequence

from bot.agora import Alert, UnreadableAlert, alert_events, read_alert
from bot.model.project import Project
from bot.store import Database, observations
from bot.telemetry import log

_log = log("callback")


def take(database: Database, projects: Sequence[Project], body: bytes, now: float) -> bool:
    """Store an alert and return whether it is new; raise UnreadableAlert, or DatabaseUnavailable."""
    alert = read_alert(body, now)
    project = project_of(alert.project_name, projects)
    with database.transaction() as tx:
        is_new = observations.save_alert(tx, project.name, alert.alerted_at, alert_events(alert, now))
    if is_new:
        _tell(project, alert)
    return is_new


def project_of(name: str, projects: Sequence[Project]) -> Project:
    """Return the project that Agora's console calls ``name``: by our name, else by its ``console_name``, else
    the only one that there is."""
    known = {p.console_name: p for p in projects if p.console_name} | {p.name: p for p in projects}
    if name in known:
        return known[name]
    if len(projects) == 1:
        return projects[0]
    raise UnreadableAlert(
        f"projectName {name!r} is none of {', '.join(p.name for p in projects)};"
        " write it as console_name of its entry in projects.yml"
    )


def _tell(project: Project, alert: Alert) -> None:
    _log.info(
        "Agora alerted",
        project=project.name,
        cname=alert.cname,
        user=alert.user,
        conditions=list(alert.conditions),
        alerted_at=alert.alerted_at,
        call=alert.call_id,
        remark=alert.remark,
    )
