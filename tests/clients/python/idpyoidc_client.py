"""idpyoidc, the successor of pyoidc: a client whose services discover, register and read."""

import logging

from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.oauth2.stand_alone_client import StandAloneClient
from idpyoidc.client.oidc.read_registration import RegistrationRead

from steps import ISSUER, KINDS, Steps, holds

logging.disable()
steps = Steps("idpyoidc")


def client_of(kind: str) -> StandAloneClient:
    client = StandAloneClient(
        config={"issuer": ISSUER, "base_url": "https://app.example", "preference": KINDS[kind]},
        services=DEFAULT_OIDC_SERVICES | {"registration_read": {"class": RegistrationRead}},
        client_type="oidc",
    )
    client.do_provider_info()
    return client


def discover() -> None:
    found = client_of("secret_basic").get_context().provider_info
    assert found["issuer"] == ISSUER
    assert found["registration_endpoint"] == f"{ISSUER}/reg"


def register(kind: str) -> StandAloneClient:
    client = client_of(kind)
    # Left out, the first would be RS256; of the second it takes one value at most.
    sent = {"token_endpoint_auth_signing_alg": "ES256", "scope": "openid"}
    client.do_client_registration(request_args=KINDS[kind] | sent)
    registered = client.get_context().registration_response.to_dict()
    # It asks for the grants that go with its response types, and no more.
    holds(kind, registered, grant_types=["authorization_code"], **sent)
    return client


def read() -> None:
    client = clients["secret_basic"]
    registered = client.get_context().registration_response.to_dict()
    found = client.do_request("registration_read").to_dict()
    del registered["client_secret"]
    assert found == registered


steps.take("discover", discover)
kinds = ["secret_basic", "secret_post", "keys"]
clients = {kind: steps.take(f"register {kind}", lambda: register(kind)) for kind in kinds}
steps.take("read", read)
