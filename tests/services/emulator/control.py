"""Somebody at the control plane."""

from typing import Any

import httpx

Json = dict[str, Any]
TOKEN = "let-me-in"


class Controls:
    def __init__(self, http: httpx.AsyncClient, prefix: str = "/emulator/_control") -> None:
        self.http = http
        self._prefix = prefix

    async def get(self, path: str = "", **query: str) -> httpx.Response:
        return await self._send("GET", path, params=query)

    async def post(self, path: str, body: Json | None = None) -> httpx.Response:
        return await self._send("POST", path, json=body or {})

    async def put(self, path: str, body: Json) -> httpx.Response:
        return await self._send("PUT", path, json=body)

    async def delete(self, path: str) -> httpx.Response:
        return await self._send("DELETE", path)

    async def do(self, action: str, entity_id: str, **body: Any) -> Json:
        response = await self.post(f"/do/{action}/{entity_id}", body)
        assert response.status_code == 200, response.text
        done: Json = response.json()
        return done

    async def advance(self, seconds: int) -> None:
        response = await self.post("/clock", {"AdvanceS": seconds})
        assert response.status_code == 200, response.text

    async def break_api(self, kind: str, *, seed: int = 0, **rule: Any) -> None:
        response = await self.put("/faults", {"Seed": seed, "Api": [{"Kind": kind, **rule}]})
        assert response.status_code == 200, response.text

    async def break_notifications(self, *kinds: str, seed: int = 0, **rule: Any) -> None:
        rules = [{"Kind": kind, **rule} for kind in kinds]
        response = await self.put("/faults", {"Seed": seed, "Notifications": rules})
        assert response.status_code == 200, response.text

    async def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return await self.http.request(method, f"{self._prefix}{path}", headers=headers, **content)
