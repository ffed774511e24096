"""Silences against real databases: what is taken, what they hide, how they end."""

from dataclasses import replace

import pytest

from bot.flows.silencing import SilenceRefused, checked, end, in_force, reach, silence
from bot.flows.sweep import Retention, sweep
from bot.model.alert import State
from bot.model.audit import Asker
from bot.model.silence import Silence
from bot.model.time import DAY_S
from bot.store import Database, alerts, incidents, silences
from tests.conftest import T0
from tests.store.test_alerts import ALERT
from tests.told import told

ASKER = Asker(user="U1", channel="C1", team="T1")
WANTED = Silence(
    matchers=(f'alertname="{ALERT.alertname}"',),
    starts_at=T0,
    ends_at=T0 + 3600,
    author="U1",
    comment="a  reason",
)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"matchers": ()}, "Which alerts"),
        ({"matchers": ('a="b"',) * 21}, "too many"),
        ({"matchers": ('alertname=~".*"',)}, "every alert"),
        ({"matchers": ('alertname!="x"',)}, "every alert"),
        ({"matchers": ("alertname",)}, "is not a matcher"),
        ({"ends_at": T0}, "before it begins"),
        ({"starts_at": T0 - 60, "ends_at": T0 - 1}, "over already"),
        ({"ends_at": 10**15}, "outlast the calendar"),
        ({"comment": " \n "}, "Why"),
        ({"comment": "x" * 501}, "501 characters"),
    ],
)
def test_a_senseless_silence_is_refused_with_what_to_do(change: dict, sentence: str) -> None:
    with pytest.raises(SilenceRefused, match=sentence):
        checked(replace(WANTED, **change), T0)


def test_a_silence_of_everything_is_made_on_purpose_only() -> None:
    assert checked(replace(WANTED, matchers=('alertname=~".+"',)), T0).comment == "a reason"


def test_the_preview_counts_what_fires_and_what_fired(database: Database) -> None:
    with database.transaction() as tx:
        alerts.save(tx, replace(ALERT, fired_at=T0 - 60))
        for n, fired_at in enumerate((T0 - 3600, T0 - DAY_S + 1, T0 - DAY_S - 1)):
            over = replace(ALERT, fingerprint=f"over{n}", state=State.RESOLVED, resolved_at=T0 - 30)
            alerts.save(tx, replace(over, fired_at=fired_at))
    found = reach(database, WANTED.matchers, T0)
    assert (len(found.firing), found.lately, found.unknown) == (1, 3, ())
    nothing = reach(database, ['alertname="Other"', 'chanel="x"', 'nowhere!="x"'], T0)
    assert (nothing.firing, nothing.lately, nothing.unknown) == ((), 0, ("chanel",))
    assert {"alertname", "severity", "project"} <= set(nothing.labels)


def test_a_silence_wakes_what_it_may_hide_and_its_end_too(database: Database) -> None:
    with database.transaction() as tx:
        told(tx, ALERT)
        assert incidents.due(tx, T0 + 10, 10) == []
    made, found = silence(database, WANTED, T0 + 5, ASKER)
    assert (made.id, len(found.firing)) == (1, 1)
    with database.transaction() as tx:
        assert incidents.due(tx, T0 + 10, 10) == [1]
    lasting, ended = in_force(database, T0 + 10, ended=5)
    assert (lasting, ended) == ([(made, 1)], [])
    assert end(database, made.id, T0 + 20, ASKER) == made
    lasting, ended = in_force(database, T0 + 20, ended=5)
    assert (lasting, ended) == ([], [replace(made, ends_at=T0 + 20)])


def test_what_is_over_or_was_never_there_cannot_be_ended(database: Database) -> None:
    with pytest.raises(SilenceRefused, match="There is no silence 7"):
        end(database, 7, T0, ASKER)
    made, _ = silence(database, WANTED, T0, ASKER)
    end(database, made.id, T0 + 1, ASKER)
    with pytest.raises(SilenceRefused, match="over already"):
        end(database, made.id, T0 + 2, ASKER)


def test_one_that_is_ended_before_it_begins_never_does(database: Database) -> None:
    made, _ = silence(database, replace(WANTED, starts_at=T0 + 600), T0, ASKER)
    end(database, made.id, T0 + 60, ASKER)
    with database.transaction() as tx:
        kept = silences.find(tx, made.id)
    assert kept is not None
    assert not any(kept.is_active(T0 + at) for at in (59, 60, 600, 3599))


def test_silences_are_kept_for_a_year(database: Database) -> None:
    made, _ = silence(database, WANTED, T0, ASKER)
    keep = Retention(metrics_days=30, events_days=30)
    for days, known in ((364, True), (366, False)):
        sweep(database, made.ends_at + days * DAY_S, keep, lambda: True)
        with database.reading() as tx:
            assert (silences.find(tx, made.id) is not None) is known
