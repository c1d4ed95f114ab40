"""The emulator itself: an ASGI application, the loops that run beside it, and the way of a request through it.

A request is read in full, answered by a plain function, written to the state file, and only then sent; its
notifications leave afterwards.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from services.emulator import idempotency
from services.emulator.access import Access
from services.emulator.call import Call, read_call
from services.emulator.clock import Clock
from services.emulator.config import EmulatorConfig
from services.emulator.errors import ApiError
from services.emulator.outbox import Attempt, Outbox
from services.emulator.rate_limits import RateLimits
from services.emulator.router import Route, Router
from services.emulator.routes import ROUTES
from services.emulator.routes.payouts import settle_created
from services.emulator.scenario import Scenario
from services.emulator.seed import register_hooks, seed
from services.emulator.shop import Shop
from services.emulator.store import Store
from services.emulator.world import World

IS_STORY = "emulator.is_story"

log = logging.getLogger(__name__)


class Emulator:
    """A local Mangopay. Call `start` before the first request and `stop` after the last."""

    def __init__(self, config: EmulatorConfig) -> None:
        clock, store = Clock(), Store(config.state_file)
        outbox = Outbox(store, speed=config.clock_speed, deliver_anywhere=config.deliver_anywhere)
        self._world = World(config, clock, store, outbox, Access(config), started_at=clock.now())
        self._router = Router(ROUTES)
        self._rate_limits = RateLimits()
        self._stopping = asyncio.Event()
        self._telling = asyncio.Lock()
        self._loops: list[asyncio.Task[None]] = []

    @property
    def attempts(self) -> deque[Attempt]:
        """Every attempt to deliver a notification, oldest first, up to the last ten thousand."""
        return self._world.outbox.attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the emulator speaks http, not {scope['type']}")
        response, afterwards = await self._answer(Request(scope, receive))
        deliveries = self._world.outbox.collect()
        await self._world.store.flush()
        try:
            await response(scope, receive, send)
        finally:
            self._world.outbox.release(deliveries)
            await self._go_on(afterwards)

    async def start(self) -> None:
        """Load what yesterday left, settle what it left half done, and begin to deliver."""
        self._world.store.load()
        self._world.outbox.resume()
        await self._go_on([lambda: settle_created(self._world)])
        self._loops.append(asyncio.create_task(self._world.outbox.run(), name="emulator-outbox"))

    async def stop(self) -> None:
        """Let every loop come to its end, and the state to its file."""
        self._stopping.set()
        async with self._telling:
            self._world.outbox.stop()
            await asyncio.gather(*self._loops)
            await self._world.store.close()

    async def seed(self, *, hook_url: str | None) -> None:
        """Tell the story so far of a small marketplace, unless there is state already.

        Call it once `hook_url` answers: its last chapter happens now, and is notified.
        """
        async with self._telling, self._client() as client:
            shop = Shop(client, self._world.config.client_id)
            if not len(self._world.store.users):
                await seed(shop, self._world.clock, hook_url)
            elif hook_url is not None and not len(self._world.store.hooks):
                # A process that was killed in the midst of seeding never came to its hooks.
                await register_hooks(shop, hook_url)

    def begin_scenario(self) -> None:
        """Let something happen every few seconds from now on."""
        if not self._stopping.is_set():
            self._loops.append(asyncio.create_task(self._run_scenario(), name="emulator-scenario"))

    async def idle(self) -> None:
        """Return when no notification is due or under way; later repetitions may still wait."""
        await self._world.outbox.idle()

    async def _run_scenario(self) -> None:
        async with self._client() as client:
            await Scenario(Shop(client, self._world.config.client_id)).run(self._stopping)

    def _client(self) -> httpx.AsyncClient:
        config = self._world.config
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self._uncounted),
            base_url="http://emulator",
            auth=(config.client_id, config.api_key),
            trust_env=False,
        )

    async def _uncounted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the story's own calls, which leave the rate limits to the platform."""
        await self({**scope, IS_STORY: True}, receive, send)

    async def _answer(self, request: Request) -> tuple[Response, list[Callable[[], None]]]:
        """Return the response, and what shall happen by itself once it is sent."""
        path, now = request.scope["path"], self._world.clock.now()
        afterwards: list[Callable[[], None]] = []
        try:
            route, params = self._router.find(request.method, path)
            call = await read_call(request, params)
            if not route.is_open:
                self._world.access.check(call)
            response = self._handle(route, call)
            afterwards = call.afterwards
        except ApiError as error:
            response = error.response(now)
        except Exception:
            log.exception("method=%s path=%s broke", request.method, path)
            response = JSONResponse({"Message": "Internal Server Error", "Type": "other"}, status_code=500)
        if path.lower().startswith("/v2.01/") and IS_STORY not in request.scope:
            response.headers.update(self._rate_limits.count())
        return response, afterwards

    def _handle(self, route: Route, call: Call) -> Response:
        """Run the handler, unless the call's idempotency key has been used."""
        key = None if route.is_open else idempotency.key_of(call)
        if key is None:
            return route.handler(self._world, call)
        idempotency.check(self._world, key)
        try:
            response = route.handler(self._world, call)
        except ApiError as error:
            response = error.response(self._world.clock.now())
        idempotency.remember(self._world, call, key, response)
        return response

    async def _go_on(self, afterwards: list[Callable[[], None]]) -> None:
        if not afterwards:
            return
        for act in afterwards:
            act()
        deliveries = self._world.outbox.collect()
        await self._world.store.flush()
        self._world.outbox.release(deliveries)
