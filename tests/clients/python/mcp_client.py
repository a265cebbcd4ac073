"""The Python SDK of the Model Context Protocol: its flow goes from a refusal to where the user would be sent."""

import asyncio
import logging
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from steps import AUTHORIZE, EVERY_SCOPE, ISSUER, KINDS, MCP, Steps, holds

logging.disable()
steps = Steps("mcp")


class Redirected(Exception):
    """The user would be sent to `args[0]` now."""


class Storage:
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        raise AssertionError("there is no token to store")

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


async def redirect(url: str) -> None:
    raise Redirected(url)


async def never() -> None:
    raise AssertionError("nobody comes back")


async def authorize(kind: str) -> tuple[str, OAuthClientInformationFull]:
    storage = Storage()
    metadata = OAuthClientMetadata.model_validate(KINDS[kind])
    provider = OAuthClientProvider(MCP, metadata, storage, redirect, never)
    async with httpx2.AsyncClient(auth=provider) as client:
        try:
            await client.get(MCP)
        except Redirected as redirected:
            assert storage.client
            return redirected.args[0], storage.client
    raise AssertionError("the user was sent nowhere")


def discover() -> None:
    url, client = asyncio.run(authorize("loopback"))
    assert client.issuer == ISSUER
    assert url.startswith(f"{AUTHORIZE}?")


def register(kind: str) -> None:
    url, client = asyncio.run(authorize(kind))
    holds(kind, client.model_dump(mode="json", exclude_none=True), scope=EVERY_SCOPE)
    assert parse_qs(urlsplit(url).query)["client_id"] == [client.client_id]


steps.take("discover", discover)
for kind in KINDS.keys() - {"keys"}:
    steps.take(f"register {kind}", lambda: register(kind))
