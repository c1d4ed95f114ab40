"""The emulator itself: an ASGI application, the loops that run beside it, and the way of a request through it.

A request is read in full, answered by a plain function, written to the state file, and only then sent; what follows
by itself, and its notifications, come afterwards.
"""

import asyncio
import logging
from collections import deque

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.emulator.demo.scenario import Scenario
from services.emulator.demo.seed import register_hooks, seed
from services.emulator.demo.shop import Shop
from services.emulator.engine import idempotency
from services.emulator.engine.access import Access
from services.emulator.engine.agenda import Agenda
from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call, read_call
from services.emulator.engine.clock import Clock
from services.emulator.engine.config import EmulatorConfig
from services.emulator.engine.errors import ApiError
from services.emulator.engine.outbox import Attempt, Outbox
from services.emulator.engine.rate_limits import DOCUMENTED, RateLimits, spent
from services.emulator.engine.router import Route, Router
from services.emulator.engine.store import Store
from services.emulator.engine.world import World
from services.emulator.routes import ACTS, ROUTES

IS_STORY = "emulator.is_story"

log = logging.getLogger(__name__)


class Emulator:
    """A local Mangopay. Call `start` before the first request and `stop` after the last."""

    def __init__(self, config: EmulatorConfig) -> None:
        clock, store = Clock(), Store(config.state_file, keep=config.keep)
        self._world = World(
            config,
            clock,
            store,
            Outbox(store, clock, speed=config.clock_speed, deliver_anywhere=config.deliver_anywhere),
            Access(config, clock),
            Agenda(store, clock, ACTS),
            started_at=clock.now(),
        )
        self._router = Router(ROUTES)
        self._rate_limits = RateLimits(config.rate_limits or DOCUMENTED, is_enforced=config.rate_limits is not None)
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
        await self._catch_up()
        response = await self._answer(scope, receive)
        deliveries = self._world.outbox.collect()
        await self._world.store.flush()
        try:
            await response(scope, receive, send)
        finally:
            self._world.outbox.release(deliveries)
            await self._catch_up()

    async def start(self) -> None:
        """Load what yesterday left, and begin to deliver and to do what is due."""
        self._world.store.load()
        self._world.outbox.resume()
        self._world.agenda.resume()
        await self._catch_up()
        self._loops.append(asyncio.create_task(self._world.outbox.run(), name="emulator-outbox"))
        self._loops.append(asyncio.create_task(self._run_agenda(), name="emulator-agenda"))

    async def stop(self) -> None:
        """Let every loop come to its end, and the state to its file."""
        self._stopping.set()
        self._world.agenda.wake()
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

    async def _run_agenda(self) -> None:
        while not self._stopping.is_set():
            await self._catch_up()
            await self._world.agenda.wait()

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

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        now = self._world.clock.now()
        is_counted = is_api(scope["path"]) and IS_STORY not in scope
        try:
            if is_counted and not self._rate_limits.count(now):
                raise spent()
            route, params = self._router.find(scope["method"], scope["path"])
            call = await read_call(scope, receive, params)
            if not route.is_open:
                self._world.access.check(call)
            response = self._handle(route, call)
        except ApiError as error:
            response = error.response(now)
        except Exception:
            log.exception("method=%s path=%s broke", scope["method"], scope["path"])
            response = Answer({"Message": "Internal Server Error", "Type": "other"}, status_code=500)
        if is_counted:
            response.headers.update(self._rate_limits.headers(now))
        return response

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

    async def _catch_up(self) -> None:
        """Do what is due by now, and send its notifications."""
        world = self._world
        if not world.agenda.is_due():
            return
        world.agenda.run_due(world)
        deliveries = world.outbox.collect()
        await world.store.flush()
        world.outbox.release(deliveries)


def is_api(path: str) -> bool:
    """Tell the imitated API from the pages, feeds and vault beside it."""
    return path.lower().startswith(("/v2.01/", "/v3.0/"))
