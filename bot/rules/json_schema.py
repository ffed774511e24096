"""The rule language as JSON Schema, so that editors complete, explain and underline while somebody writes.

It is made from the same models that read the files. Editors' YAML server speaks draft-07.
"""

import json
from typing import Any

from bot.rules.fields import Part
from bot.rules.grammar import FileSpec
from bot.rules.routing_grammar import RoutingSpec

_KINDS = ("metric", "events", "call", "composite")


def rules_schema() -> str:
    """Return the schema of a rule file as JSON text."""
    schema = _schema(FileSpec, "Alert rules of agora-bot")
    rule = schema["definitions"]["RuleSpec"]
    rule["oneOf"] = [{"required": [kind]} for kind in _KINDS]
    item = schema["definitions"]["FactorItem"]
    schema["definitions"]["FactorItem"] = {"anyOf": [item, item["properties"]["factor"]]}
    return json.dumps(schema, indent=2) + "\n"


def routing_schema() -> str:
    """Return the schema of routing.yml as JSON text."""
    schema = _schema(RoutingSpec, "Routing of agora-bot's alerts")
    schema["properties"]["route"] = {"allOf": [{"$ref": "#/definitions/Route"}, {"required": ["receiver"]}]}
    schema["definitions"]["Route"]["dependencies"] = {
        "escalate_after": ["escalate_to"],
        "escalate_to": ["escalate_after"],
    }
    return json.dumps(schema, indent=2) + "\n"


def _schema(model: type[Part], title: str) -> dict[str, Any]:
    schema = _plain(model.model_json_schema(ref_template="#/definitions/{model}"))
    schema["definitions"] = schema.pop("$defs")
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema, "title": title}


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
