"""The OpenAPI document: made from the table of calls and the shapes, so that it cannot differ."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from comity.web.api import shapes
from comity.web.api.calls import CALLS, Call

_PARTS = {"id": r"^[0-9a-f]{8,64}$", "name": r"^[a-z][a-z0-9-]{0,63}$"}
_TOLD = {
    "400": "The request could not be read: JSON, shape, parameters.",
    "401": "No token, or one that is good no more.",
    "404": "There is no such thing at this desk.",
    "405": "Not by this method.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "422": "Refused in words; nothing was signed.",
    "500": "Something failed in the room; what was acknowledged before is kept.",
}


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all calls."""
    kinds = [shapes.ErrorTold]
    for call in CALLS:
        kinds += [kind for kind in (call.takes, call.gives) if kind is not None]
    schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    known = {id(kind): schema for kind, schema in zip(kinds, schemas)}
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, known)
    told: dict[str, Any] = _plain(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Comity",
                "version": "1",
                "description": "What the pages of the room do, as JSON, from the desk that a "
                "token speaks for. Not accredited for classified material.",
            },
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {
                    "token": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "Made at a desk of the room, under Tokens.",
                    }
                },
            },
        }
    )
    return told


def _operation(call: Call, known: dict[int, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"operationId": call.name, "summary": call.summary}
    parts = [part for part in _PARTS if f"{{{part}}}" in call.path]
    parameters: list[dict[str, Any]] = [
        {
            "name": part,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": _PARTS[part]},
        }
        for part in parts
    ]
    errors = ["400", "401", "405", "500"]
    if call.method == "GET":
        fields = msgspec.json.schema(call.takes)["$defs"][call.takes.__name__]["properties"]
        parameters += [
            {"name": name, "in": "query", "required": False, "schema": _not_null(schema)}
            for name, schema in fields.items()
        ]
        errors += ["404"] if parts or call.name == "record" else []
        errors += ["422"]
    else:
        body = {"application/json": {"schema": known[id(call.takes)]}}
        told["requestBody"] = {"required": True, "content": body}
        errors += ["404", "413", "415", "422"]
    if parameters:
        told["parameters"] = parameters
    given = {"type": "object"} if call.gives is None else known[id(call.gives)]
    error = {"application/json": {"schema": known[id(shapes.ErrorTold)]}}
    told["responses"] = {
        "200": {
            "description": "A certificate, to be kept as it is."
            if call.gives is None
            else "Done, and how it stands now."
            if call.method == "POST"
            else "As it stands now.",
            "content": {"application/json": {"schema": given}},
        },
        **{one: {"description": _TOLD[one], "content": error} for one in sorted(errors)},
    }
    return told


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a parameter may be where it is given: an address has no null."""
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return options[0] if len(options) == 1 else schema


def _plain(value: Any) -> Any:
    r"""Return the document with patterns in the dialect of JSON Schema, where `\Z` is `$`."""
    if isinstance(value, dict):
        return {
            key: one.replace(r"\Z", "$")
            if key == "pattern" and isinstance(one, str)
            else _plain(one)
            for key, one in value.items()
        }
    return [_plain(one) for one in value] if isinstance(value, list) else value
