"""The frame of every client in Python: it takes its steps, and prints a line for each."""

import json
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ISSUER, MCP = sys.argv[1:3]  # MCP is a server that names the issuer
AUTHORIZE = MCP[: MCP.index("/mcp/")] + "/authorize"
KINDS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parents[1] / "kinds.json").read_text())
EVERY_SCOPE = "openid profile email offline_access"  # of the server, for a client that asks for all of them


class Steps:
    def __init__(self, library: str):
        self.library = library

    def take(self, name: str, action: Callable[[], Any]) -> Any:
        ok, detail, result = True, "", None
        try:
            result = action()
        except Exception:
            ok, detail = False, traceback.format_exc()
        line = {"issuer": ISSUER, "library": self.library, "version": version(self.library), "step": name}
        line |= {"ok": ok, "detail": detail}
        print(json.dumps(line), flush=True)
        return result


def holds(kind: str, client: dict[str, Any], **instead: Any) -> dict[str, Any]:
    """The answer to a registration: all that was sent, `instead` of what its kind has, and the credentials."""
    for member, value in (KINDS[kind] | instead).items():
        assert client[member] == value, f"{member}: {client[member]!r}"
    assert len(client["client_id"]) >= 22
    assert isinstance(client["client_id_issued_at"], int)
    if kind.startswith("secret_"):
        assert len(client["client_secret"]) == 86
        assert client["client_secret_expires_at"] == 0
    else:
        assert client.get("client_secret") is None
    return client


def update(client: dict[str, Any]) -> dict[str, Any]:
    """The metadata with which an update replaces a client of kind `secret_basic`."""
    return KINDS["secret_basic"] | {"client_id": client["client_id"], "client_name": "A renamed server"}
