"""Facts that the contract fuzzer needs: the tokens of callers, and clients that exist."""

import gc
import json
import os
import random
import urllib.request

import schemathesis

# By default, Python looks for cycles after 700 new objects, and finds few among the strategies, which live on.
gc.set_threshold(50_000, 50, 50)

BASE = os.environ["ROLLCALL_URL"]
TOKENS = {"authorization server": os.environ["AS_SECRETS_TOKEN"], "operator": os.environ["ADMIN_TOKEN"]}
METADATA = {"redirect_uris": ["https://app.example/cb"], "client_name": "contract"}


def register() -> dict:
    request = urllib.request.Request(
        f"{BASE}/reg", json.dumps(METADATA).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


clients: dict[str, dict] = {}
stopped: list[dict] = []  # disabled or rejected


def client() -> dict:
    """One of the four newest clients, or at times a stopped one: the document has responses for those, too."""
    if stopped and random.random() < 0.1:
        return random.choice(stopped[-4:])
    if len(clients) < 4 or random.random() < 0.05:
        new = register()
        clients[new["client_id"]] = new
    return random.choice(list(clients.values())[-4:])


@schemathesis.auth(refresh_interval=None)
class Token:
    def get(self, case, context):
        (tag,) = case.operation.tags
        return TOKENS.get(tag) or client()["registration_access_token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    # Most requests are about a client that exists and made by whoever may; the others are as made up.
    authorized = case.headers.get("Authorization", "").startswith("Bearer ")
    if "client_id" not in (case.path_parameters or {}) or not authorized or random.random() < 0.3:
        return
    known = client()
    case.path_parameters["client_id"] = known["client_id"]
    if case.operation.tags == ["registration"]:
        case.headers["Authorization"] = f"Bearer {known['registration_access_token']}"
    # Made up conditions hardly ever hold, and a made up update is hardly ever one of the client's own.
    if random.random() < 0.7:
        for name in ("If-Match", "If-None-Match"):
            case.headers.pop(name, None)
        if case.operation.label == "PUT /reg/{client_id}":
            case.body = {"client_id": known["client_id"], **METADATA}


@schemathesis.hook
def after_call(context, case, response):
    stops = case.operation.label.endswith(("/disable", "/reject"))
    # After these, the client is gone or has another token.
    ends = case.method in ("PUT", "DELETE") or case.operation.label.endswith("/rotate")
    if response.status_code < 300 and (stops or ends):
        changed = clients.pop((case.path_parameters or {}).get("client_id"), None)
        if changed and stops:
            stopped.append(changed)


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return {"data": value if isinstance(value, bytes) else str(value).encode()}
