"""The reference of the HTTP API, from the OpenAPI document that the API gives of itself.

python docs/api_reference.py http://127.0.0.1:8000     # writes docs/openapi.json anew
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("openapi.json")
INTRODUCTION = """# HTTP API

Made from the API's own document, `/openapi.json`, with every room open; what a server has no
artefact of, it does not offer, and `filters` then names the fields of its own catalogue. Errors
are problem documents (RFC 9457). [How it is run](../serving.md).
"""
_EXAMPLES = frozenset({"example", "examples"})
_REFERENCE = "#/components/schemas/"


def page(document: dict[str, Any] | None = None) -> str:
    """The page, in Markdown: a section for each operation, then one for each model."""
    document = json.loads(FILE.read_text(encoding="utf-8")) if document is None else document
    operations = "".join(
        _operation(method, path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    )
    models = "".join(
        _model(name, model) for name, model in document["components"]["schemas"].items()
    )
    return f"{INTRODUCTION}\n## Operations\n{operations}\n## Models\n{models}"


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what depends on the artefacts served: examples, fields of filters."""
    kept: dict[str, Any] = _without_examples(document)
    kept["paths"] = dict(sorted(kept["paths"].items()))
    kept["info"].pop("version", None)
    request = kept["components"]["schemas"].get("RecommendationRequest")
    if request is not None:
        for limit in ("propertyNames", "maxProperties"):
            request["properties"]["filters"].pop(limit, None)
    return kept


def _without_examples(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_examples(v) for k, v in value.items() if k not in _EXAMPLES}
    return [_without_examples(each) for each in value] if isinstance(value, list) else value


def _operation(method: str, path: str, described: dict[str, Any]) -> str:
    parts = [f"\n### {method.upper()} `{path}`\n\n{described['summary']}.\n".replace("?.", "?")]
    if parameters := described.get("parameters"):
        rows = "".join(
            f"| `{each['name']}` | {each['in']} | {_type(each['schema'])} | "
            f"{_default(each['schema'], required=each['required'])} | "
            f"{_cell(each.get('description', ''))} |\n"
            for each in parameters
        )
        parts.append(
            "\n| Parameter | In | Type | Default | Meaning |\n| --- | --- | --- | --- | --- |\n"
            + rows
        )
    if body := described.get("requestBody"):
        content = body["content"]["application/json"]
        parts.append(f"\nBody: {_type(content['schema'])}\n")
        if "example" in content:
            shown = json.dumps(content["example"], ensure_ascii=False, indent=2)
            parts.append(f"\n```json\n{shown}\n```\n")
    answers = "".join(
        f"| {status} | {_cell(answer['description'])} | {_contents(answer)} |\n"
        for status, answer in described["responses"].items()
    )
    parts.append(f"\n| Status | Meaning | Content |\n| --- | --- | --- |\n{answers}")
    return "".join(parts)


def _contents(answer: dict[str, Any]) -> str:
    return "; ".join(
        f"`{kind}`: {_type(content['schema'])}"
        for kind, content in answer.get("content", {}).items()
    )


def _model(name: str, model: dict[str, Any]) -> str:
    head = f"\n### {name}\n\n{model.get('description', '')}\n".replace("``", "`")
    required = model.get("required", ())
    rows = "".join(
        f"| `{field}` | {_type(schema)} | {_default(schema, required=field in required)} | "
        f"{_cell(schema.get('description', ''))} |\n"
        for field, schema in model.get("properties", {}).items()
    )
    if not rows:
        return f"{head}\n{_type(model)}\n"
    return f"{head}\n| Field | Type | Default | Meaning |\n| --- | --- | --- | --- |\n{rows}"


def _type(schema: dict[str, Any]) -> str:
    return _cell(", ".join([" or ".join(dict.fromkeys(_types(schema))), *_limits(schema)]))


def _types(schema: dict[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        yield f"[{name}](#{name.lower()})"
    elif "enum" in schema or "const" in schema:
        yield ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
        for each in alternatives:
            yield from _types(each)
    elif schema.get("type") == "array":
        yield f"list of {_type(schema.get('items', {}))}"
    elif "properties" in schema and "event" in schema["properties"]:
        data = schema["properties"]["data"]["contentSchema"]
        yield f"event `{schema['properties']['event']['const']}` with {_type(data)}"
    elif isinstance(values := schema.get("additionalProperties"), dict):
        yield f"object of {_type(values)}"
    else:
        yield str(schema.get("type", "anything")).replace("string", "text")


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    shown = {
        "minimum": "≥ {}",
        "maximum": "≤ {}",
        "minLength": "at least {} characters",
        "maxLength": "at most {} characters",
        "minItems": "at least {}",
        "maxItems": "at most {}",
    }
    for limited in (schema, *schema.get("anyOf", ())):
        for name, form in shown.items():
            if name == "minLength" and limited.get(name) == 1:
                yield "not empty"
            elif name in limited:
                yield form.format(limited[name])


def _default(schema: dict[str, Any], *, required: bool) -> str:
    if required:
        return "required"
    return f"`{json.dumps(schema['default'], ensure_ascii=False)}`" if "default" in schema else ""


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|").replace("\n", " ")


def main() -> None:
    url = sys.argv[1] if len(sys.argv) == 2 else "http://127.0.0.1:8000"
    with urllib.request.urlopen(f"{url}/openapi.json", timeout=30) as answer:  # noqa: S310 (a server of ours)
        document = json.load(answer)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    FILE.write_text(text, encoding="utf-8")
    print(f"docs: {FILE.name} with {len(document['paths'])} operations")


if __name__ == "__main__":
    main()
