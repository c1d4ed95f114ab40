"""Builds the services from the settings, starts them in order, and stops them in the reverse order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx
from pydantic import SecretStr
from starlette.types import ASGIApp

from models.environment import Environment
from models.feed import FeedKind
from services.access.door import Door
from services.access.housekeeping import tidy
from services.access.postman import Postman
from services.access.seal import Seal, read_secret
from services.access.sessions import SessionRegistry
from services.clock import now
from services.database import Database
from services.emulator import Emulator, EmulatorConfig
from services.feeds.fetch import open_client
from services.feeds.pictures import fetch_pictures
from services.feeds.refresh import refresh_due
from services.feeds.store import configure
from services.feeds.watch import StatusWatch
from services.health import Health, MetricsPage, database_part, receiver_part
from services.loopback import LoopbackOnly
from services.mail.mailers import LocalMailbox, Mailer, SmtpMailer
from services.mangopay.client import MangopayClient
from services.mangopay.errors import MangopayError
from services.metrics import Metrics
from services.notifications.hooks import point_hooks_here
from services.notifications.receiver import Receiver
from services.notifications.tokens import TokenBook, current_token, hook_url
from services.notifications.writer import Writer
from services.operations.batch_runner import BatchRunner
from services.operations.journal import tidy_drafts
from services.operations.settling import Settler
from services.operations.teller import Teller
from services.scheduler import Scheduler
from services.search.freshness import Freshness
from services.search.learn import Learner
from services.search.walk import Walker
from services.settings import LOCAL_API_KEY, LOCAL_CLIENT_ID, Settings

log = logging.getLogger(__name__)

SANDBOX_URL = "https://api.sandbox.mangopay.com"
PRODUCTION_URL = "https://api.mangopay.com"
TOKEN_RELOAD_S = 2.0
CHECKPOINT_S = 1.0
FEEDS_S = 15.0
STATUS_S = 5.0
MAIL_S = 1.0
TIDY_S = 3600.0
SEARCH_S = 1.0
SETTLE_S = 1.0
BATCHES_S = 1.0
# How long an answer of Mangopay is shown again without asking.
REMEMBERS_S = 15.0
# The local marketplace goes on for weeks in the dashboard's own memory.
LOCAL_KEEPS = 20_000


@dataclass(frozen=True, slots=True)
class Intake:
    """What receives and stores notifications: all of `main.py receiver`, and a part of the dashboard."""

    settings: Settings
    database: Database
    metrics: Metrics
    tokens: TokenBook
    writer: Writer
    scheduler: Scheduler

    @property
    def by_prefix(self) -> dict[str, ASGIApp]:
        return {
            "hooks": Receiver(self.writer, self.tokens, self.metrics),
            "health": Health({"database": database_part(self.database), "receiver": receiver_part(self.writer)}),
            "metrics": MetricsPage(self.metrics, self.settings.metrics_token),
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        for environment in self.settings.environments:
            await current_token(self.database, environment, now=now())
        await self.tokens.reload(now=now())
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.database.dispose)
            self.writer.start()
            stack.push_async_callback(self.writer.stop)
            stack.push_async_callback(self.scheduler.stop)
            self.scheduler.every(TOKEN_RELOAD_S, lambda: self.tokens.reload(now=now()), name="receiver tokens")
            self.scheduler.every(CHECKPOINT_S, lambda: asyncio.to_thread(self.database.checkpoint), name="checkpoint")
            yield


def build_intake(settings: Settings) -> Intake:
    """Open the database, bring its tables up to date, and wire the receiver to it. Nothing runs yet."""
    database = Database(settings.database)
    database.upgrade()
    metrics = Metrics()
    writer = Writer(database.writer, on_batch=metrics.batch)
    metrics.gauge("inbox_waiting", "Hits that wait for their commit.", lambda: writer.waiting)
    return Intake(settings, database, metrics, TokenBook(database), writer, Scheduler())


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the pages stand on."""

    settings: Settings
    intake: Intake
    database: Database
    tokens: TokenBook
    scheduler: Scheduler
    clients: Mapping[Environment, MangopayClient]
    # What is read of Mangopay is learned by heart, in the background as well: its API cannot be searched.
    learner: Learner
    walker: Walker
    # What operations stand on, and what finds out what became of them.
    teller: Teller
    settler: Settler
    # What works through files of operations.
    batches: BatchRunner
    door: Door
    postman: Postman
    # Where Local's mail ends up while no mail server is set.
    mailbox: LocalMailbox | None
    # To feeds, and to what they and Mangopay name.
    http: httpx.AsyncClient
    way_outside: httpx.AsyncBaseTransport
    # What every page says of Mangopay's status.
    status: StatusWatch
    emulator: Emulator | None

    @property
    def by_prefix(self) -> dict[str, ASGIApp]:
        emulator: dict[str, ASGIApp] = (
            {"emulator": LoopbackOnly(self.emulator, also=self.settings.host)} if self.emulator else {}
        )
        return self.intake.by_prefix | emulator

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.intake.running())
            for environment in self.settings.environments:
                await configure(self.database, environment=environment, now=now(), **_feeds(self.settings, environment))
            stack.push_async_callback(self.http.aclose)
            stack.push_async_callback(self.way_outside.aclose)
            for client in self.clients.values():
                stack.push_async_callback(client.aclose)
            if self.emulator is not None:
                await self.emulator.start()
                stack.push_async_callback(self.emulator.stop)
            # First of all what comes by itself, while everything that it needs is still there.
            stack.push_async_callback(self.scheduler.stop)
            stack.callback(self.walker.stop)
            stack.callback(self.batches.stop)
            yield

    def begin(self) -> None:
        """Start what asks our own port, or is asked through it; to be called once the port answers."""
        if self.emulator is not None:
            self.scheduler.once(self._wake_the_market, name="local market")
        on = self.settings.environments
        for kind in FeedKind:
            # Each kind for itself: no status waits for news.
            refresh = partial(refresh_due, self.database, self.http, kind=kind, environments=on, clock=now)
            self.scheduler.every(FEEDS_S, refresh, name=f"{kind} feeds")
        self.scheduler.every(
            FEEDS_S,
            lambda: fetch_pictures(self.database, self.way_outside, environments=on, now=now()),
            name="pictures",
        )
        self.scheduler.every(STATUS_S, self.status.turn, name="status")
        self.scheduler.every(MAIL_S, lambda: self.postman.turn(now=now()), name="mail")
        self.scheduler.every(TIDY_S, lambda: tidy(self.database, now=now()), name="tidy")
        self.scheduler.every(TIDY_S, lambda: tidy_drafts(self.database, self.clients, now=now()), name="drafts")
        self.scheduler.every(SETTLE_S, self.settler.turn, name="settler")
        self.scheduler.every(BATCHES_S, self.batches.turn, name="batches")
        self.scheduler.every(SEARCH_S, Freshness(self.database, self.clients).turn, name="freshness")
        self.scheduler.every(SEARCH_S, self.learner.turn, name="learner")
        self.scheduler.every(SEARCH_S, lambda: self.walker.turn(now()), name="walk")

    async def _wake_the_market(self) -> None:
        """Fill the emulator on its first day, point its hooks at where we are today, and let things happen."""
        if self.emulator is None:
            return
        token = await current_token(self.database, Environment.LOCAL, now=now())
        url = hook_url(self.settings.loopback_url, Environment.LOCAL, token)
        await self.emulator.seed(hook_url=url)
        try:
            await point_hooks_here(self.clients[Environment.LOCAL], url)
        except MangopayError as error:
            log.warning("the emulator's hooks keep their old address: %s", error)
        self.emulator.begin_scenario()


def build(settings: Settings) -> Services:
    """Wire the services. Nothing runs yet."""
    intake = build_intake(settings)
    mailbox = (
        None
        if settings.smtp_url or Environment.LOCAL not in settings.environments
        else LocalMailbox(partial(print, flush=True))
    )
    mailers = _mailers(settings, mailbox)
    door = _door(settings, intake.database, sends_mail=frozenset(mailers))
    learner = Learner(intake.database, clock=now)
    clients = {environment: _client(settings, environment, learner) for environment in settings.environments}
    teller = Teller(
        database=intake.database,
        clients=clients,
        limits=settings.limits(),
    )
    return Services(
        settings=settings,
        intake=intake,
        database=intake.database,
        tokens=intake.tokens,
        scheduler=intake.scheduler,
        clients=clients,
        learner=learner,
        walker=Walker(intake.database, clients, learner, settings.environments),
        teller=teller,
        settler=Settler(teller),
        batches=BatchRunner(teller),
        door=door,
        postman=Postman(door, mailers),
        mailbox=mailbox,
        http=open_client(),
        way_outside=httpx.AsyncHTTPTransport(),
        status=StatusWatch(intake.database),
        emulator=_emulator(settings) if Environment.LOCAL in settings.environments else None,
    )


def _door(settings: Settings, database: Database, *, sends_mail: frozenset[Environment]) -> Door:
    on = settings.environments
    return Door(
        database=database,
        sessions=SessionRegistry(database, environments=on),
        seal=Seal(read_secret(settings.secret, data_dir=settings.data_dir)),
        environments=on,
        client_ids={environment: settings.client_id_of(environment) for environment in on},
        allowed=settings.allowed(),
        urls={environment: settings.url_of(environment) for environment in on},
        sends_mail=sends_mail,
    )


def _mailers(settings: Settings, mailbox: LocalMailbox | None) -> Mapping[Environment, Mailer]:
    """Return what carries each environment's mail; one that is not in it sends none."""
    server = settings.smtp_server()
    if server is not None:
        return dict.fromkeys(settings.environments, SmtpMailer(server, sender=settings.sender))
    return {Environment.LOCAL: mailbox} if mailbox else {}


def _client(settings: Settings, environment: Environment, learner: Learner) -> MangopayClient:
    base_url, client_id, api_key = {
        Environment.LOCAL: (f"{settings.loopback_url}/emulator", LOCAL_CLIENT_ID, SecretStr(LOCAL_API_KEY)),
        Environment.SANDBOX: (SANDBOX_URL, settings.sandbox_client_id, settings.sandbox_api_key),
        Environment.PRODUCTION: (PRODUCTION_URL, settings.production_client_id, settings.production_api_key),
    }[environment]
    if client_id is None or api_key is None:
        raise ValueError(f"{environment.label} has no credentials")
    return MangopayClient(
        environment,
        base_url=base_url,
        client_id=client_id,
        api_key=api_key.get_secret_value(),
        remembers_s=REMEMBERS_S,
        sca_context=settings.sca_context,
        on_read=partial(learner.hear, environment),
    )


def _emulator(settings: Settings) -> Emulator:
    return Emulator(
        EmulatorConfig(
            # People follow its links, so it goes by the name they know the dashboard by.
            base_url=f"{settings.loopback_url if settings.public_url else settings.own_url}/emulator",
            client_id=LOCAL_CLIENT_ID,
            api_key=LOCAL_API_KEY,
            state_file=settings.data_dir / "emulator.sqlite3",
            keep=LOCAL_KEEPS,
            control_token=settings.emulator_control.get_secret_value() if settings.emulator_control else None,
        )
    )


def _feeds(settings: Settings, environment: Environment) -> dict[str, list[str]]:
    """Return the feeds of an environment; the local one has those of the emulator, and needs no network."""
    if environment is Environment.LOCAL:
        base = f"{settings.loopback_url}/emulator/feeds"
        return {"news": [f"{base}/news.rss"], "status": [f"{base}/status.atom"]}
    return {"news": settings.news_feeds.split(), "status": settings.status_feeds.split()}
