"""The local Mangopay behind the dashboard under test: read it, add to it, break it on purpose."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.serving import PATIENCE_S, POLL_S, Server

CONTROL_TOKEN = "let-me-in"
KEY = ("local", "local-api-key")
# All tests together call more often than a platform may within 15 minutes, and the dashboard keeps to its limits.
NO_LIMIT = [10_000_000] * 4
FEWEST_HOOKS = 50


@dataclass(frozen=True, slots=True)
class LocalMangopay:
    """Calls the emulator's API and its control plane."""

    api: httpx.AsyncClient
    control: httpx.AsyncClient

    async def get(self, path: str, **query: str) -> Any:
        answer = await self.api.get(path, params=query)
        assert answer.is_success, answer.text
        return answer.json()

    async def post(self, path: str, body: Mapping[str, object]) -> Any:
        answer = await self.api.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def users(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.get("/users", per_page="100", Sort="CreationDate:ASC")
        return found

    async def named(self, name: str) -> str:
        """Return the id of the first user who goes by a name."""
        for row in await self.users():
            user = await self.get(f"/sca/users/{row['Id']}")
            if name in (user.get("Name"), f"{user.get('FirstName')} {user.get('LastName')}"):
                user_id: str = row["Id"]
                return user_id
        raise LookupError(name)

    async def card_payin(self) -> dict[str, Any]:
        """Return a card pay-in of Alice's that succeeded."""
        alice, query = await self.named("Alice Martin"), {"Type": "PAYIN", "Status": "SUCCEEDED", "Nature": "REGULAR"}
        for transaction in await self.get(f"/users/{alice}/transactions", per_page="100", **query):
            payin: dict[str, Any] = await self.get(f"/payins/{transaction['Id']}")
            if payin["PaymentType"] == "CARD":
                return payin
        raise LookupError("a card pay-in")

    async def lift_limits(self) -> None:
        lifted = await self.control.put("/rate-limits", json={"Limits": NO_LIMIT})
        assert lifted.is_success, lifted.text

    async def hold_feeds(self, story_s: int) -> None:
        """Hold news and incidents at so many seconds after the start."""
        held = await self.control.post("/feeds", json={"StoryS": story_s})
        assert held.is_success, held.text

    async def until_seeded(self) -> None:
        """Wait until the marketplace is there: its last part is its hooks."""
        async with asyncio.timeout(PATIENCE_S):
            while len(await self.get("/hooks", per_page="100")) < FEWEST_HOOKS:  # noqa: ASYNC110  (another process)
                await asyncio.sleep(POLL_S)

    @asynccontextmanager
    async def faults(self, *rules: Mapping[str, object]) -> AsyncIterator[None]:
        """Break the API by these rules of the switchboard, to the end of the block."""
        answer = await self.control.put("/faults", json={"Api": list(rules)})
        assert answer.is_success, answer.text
        try:
            yield
        finally:
            await self.control.delete("/faults")


@asynccontextmanager
async def local_mangopay(server: Server) -> AsyncIterator[LocalMangopay]:
    base = f"{server.base_url}/emulator"
    headers = {"Authorization": f"Bearer {CONTROL_TOKEN}"}
    async with (
        httpx.AsyncClient(base_url=f"{base}/v2.01/local", auth=KEY, verify=False) as api,
        httpx.AsyncClient(base_url=f"{base}/_control", headers=headers, verify=False) as control,
    ):
        yield LocalMangopay(api, control)
