"""Whatever stands in a file: rules, or problems with their places; never a traceback, a hang, or a deed."""

from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import Problem, Source, examine
from bot.rules.problems import MOST
from bot.rules.report import as_annotation, as_json, as_text
from bot.rules.routing import examine_routing
from bot.rules.text import decoded
from tests.rules.golden_cases import FILES, events, metric, rule
from tests.rules.test_load import GOOD
from tests.rules.test_routing import TREE as ROUTING

READERS = {
    "rules": lambda source: examine([source], set()).problems,
    "routing": lambda source: examine_routing(source)[1],
}
each_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)
Reader = Callable[[Source], tuple[Problem, ...]]


def told(read: Reader, data: bytes) -> tuple[Problem, ...]:
    """Return the problems of a file, after making sure that each can be printed and points into the file."""
    source = decoded("a.yml", data)
    problems = (source,) if isinstance(source, Problem) else read(source)
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert "Traceback" not in problem.message
        (as_text(problem) + as_annotation(problem)).encode()
    as_json(problems).encode()
    assert len(problems) <= 10 * MOST
    return problems


pieces = st.sampled_from(
    [b"&a ", b"*a", b"<<: ", b"!!python/object:os.system ", b"- ", b"? ", b": ", b"\n", b"\n  ", b"[", b"]"]
    + [b"{", b"}", b"|\n", b">\n", b'"\\ud800"', b'"\\UFFFFFFFF"', b"0x" + b"f" * 300, b"9" * 400, b".inf"]
    + [b"---\n", b"%YAML 1.1\n", b"{{ ", b"}}", b"{% for a in labels %}", b'cname=~"(a+)+$"', b"\xff"]
    + [b"\x00", b"\xef\xbb\xbf", b"#", b",", b"~", b"5m"]
    + [word.encode() for word in GOOD.split() + ROUTING.split()]
)  # fmt: skip
soup = st.lists(pieces, max_size=40).map(b"".join)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a good file, or one that is wrong in one way, with a piece of it replaced by something else."""
    texts = [GOOD, ROUTING, *(text for text in FILES.values() if len(text) < 5000)]
    data = draw(st.sampled_from(texts)).encode()
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 30)))
    return data[:start] + draw(soup | st.binary(max_size=8)) + data[end:]


@each_reader
@given(data=st.binary(max_size=300) | soup | damaged())
def test_any_bytes_are_rules_or_problems_at_places(read: Reader, data: bytes) -> None:
    told(read, data)


def _many(text: str, count: int) -> str:
    return "".join(text.format(i) for i in range(count))


RULE = f"      - alert: A{{0}}\n        {metric().replace('{', '{{').replace('}', '}}')}\n"
COMPOSITE = "      - alert: A{0}\n        composite: {{any_of: [{{alert: ~1{0}}}, {{alert: ~{0}}}]}}\n"
ROUTES = "{matchers: ['a=b'], receiver: x}," * 5_000
HEAD = "version: 1\ngroups:\n  - name: g\n    rules:\n"
LARGE = {
    "an alias bomb": _many("a{0}: &a{0} [" + ", ".join(["*a0"] * 9) + "]\n", 5000),
    "anchors": "a: [" + _many("&b{} 1,", 90_000) + "]",
    "open lists": "[" * 999_000,
    "open mappings": "{" * 999_000,
    "deep blocks": "- " * 499_000,
    "deep keys": "? " * 499_000,
    "one long key": "x" * 900_000 + ": 1",
    "a key like a known one": "groups" * 150_000 + ": 1",
    "keys in a line": "version: 1\ngroups: [{" + _many("k{}: 1, ", 20_000) + "}]",
    "keys in lines": _many("k{}: 1\n", 20_000),
    "a list of numbers": "version: 1\ngroups: [" + "1," * 45_000 + "]",
    "a text": "a: |\n" + " x\n" * 150_000,
    "comments": "# lint disable nothing\n" * 15_000,
    "rules": HEAD + _many(RULE, 2000),
    "a circle": HEAD + _many(COMPOSITE.replace("~", "A"), 2000),
    "references to nothing": HEAD + _many(COMPOSITE.replace("~", "B"), 2000),
    "a template": rule(metric(), "annotations: {a: '" + "{{ x }}" * 100_000 + "'}"),
    "a deep template": rule(metric(), "annotations: {a: '" + "{{ " + "(" * 900 + "'}"),
    "an expression": rule(events(""", where: ['cname=~"(a|""" + "(b|" * 400 + "']")),
    "repetitions": rule(events(""", where: ['cname=~"((a{1000}){1000}){1000}"']""")),
    "routes": f"version: 1\nroute: {{receiver: a, routes: [{ROUTES}]}}\nreceivers: [{{name: a}}]",
    "receivers": "version: 1\nroute: {receiver: a}\nreceivers: [" + "{name: a}," * 12_000 + "]",
}  # fmt: skip


@pytest.mark.parametrize("case", LARGE)
def test_large_files_are_read_in_bounded_time(case: str) -> None:
    reader = "routing" if case in ("routes", "receivers") else "rules"
    began = process_time()
    told(READERS[reader], LARGE[case].encode())
    assert process_time() - began < 15  # a second or two; more than linear time would be minutes


def test_a_file_beyond_the_limit_is_not_read() -> None:
    (problem,) = told(READERS["rules"], b"#" + b"x" * 1_000_000)
    assert "more than 1000000 bytes" in problem.message


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param(b"version: 1\n# caf\xe9\n", (2, 6), id="latin-1"),
        pytest.param("version: 1\n".encode("utf-16"), (1, 1), id="utf-16"),
        pytest.param("# \u901a\u8bdd ".encode() + b"\xff", (1, 6), id="after wide letters"),
    ],
)
def test_what_is_no_utf_8_is_told_at_its_place(data: bytes, place: tuple[int, int]) -> None:
    (problem,) = told(READERS["rules"], data)
    assert (problem.line, problem.column) == place
    assert "UTF-8" in problem.message


def test_no_tag_of_python_does_anything(tmp_path) -> None:
    mark = tmp_path / "mark"
    text = f"version: !!python/object/apply:os.mkdir [{mark}]\ngroups: !!python/name:os.system ''\n"
    messages = [problem.message for problem in told(READERS["rules"], text.encode())]
    assert [message for message in messages if "tags are refused" in message]
    assert not mark.exists()
