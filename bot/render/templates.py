"""The operators' templates: loaded and compiled once, run in a sandbox, their output parsed and fitted.

A template is untrusted in one sense: its mistakes must be named, with file and line, and never reach Slack.
"""

import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from bot.model.message import Message
from bot.render.fit import fit
from bot.render.fit_text import Breach, Json

KINDS = (
    "incident_root",
    "incident_reply",
    "call_list",
    "call_details",
    "help",
    "notice",
    "silences",
    "storm",
    "incidents",
    "timeline",
    "person",
    "live",
    "usage",
    "status",
    "rules",
    "explanation",
)
_MISTAKES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake: where it is (``line`` 0 is the file as a whole), what it is and what to do."""

    file: str
    line: int
    what: str
    do: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.what}. {self.do}"


class TemplatesInvalid(Exception):
    """The templates cannot be used. The message names every problem, one a line, and what to do."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def load(folder: Path) -> dict[str, Template]:
    """Return the compiled template of each kind. Raises TemplatesInvalid with all that is wrong."""
    # Output is JSON, which `tojson` makes safe; HTML escapes would spoil it.
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found = {kind: _compiled(environment, folder / f"{kind}.j2") for kind in KINDS}
    problems = [result for result in found.values() if isinstance(result, Problem)]
    if problems:
        raise TemplatesInvalid(problems)
    return {kind: result for kind, result in found.items() if isinstance(result, Template)}


def _compiled(environment: SandboxedEnvironment, path: Path) -> Template | Problem:
    if not path.is_file():
        do = "Put it back: copy the default from the project's templates/ folder"
        return Problem(file=path.name, line=0, what=f"is missing in {path.parent}", do=do)
    try:
        return environment.get_template(path.name)
    except TemplateSyntaxError as error:
        do = "Correct the Jinja2 syntax on this line"
        return Problem(file=error.name or path.name, line=error.lineno, what=_said(error.message), do=do)
    except UnicodeDecodeError:
        return Problem(file=path.name, line=0, what="is not UTF-8 text", do="Save it as UTF-8")


def run(template: Template, view: object) -> Message:
    """Return the message that a template makes of its view. Raises TemplatesInvalid where it cannot."""
    file = str(template.name)
    try:
        output = template.render(view=view)
    except _MISTAKES as error:
        do = "Use only the names of the view; the default template shows them"
        raise TemplatesInvalid(
            [Problem(file=file, line=_line(error, file), what=_said(str(error)), do=do)]
        ) from None
    try:
        return fit(_parsed(output))
    except json.JSONDecodeError as error:
        what = f"the output is not JSON: {error.msg} near {_near(error)!r}"
        do = "Put every text through `| tojson` and check the commas"
        raise TemplatesInvalid([Problem(file=file, line=0, what=what, do=do)]) from None
    except Breach as error:
        what = f"the output breaks Slack's rules at {error.pointer or '/'}: {error.what}"
        raise TemplatesInvalid([Problem(file=file, line=0, what=what, do="Correct that part")]) from None


def _parsed(output: str) -> Json:
    return json.loads(output, parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise Breach("", f"{name} is no JSON number")


def _near(error: json.JSONDecodeError) -> str:
    return " ".join(error.doc[max(0, error.pos - 30) : error.pos + 20].split())


def _said(message: str | None) -> str:
    return (message or "cannot be used").strip().rstrip(".")


def _line(error: BaseException, file: str) -> int:
    """Return the template's line that failed: Jinja2 writes its own lines into the traceback."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).name == file
    ]
    return lines[-1] or 0 if lines else 0
