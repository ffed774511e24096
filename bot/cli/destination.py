"""Where the output of a command goes: the terminal, or a file that appears only when it is complete."""

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Taken(Exception):
    """There is something else already; the message says what to do."""


@contextmanager
def destination(output: str, *, force: bool) -> Iterator[IO[bytes]]:
    """Give a stream to write to: standard output for ``-``, else a file of a temporary name beside the one
    that is asked for, which it becomes at the end of the block; a failed block leaves nothing behind.

    Raises Taken, before anything is written, where the file exists and ``force`` is not set, or where it is
    no ordinary file. Raises OSError where nothing can be written.
    """
    if output == "-":
        # A stream of its own: what a closed pipe leaves unwritten in sys.stdout fails again at the exit.
        with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as stream:
            yield stream
        return
    path = Path(os.path.realpath(output))  # a link stays a link
    _check(path, output, force)
    part = path.with_name(f".agora-bot-{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as stream:
            yield stream
        _check(path, output, force)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _check(path: Path, output: str, force: bool) -> None:
    if path.exists() and not path.is_file():
        raise Taken(f"{output} is not a file")
    if path.exists() and not force:
        raise Taken(f"{output} exists already; --force replaces it")
