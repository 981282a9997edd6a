"""The page /docs: the OpenAPI document for people, written by the server. No script, nothing from elsewhere."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 1rem }
h1, h2 { font-weight: 600 } h2 { margin-top: 2.5rem }
details { border-top: 1px solid #8884; padding: .5rem 0 }
summary { cursor: pointer }
code, pre { font: .875rem/1.45 ui-monospace, monospace }
pre { overflow-x: auto; background: #8881; padding: .75rem; border-radius: 6px }
table { border-collapse: collapse; width: 100% } td { vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid #8882 }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600 }
""".strip()
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}
_CODE: Final = re.compile(r"`([^`]+)`")
_METHODS: Final = ("get", "post", "put", "patch", "delete")


def page(document: Mapping[str, Any]) -> str:
    info = document["info"]
    parts = [f"<h1>{_text(info['title'])} {_text(info['version'])}</h1>", _paragraphs(info["description"])]
    parts.append('<p>For programs: <a href="/openapi.json">openapi.json</a></p>')
    for tag in document["tags"]:
        parts.append(f"<h2>{_text(tag['name'])}</h2><p>{_text(tag['description'])}</p>")
        for method, path, operation in _operations(document):
            if tag["name"] in operation.get("tags", ()):
                parts.append(_operation(method, path, operation, document["components"]["responses"]))
    parts.append("<h2>what is sent and answered</h2>")
    for name, schema in document["components"]["schemas"].items():
        parts.append(
            f'<details id="{_text(name)}"><summary><code>{_text(name)}</code></summary>'
            f"{_paragraphs(schema.get('description', ''))}{_fields(schema)}</details>"
        )
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(info['title'])}: HTTP API</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, operations in (*document["paths"].items(), *document["webhooks"].items()):
        for method in _METHODS:
            if method in operations:
                yield method.upper(), path, operations[method]


def _operation(method: str, path: str, operation: Mapping[str, Any], shared: Mapping[str, Any]) -> str:
    scopes = [scope for each in operation.get("security", ()) for scopes in each.values() for scope in scopes]
    needs = f"<p>Scope: <code>{_text(', '.join(scopes))}</code></p>" if scopes else ""
    parameters = "".join(
        f"<tr><td><code>{_text(each['name'])}</code></td><td>{_text(each['in'])}</td><td>{_prose(each.get('description', ''))}"
        f" {_kind(each.get('schema', {}))}</td></tr>"
        for each in operation.get("parameters", ())
    )
    body = "".join(
        f"<p>Body: {_text(kind)} {_kind(content.get('schema', {}))}</p>"
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
    )
    answers = "".join(
        f"<tr><td><code>{_text(status)}</code></td><td>{_prose(answer['description'])} {_answer(answer)}</td></tr>"
        for status, answer in ((status, _found(answer, shared)) for status, answer in operation["responses"].items())
    )
    return (
        f'<details><summary><code><span class="method">{method}</span> {_text(path)}</code></summary>'
        f"{_paragraphs(operation.get('description', ''))}{needs}"
        + (f"<table>{parameters}</table>" if parameters else "")
        + f"{body}<table>{answers}</table></details>"
    )


def _found(answer: Mapping[str, Any], shared: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
    return found


def _answer(answer: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_kind(content.get("schema", {})) for content in answer.get("content", {}).values())))


def _fields(schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{_text(name)}</code>{'' if name in required else ' <small>optional</small>'}</td>"
        f"<td>{_kind(field)}</td><td>{_prose(field.get('description', ''))} {_default(field)}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    )
    return f"<table>{rows}</table>" if rows else f"<pre>{_text(json.dumps(schema, indent=1))}</pre>"


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = _text(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(filter(None, (_kind(each) for each in schema["anyOf"])))
    if "enum" in schema:
        return ", ".join(f"<code>{_text(json.dumps(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return _text(str(schema.get("const", schema.get("type", ""))))


def _default(schema: Mapping[str, Any]) -> str:
    default = schema.get("default")
    return "" if default is None else f"Default: <code>{_text(json.dumps(default))}</code>"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_prose(each)}</p>" for each in text.split("\n\n") if each.strip())


def _prose(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", _text(text))


def _text(text: str) -> str:
    return html.escape(text)
