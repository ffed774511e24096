"""Which rules are paused, one pause for each."""

from dataclasses import asdict

from sqlalchemy import delete, select

from bot.model.pause import Pause
from bot.store.database import Transaction, upsert
from bot.store.tables import rule_pauses

_t = rule_pauses.c


def save(tx: Transaction, pause: Pause) -> None:
    """Pause a rule, in place of the pause that it has."""
    row = asdict(pause)
    upsert(tx, rule_pauses, [row], update=tuple(name for name in row if name != "alert"))


def lasting(tx: Transaction, now: float) -> dict[str, Pause]:
    """Return the pauses in force, by the names of the rules."""
    names = ("alert", "starts_at", "ends_at", "author", "reason")
    rows = tx.execute(select(rule_pauses).where(_t.ends_at > now).order_by(_t.alert))
    return {row.alert: Pause(**{name: getattr(row, name) for name in names}) for row in rows}


def end(tx: Transaction, alert: str, now: float) -> bool:
    """Let a rule be judged again; False where it is not paused."""
    return tx.execute(delete(rule_pauses).where(_t.alert == alert, _t.ends_at > now)).rowcount == 1


def forget_before(tx: Transaction, instant: int) -> None:
    """Delete the pauses that ended before ``instant``."""
    tx.execute(delete(rule_pauses).where(_t.ends_at < instant))
