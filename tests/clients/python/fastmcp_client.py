"""FastMCP, whose client always comes back to the loopback interface."""

import asyncio
import logging
import warnings

import httpx2
from fastmcp.client.auth import OAuth
from mcp.shared.auth import OAuthClientInformationFull

from steps import AUTHORIZE, EVERY_SCOPE, ISSUER, KINDS, MCP, Steps, holds

logging.disable()
warnings.simplefilter("ignore")
steps = Steps("fastmcp")


class Redirected(Exception):
    """The user would be sent to `args[0]` now."""


class Unattended(OAuth):
    async def redirect_handler(self, authorization_url: str) -> None:
        raise Redirected(authorization_url)


async def authorize(kind: str) -> OAuthClientInformationFull:
    own = {"redirect_uris", "client_name", "grant_types", "response_types", "scope"}
    more = {member: value for member, value in KINDS[kind].items() if member not in own}
    name = KINDS[kind]["client_name"]
    oauth = Unattended(MCP, client_name=name, additional_client_metadata=more, callback_port=49152)
    async with httpx2.AsyncClient(auth=oauth) as client:
        try:
            await client.get(MCP)
        except Redirected as redirected:
            assert redirected.args[0].startswith(f"{AUTHORIZE}?")
        else:
            raise AssertionError("the user was sent nowhere")
    registered = await oauth.token_storage_adapter.get_client_info()
    assert registered
    return registered


def discover() -> None:
    assert asyncio.run(authorize("loopback")).issuer == ISSUER


def register(kind: str) -> None:
    client = asyncio.run(authorize(kind)).model_dump(mode="json", exclude_none=True)
    holds(kind, client, redirect_uris=["http://localhost:49152/callback"], scope=EVERY_SCOPE)


steps.take("discover", discover)
for kind in ["secret_basic", "secret_post", "loopback"]:
    steps.take(f"register {kind}", lambda: register(kind))
