"""`agora-bot diagnose`: what went wrong in calls that were saved as files."""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.flows.diagnose import Examined
    from bot.model.observation import DiagnosisEvent

_MANY = 40
"""From so many files on, a second process is worth its start."""
_PROCESSES, _AT_ONCE = 2, 8


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE|DIR...", type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--events",
    "events_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Agora's own diagnosis of that time, a body of live/diagnosis.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True
)
def diagnose(paths: tuple[Path, ...], events_file: Path | None, form: str) -> None:
    """Say what went wrong in calls, for whom, when, on whose side, why, and how surely.

    FILE is a body of call/details as Agora answers it. Of a DIR each NAME.details.json is examined, with the
    events of NAME.events.json where that is beside it. JSON is one object a call and line; html is one page
    that needs nothing else.

    Ends with 0 when all could be read, with 1 when some could not: they are told as insufficient_data, and
    the rest is examined all the same. Ends with 2 when there is nothing to examine.
    """
    from bot.cli.data import Refused
    from bot.flows.diagnose import BadEvents, NoCalls, files_of, read_events

    try:
        files = files_of(paths)
        events = read_events(events_file) if events_file else ()
    except (NoCalls, BadEvents) as refused:
        raise Refused(str(refused)) from None
    failed = False
    shown: list[Examined] = []
    with _examined(files, events, drawn=form == "html") as found:
        for one in found:
            if form == "html":
                shown.append(one)
            else:
                click.echo(_said(one, form))
            if one.problem:
                failed = True
                click.echo(one.problem, err=True)
    if form == "html":
        from bot.render.diagnosis_page import page

        click.echo(page((one.name, one.diagnosis, one.pictures) for one in shown))
    sys.exit(int(failed))


def _said(one: "Examined", form: str) -> str:
    if form == "json":
        from bot.render.diagnosis_json import as_json

        return as_json(one.name, one.diagnosis)
    from bot.render.diagnosis_text import as_text

    return as_text(one.name, one.diagnosis)


@contextmanager
def _examined(
    files: "Sequence[Path]", events: "Sequence[DiagnosisEvent]", *, drawn: bool
) -> "Iterator[Iterator[Examined]]":
    """Give the examined files in their order, many of them by two processes."""
    from bot.flows.diagnose import diagnose as one_by_one
    from bot.flows.diagnose import diagnose_file

    if len(files) < _MANY:
        yield one_by_one(files, events, drawn=drawn)
        return
    with ProcessPoolExecutor(_PROCESSES) as pool:
        yield pool.map(partial(diagnose_file, events=events, drawn=drawn), files, chunksize=_AT_ONCE)
