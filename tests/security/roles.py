"""Who may call which operation of the target's description, as its profile's file of roles says."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urljoin

import httpx

from fixtures.targets.contract import Role
from fixtures.targets.profile import Profile

GUEST = "guest"
"""Whoever buys without an account: the suite's contract knows them by a session only."""

METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the description. `path` begins where the description's server ends."""

    id: str
    method: str
    path: str


class Roles:
    """The table. Roles are named as the suite names them; `None` is a stranger."""

    def __init__(self, profile: Profile) -> None:
        description: dict[str, Any] = {}
        table: dict[str, Any] = {}
        if profile.roles and profile.description:
            description = json.loads(profile.file(profile.description).read_text("utf-8"))
            table = tomllib.loads(profile.file(profile.roles).read_text("utf-8"))
        self._server = (description.get("servers") or [{"url": "/"}])[0]["url"]
        self._parameters: dict[str, str] = table.pop("parameters", {})
        self._table: dict[str, list[str]] = table
        self.operations = [
            Operation(operation["operationId"], method.upper(), path)
            for path, methods in description.get("paths", {}).items()
            for method, operation in methods.items()
            if method in METHODS
        ]

    def named(self) -> set[str]:
        """The operations for which somebody is named."""
        return {operation for operations in self._table.values() for operation in operations}

    def allow(self, role: Role | str | None, operation: Operation) -> bool:
        """A guest has a session, but is not signed in."""
        groups = ["anybody", *([str(role)] if role else []), *(["signed_in"] if isinstance(role, Role) else [])]
        return any(operation.id in self._table.get(group, []) for group in groups)

    def request(self, operation: Operation, api: str, **values: str) -> httpx.Request:
        """A call of the operation that is right as far as its path, and asks for nothing: it could harm nobody."""
        parts = {name: value.format(**values) for name, value in self._parameters.items()}
        address = urljoin(api, self._server).rstrip("/") + operation.path.format_map(parts)
        body = {} if operation.method in ("GET", "DELETE") else {"json": {}}
        return httpx.Request(operation.method, address, **body)


@cache
def roles_of(profile: str) -> Roles:
    """Those of the target that `--target` names."""
    from fixtures.targets.profile import load

    return Roles(load(profile))
