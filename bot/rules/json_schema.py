"""The rule language as JSON Schema, so that editors complete, explain and underline while somebody writes.

It is made from the same models that read the files. Editors' YAML server speaks draft-07.
"""

import json
from typing import Any

from bot.rules.grammar import FileSpec

_KINDS = ("metric", "events", "call", "composite")


def rules_schema() -> str:
    """Return the schema of a rule file as JSON text."""
    schema = _plain(FileSpec.model_json_schema(ref_template="#/definitions/{model}"))
    schema["definitions"] = schema.pop("$defs")
    rule = schema["definitions"]["RuleSpec"]
    rule["oneOf"] = [{"required": [kind]} for kind in _KINDS]
    item = schema["definitions"]["FactorItem"]
    schema["definitions"]["FactorItem"] = {"anyOf": [item, item["properties"]["factor"]]}
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Alert rules of agora-bot"}
    return json.dumps(head | {k: v for k, v in schema.items() if k != "title"}, indent=2) + "\n"


def _plain(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a part of the schema without what says nothing: titles made from names, nulls, line ends."""
    if isinstance(node, list):
        return [_plain(one) for one in node if one != {"type": "null"}]
    if not isinstance(node, dict):
        return " ".join(node.replace("``", "`").split()) if isinstance(node, str) and " " in node else node
    found = {key: _plain(value) for key, value in node.items() if not (key == "default" and value is None)}
    if isinstance(found.get("title"), str):
        del found["title"]
    choices = found.get("anyOf")
    if isinstance(choices, list) and len(choices) == 1:
        del found["anyOf"]
        found = {**choices[0], **found} if "$ref" not in choices[0] else {"allOf": choices, **found}
    return found
