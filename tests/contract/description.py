"""The OpenAPI description of the target this run is about: the file that its profile names.

It is read when the tests are collected, so that every operation is a test with an id of its own and collecting needs
no running target; the suite's own tests prove the reference's file equal to what the running shop serves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urljoin

import schemathesis
from jsonpointer import JsonPointer
from schemathesis import Case
from schemathesis.schemas import APIOperation, BaseSchema

from fixtures.targets.profile import Profile

profile: Profile | None = None
"""Set by the conftest before these modules are collected."""

NOTHING = {"openapi": "3.1.0", "info": {"title": "nothing described", "version": "0"}, "paths": {}}


def schema(operation: str | None = None) -> BaseSchema:
    """The description, or this operation of it only, given by method and path; an empty one when the target has none.

    Unknown query parameters may be ignored (only what is described can be wrong), and who calls is the test's choice.
    """
    if profile is None or profile.description is None:
        return schemathesis.openapi.from_dict(NOTHING)
    others = [{"exclude-name": operation, "enabled": False}] if operation else []
    config = schemathesis.Config.from_dict({"operations": others})
    found = schemathesis.openapi.from_path(profile.file(profile.description), config=config)
    found.config.generation.update(allow_extra_parameters=False, with_security_parameters=False)
    return found


@cache
def _whole() -> BaseSchema:
    """The whole description, read once; for looking things up only."""
    return schema()


def operations() -> list[str]:
    """Every operation by method and path, such as "GET /orders"."""
    return [each.ok().label for each in schema().get_all_operations()]


def described() -> bool:
    """Whether the target has a description at all."""
    return profile is not None and profile.description is not None


def address(api: str) -> str:
    """What the description's paths are relative to: its first server (RFC 3986, against the API's own address)."""
    servers = schema().raw_schema.get("servers") or [{"url": "/"}]
    return urljoin(api, servers[0]["url"]).rstrip("/")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that can be followed: the operation it leads to, and its path parameters, resolved."""

    operation: str
    parameters: tuple[tuple[str, str], ...]


def linked() -> dict[str, APIOperation]:
    """The operations that the description's links lead to, by their ids."""
    whole = schema()
    names = {link["operationId"] for links in _raw_links(whole).values() for link in links.values()}
    found = {each.ok().definition.raw["operationId"]: each.ok() for each in whole.get_all_operations()}
    return {name: found[name] for name in sorted(names)}


def links(case: Case, response: Any) -> list[Link]:
    """The links that the description gives for this answer, resolved from it and from the call (OpenAPI 3.1, Link)."""
    return _resolved(case.operation.definition.raw["operationId"], response, dict(case.path_parameters or {}))


def links_of_answer(request: Any, response: Any) -> list[Link]:
    """The same for a call that a driver made; it names no operation, so method and path tell."""
    for each in _whole().get_all_operations():
        operation = each.ok()
        if operation.method.upper() == request.method and request.url.path == operation.path:
            return _resolved(operation.definition.raw["operationId"], response, {})
    return []


def _resolved(operation: str, response: Any, path: dict[str, Any]) -> list[Link]:
    described = _raw_links(_whole()).get((operation, str(response.status_code)), {})
    found = []
    for link in described.values():
        pairs = {name: _value(expression, response, path) for name, expression in link["parameters"].items()}
        found.append(Link(link["operationId"], tuple(pairs.items())))
    return found


def _value(expression: str, response: Any, path: dict[str, Any]) -> str:
    if expression.startswith("$response.body#"):
        return str(JsonPointer(expression.removeprefix("$response.body#")).resolve(response.json()))
    return str(path[expression.removeprefix("$request.path.")])


def _raw_links(whole: BaseSchema) -> dict[tuple[str, str], dict[str, Any]]:
    """The links as described, by operation id and status."""
    return {
        (operation["operationId"], status): answer["links"]
        for methods in whole.raw_schema["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
        if "links" in answer
    }
