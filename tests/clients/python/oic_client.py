"""pyoidc (oic), whose client registers and reads."""

from oic.oic import Client
from oic.utils.authn.client import CLIENT_AUTHN_METHOD

from steps import ISSUER, KINDS, Steps, holds

steps = Steps("oic")


def discover() -> None:
    client = Client(client_authn_method=CLIENT_AUTHN_METHOD)
    found = client.provider_config(ISSUER)
    assert found["issuer"] == ISSUER
    assert found["registration_endpoint"] == f"{ISSUER}/reg"


def register(kind: str) -> Client:
    client = Client(client_authn_method=CLIENT_AUTHN_METHOD)
    server = client.provider_config(ISSUER)
    registered = client.register(server["registration_endpoint"], **KINDS[kind]).to_dict()
    assert "scope" not in registered
    # It sends its grants in any order, and no scope.
    shown = registered | {"grant_types": sorted(registered["grant_types"]), "scope": None}
    holds(kind, shown, scope=None)
    assert client.registration_access_token
    return client


def read() -> None:
    client = clients["secret_basic"]
    registered = client.registration_response.to_dict()
    found = client.registration_read().to_dict()
    del registered["client_secret"]
    assert found == registered


steps.take("discover", discover)
clients = {kind: steps.take(f"register {kind}", lambda: register(kind)) for kind in KINDS}
steps.take("read", read)
