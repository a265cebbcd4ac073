"""Authlib: its models of both discovery documents and of client metadata, its session for the requests."""

import os

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7591 import ClientMetadataClaims
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc8414 import get_well_known_url as oauth_url
from authlib.oidc.discovery import OpenIDProviderMetadata
from authlib.oidc.discovery import get_well_known_url as openid_url
from authlib.oidc.registration import ClientMetadataClaims as OpenIDClientMetadataClaims

from steps import ISSUER, KINDS, Steps, holds, update

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
steps = Steps("Authlib")
nobody = OAuth2Session()


def discover() -> dict:
    for url, model in [
        (oauth_url(ISSUER, external=True), AuthorizationServerMetadata),
        (openid_url(ISSUER, external=True), OpenIDProviderMetadata),
    ]:
        metadata = model(nobody.get(url, withhold_token=True).json())
        metadata.validate()
        assert metadata["issuer"] == ISSUER
    return metadata


def register(kind: str) -> dict:
    answer = nobody.post(server["registration_endpoint"], json=KINDS[kind], withhold_token=True)
    assert answer.status_code == 201
    client = holds(kind, answer.json())
    for claims in [ClientMetadataClaims, OpenIDClientMetadataClaims]:
        claims(client, {}, claims.get_claims_options(server)).validate()
    return client


server = steps.take("discover", discover)
clients = {kind: steps.take(f"register {kind}", lambda: register(kind)) for kind in KINDS if kind != "private_use"}
client = clients["secret_basic"]
uri = client["registration_client_uri"]
holder = OAuth2Session(token={"access_token": client["registration_access_token"], "token_type": "Bearer"})


def read() -> None:
    visible = {member: value for member, value in client.items() if member != "client_secret"}
    assert holder.get(uri).json() == visible


def replace() -> None:
    updated = holder.put(uri, json=update(client)).json()
    assert updated["client_name"] == "A renamed server"
    assert holder.get(uri).json() == updated


def delete() -> None:
    assert holder.delete(uri).status_code == 204
    assert holder.get(uri).status_code == 401


steps.take("read", read)
steps.take("update", replace)
steps.take("delete", delete)
