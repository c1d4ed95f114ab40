"""The emulator itself: an ASGI application, the loops that run beside it, and the way of a request through it.

A request is read in full, answered by a plain function, written to the state file, and only then sent; what follows
by itself, and its notifications, come afterwards.
"""

import asyncio
import logging
import re
from collections import deque

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.emulator.control.plane import PREFIXES, ControlPlane
from services.emulator.control.stage import Stage
from services.emulator.engine import idempotency
from services.emulator.engine.access import Access
from services.emulator.engine.agenda import Agenda
from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call, is_api, read_call
from services.emulator.engine.clock import Clock
from services.emulator.engine.config import EmulatorConfig
from services.emulator.engine.errors import ApiError
from services.emulator.engine.faults import Switchboard, spoil
from services.emulator.engine.outbox import Attempt, Outbox
from services.emulator.engine.rate_limits import RateLimits, spent
from services.emulator.engine.router import Route, Router
from services.emulator.engine.store import Entity, Store
from services.emulator.engine.world import World
from services.emulator.routes import ACTS, ROUTES

IS_STORY = "emulator.is_story"

log = logging.getLogger(__name__)


class Emulator:
    """A local Mangopay. Call `start` before the first request and `stop` after the last."""

    def __init__(self, config: EmulatorConfig) -> None:
        clock, store, faults = Clock(), Store(config.state_file, keep=config.keep), Switchboard()
        self._world = World(
            config,
            clock,
            store,
            Outbox(store, clock, faults, speed=config.clock_speed, deliver_anywhere=config.deliver_anywhere),
            faults,
            Access(config, clock),
            Agenda(store, clock, ACTS),
            started_at=clock.now(),
        )
        self._router = Router(ROUTES)
        self._rate_limits = RateLimits(config.rate_limits)
        self._stage = Stage(self._world, self._client)
        self._control = ControlPlane(self._world, self._stage, self._rate_limits)
        self._stopping = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    @property
    def attempts(self) -> deque[Attempt]:
        """Every attempt to deliver a notification, oldest first, up to the last ten thousand."""
        return self._world.outbox.attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the emulator speaks http, not {scope['type']}")
        if "//" in scope["path"]:
            scope = {**scope, "path": re.sub("/{2,}", "/", scope["path"])}
        await self._catch_up()
        if scope["path"].startswith(PREFIXES):
            response, deliveries = await self._control.answer(scope, receive), self._world.outbox.collect()
        else:
            response, deliveries = await self._answer_or_fail(scope, receive)
        try:
            await self._world.store.flush()
            await response(scope, receive, send)
        finally:
            self._world.outbox.release(deliveries)
            await self._catch_up()

    async def start(self) -> None:
        """Load what yesterday left, and begin to deliver and to do what is due."""
        self._world.load()
        await self._catch_up()
        self._loops.append(asyncio.create_task(self._world.outbox.run(), name="emulator-outbox"))
        self._loops.append(asyncio.create_task(self._run_agenda(), name="emulator-agenda"))

    async def stop(self) -> None:
        """Let every loop come to its end, and the state to its file."""
        self._stopping.set()
        self._world.agenda.wake()
        try:
            await self._stage.stop()
            self._world.outbox.stop()
            await asyncio.gather(*self._loops)
        finally:
            await self._world.store.close()

    async def seed(self, *, hook_url: str | None) -> None:
        """Tell the story so far of a small marketplace, unless there is state already.

        Call it once `hook_url` answers: its last chapter happens now, and is notified.
        """
        await self._stage.seed(hook_url)

    def begin_scenario(self) -> None:
        """Let something happen every few seconds from now on."""
        self._stage.begin()

    async def idle(self) -> None:
        """Return when no notification is due or under way; later repetitions may still wait."""
        await self._world.outbox.idle()

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

    async def _answer_or_fail(self, scope: Scope, receive: Receive) -> tuple[Response, list[Entity]]:
        """Answer as Mangopay would, or as the fault switchboard has it; with the deliveries that follow."""
        is_spared = IS_STORY in scope or not is_api(scope["path"])
        rule = None if is_spared else self._world.faults.api_fault(scope["method"], scope["path"])
        if rule is None:
            return await self._answer(scope, receive)
        now = self._world.clock.now()
        deliveries: list[Entity] = []
        if rule.when == "before" and rule.kind != "slow":
            response = await spoil(rule, None, now)
        elif rule.when == "before":
            await asyncio.sleep(rule.delay_s)
            response, deliveries = await self._answer(scope, receive)
        else:
            true_answer, deliveries = await self._answer(scope, receive)
            response = await spoil(rule, true_answer, now)
        response.headers.update(self._rate_limits.headers(now))
        return response, deliveries

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[Response, list[Entity]]:
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
        # Before anybody else has a turn: these deliveries wait for this response.
        return response, self._world.outbox.collect()

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
        try:
            if self._world.agenda.is_due():
                await self._world.settle()
        except Exception:
            # A full disk is told to whoever asks next; what is not in the file yet is tried again with their change.
            log.exception("what was due could not be written")
