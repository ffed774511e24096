"""The bytes of a file -> its text."""

from bot.rules.document import place_of
from bot.rules.problems import LONGEST, Problem, Source


def decoded(name: str, data: bytes) -> Source | Problem:
    """Return a file as text, or why it is none. More than ``LONGEST`` + 1 bytes need not be read for this."""
    if len(data) > LONGEST:
        return Problem(name, 1, 1, f"the file has more than {LONGEST} bytes; split it")
    try:
        return Source(name=name, text=data.decode("utf-8"))
    except UnicodeDecodeError as error:
        row, column = place_of(data[: error.start].decode("utf-8"))
        message = f"byte {data[error.start]:#04x} is no UTF-8 text; save the file as UTF-8"
        return Problem(name, row + 1, column + 1, message, code="yaml/parse")
