"""Every service function that pages can reach, for every role: each asks who is asking, before it does anything.

The functions are found, not listed; one that is added fails here until an example shows how it is called.
"""

import ast
import asyncio
import importlib
import inspect
import pkgutil
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol
from uuid import uuid4

import httpx
import pytest
from argon2 import PasswordHasher

import services
from models.access import Account, AccountState, Session, Theme
from models.audit import Act, AuditEntry, Outcome
from models.environment import Environment
from models.feed import Feed, FeedEntry, FeedKind, FeedPicture
from models.incidents import Phase
from models.journal import BatchState, Operation, OperationBatch, State
from models.known import KnownObject, KnownUser, RecentObject
from models.mail import Mail, MailKind
from models.notification import Delivery, Notification
from models.notification_filter import NotificationFilter
from models.objects.kinds import KINDS
from models.objects.listings import LISTINGS
from models.operations.kinds import OPERATIONS
from models.operations.limits import parse_limits
from models.pasted import Candidate
from models.payment_days import PaymentAmount, PaymentDay, PaymentReport
from models.permissions import Permission, Role, may
from services.access.actors import Actor, NotAllowed, SessionEnded
from services.access.audit import AuditFilter
from services.access.door import Door
from services.access.errors import AccessError
from services.access.seal import Seal
from services.access.second_factor import keep_secret
from services.access.sessions import SessionRegistry
from services.access.team import Member
from services.clock import now
from services.database import Database
from services.emulator import Emulator, EmulatorConfig
from services.feeds.watch import StatusWatch
from services.mangopay.client import MangopayClient
from services.mangopay.errors import NotFound
from services.notifications.tokens import TokenBook
from services.objects.exports import Progress
from services.objects.lists import Wanted
from services.operations.errors import OperationError
from services.operations.journal import JournalFilter
from services.operations.teller import Teller
from services.overview.payment_amounts import Looked, ReportError
from services.search.fts import name_words
from services.search.index import UserFilter
from tests.actors import make_actor

PROJECT = Path(__file__).parent.parent.parent
LOCAL, SANDBOX = Environment.LOCAL, Environment.SANDBOX
PASSWORD = "Olivia-keeps-7-wallets"
# It stands in every row of Local, and must be in nothing that somebody of Sandbox gets.
MARK = "only-in-local"
SECRET = "a secret of 32 characters or more"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
YESTERDAY = now().date() - timedelta(days=1)
REPORT = PaymentReport(environment=LOCAL, report_id=MARK, asked_by=MARK, asked_at=now(), since=YESTERDAY)
# An operation of Local that waits for approval.
WAITING = f"{MARK}-and-waits"
# Only these may hold what acts without asking: they are the guard, and what puts everything together.
WIRING = {"ui/app.py", "ui/guard.py"}
# They ask nothing of anybody's data.
HARMLESS = {"now", "is_from_this_machine", "describe_device", "Order", "may_decide", "can_be_settled_by_hand"}
ACTING_CLASSES = {"Database", "Door", "LocalMailbox", "Services", "SessionRegistry", "Teller"}


@dataclass(frozen=True)
class Filled:
    """What is in a database with something of everything of Local in it."""

    at: datetime
    member: Member
    notification: Notification
    account_id: int
    session_id: int


@dataclass
class World:
    """Local with something of everything in it, the actors of both environments, and what services stand on."""

    database: Database
    door: Door
    clients: dict[Environment, MangopayClient]
    tokens: TokenBook
    filled: Filled
    status: StatusWatch
    totp: str = TOTP

    @property
    def member(self) -> Member:
        return self.filled.member

    @property
    def notification(self) -> Notification:
        return self.filled.notification

    @property
    def account_id(self) -> int:
        return self.filled.account_id

    @property
    def session_id(self) -> int:
        return self.filled.session_id

    @property
    def teller(self) -> Teller:
        return Teller(
            database=self.database,
            clients=self.clients,
            limits=parse_limits(""),
        )

    def operation(self, kind: str) -> Operation:
        return Operation(
            environment=LOCAL, operation_id=MARK, kind=kind, idempotency_key=MARK, asked_by=MARK, created_at=now(),
            changed_at=now(),
        )  # fmt: skip


Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Example = Callable[[World], Arguments]


def _call(*arguments: Any, **named: Any) -> Arguments:
    return arguments, named


EXAMPLES: dict[str, Example] = {
    "access.audit.record_refusal": lambda w: _call(w.database, Permission.APPROVE, about="/x", now=now()),
    "access.audit.read_audit_log": lambda w: _call(w.database, AuditFilter()),
    "access.audit.begin_audit_export": lambda w: _call(w.database, AuditFilter(), now=now()),
    "access.audit.audit_csv": lambda w: _call(w.database, AuditFilter()),
    "access.own_access.read_own_access": lambda w: _call(w.door, now=now()),
    "access.own_access.choose_theme": lambda w: _call(w.door, Theme.DARK),
    "access.own_access.end_own_session": lambda w: _call(w.door, w.session_id, now=now()),
    "access.own_access.sign_out_everywhere": lambda w: _call(w.door, now=now()),
    "access.own_access.change_password": lambda w: _call(
        w.door, present=PASSWORD, new="Olivia-keeps-8-wallets", now=now()
    ),
    "access.own_access.offer_second_factor": lambda w: _call(w.door, now=now()),
    "access.own_access.set_up_second_factor": lambda w: _call(
        w.door, password=PASSWORD, present_code="000000", sealed="nothing", code="000000", now=now()
    ),
    "access.own_access.remove_second_factor": lambda w: _call(w.door, password=PASSWORD, code="000000", now=now()),
    "access.own_access.renew_recovery_codes": lambda w: _call(w.door, password=PASSWORD, code="000000", now=now()),
    "access.team.list_members": lambda w: _call(w.door, now=now()),
    "access.team.list_admins": lambda w: _call(w.door),
    "access.team.failed_mail": lambda w: _call(w.door),
    "access.team.invite": lambda w: _call(w.door, email="bob@example.com", role=Role.VIEWER, now=now()),
    "access.team.invite_again": lambda w: _call(w.door, w.member, now=now()),
    "access.team.change_role": lambda w: _call(w.door, w.member, Role.OPERATOR, now=now()),
    "access.team.suspend": lambda w: _call(w.door, w.member, now=now()),
    "access.team.restore": lambda w: _call(w.door, w.member, now=now()),
    "access.team.remove": lambda w: _call(w.door, w.member, now=now()),
    "access.team.reset_second_factor": lambda w: _call(w.door, w.member, now=now()),
    "access.team.sign_member_out": lambda w: _call(w.door, w.member, now=now()),
    "feeds.reading.feeds_of": lambda w: _call(w.database, kind=FeedKind.NEWS),
    "feeds.reading.latest_news": lambda w: _call(w.database, limit=5, now=now()),
    "feeds.reading.read_entry": lambda w: _call(w.database, 1),
    "feeds.reading.mark_all_read": lambda w: _call(w.database, now=now()),
    "feeds.reading.read_status": lambda w: _call(w.database, now=now()),
    "feeds.reading.picture_of": lambda w: _call(w.database, 1),
    "feeds.subscriptions.gets_status_mail": lambda w: _call(w.database),
    "feeds.subscriptions.choose_status_mail": lambda w: _call(w.database, wants_it=True, now=now()),
    "feeds.watch.active_now": lambda w: _call(w.status, now=now()),
    "notifications.hook_health.read_hook_health": lambda w: _call(w.clients, w.database, w.tokens, now=now()),
    "operations.journal.count_undecided": lambda w: _call(w.teller),
    "overview.payment_days.known_days": lambda w: _call(w.database, [YESTERDAY]),
    "overview.payment_days.count_day": lambda w: _call(w.clients, YESTERDAY, now=now()),
    "overview.payment_days.keep_day": lambda w: _call(
        w.database, PaymentDay(environment=LOCAL, day=YESTERDAY, succeeded=1, failed=1, read_at=now())
    ),
    "overview.payment_amounts.read_amounts": lambda w: _call(w.database, now=now()),
    "overview.payment_amounts.ask_for_amounts": lambda w: _call(w.clients, w.database, now=now()),
    "overview.payment_amounts.look_at_report": lambda w: _call(w.clients, httpx.AsyncClient(), REPORT, now=now()),
    "overview.payment_amounts.note_report": lambda w: _call(w.database, REPORT, Looked(failure="x"), now=now()),
    "objects.documents.create_kyc_document": lambda w: _call(
        w.clients, w.database, MARK, document_type="IDENTITY_PROOF", tag="", idempotency_key=uuid4().hex, now=now()
    ),
    "objects.documents.upload_kyc_page": lambda w: _call(
        w.clients,
        w.database,
        MARK,
        MARK,
        document_type="",
        content=b"%PDF-".ljust(1_000),
        name="",
        idempotency_key=uuid4().hex,
        now=now(),
    ),
    "objects.documents.submit_kyc_document": lambda w: _call(
        w.clients, w.database, MARK, MARK, document_type="IDENTITY_PROOF", now=now()
    ),
    "objects.documents.create_dispute_document": lambda w: _call(
        w.clients, w.database, MARK, document_type="INVOICE", tag="", idempotency_key=uuid4().hex, now=now()
    ),
    "objects.documents.upload_dispute_page": lambda w: _call(
        w.clients,
        w.database,
        MARK,
        MARK,
        document_type="INVOICE",
        content=b"%PDF-",
        name="",
        idempotency_key=uuid4().hex,
        now=now(),
    ),
    "objects.documents.submit_dispute_document": lambda w: _call(
        w.clients, w.database, MARK, MARK, document_type="INVOICE", now=now()
    ),
    "objects.profiles.update_profile": lambda w: _call(
        w.clients, w.database, MARK, seen={"PersonType": "NATURAL"}, values={"Tag": "trusted"}, now=now()
    ),
    "mangopay.meter.read_meter": lambda w: _call(w.clients),
    "objects.balances.read_balance_history": lambda w: _call(w.clients, MARK, now=now()),
    "objects.exports.begin_export": lambda w: _call(w.database, LISTINGS["users"], about="all", now=now()),
    "objects.exports.export_rows": lambda w: _call(
        w.clients, LISTINGS["users"], of="", wanted=Wanted(), progress=Progress()
    ),
    "objects.lists.list_page": lambda w: _call(w.clients, LISTINGS["user-wallets"], of=MARK, wanted=Wanted()),
    "objects.lists.what_remains": lambda w: _call(
        w.clients,
        KINDS["payin"],
        {"Id": "payin_m_1", "Status": "SUCCEEDED", "CreditedFunds": {"Currency": "EUR", "Amount": 100}},
    ),
    "objects.people.read_blocks": lambda w: _call(w.clients, MARK),
    "objects.people.read_sca_status": lambda w: _call(w.clients, MARK),
    "objects.people.read_emoney": lambda w: _call(w.clients, MARK),
    "objects.timeline.read_timeline": lambda w: _call(w.database, [MARK]),
    "objects.view.view": lambda w: _call(w.clients, KINDS["payin"], MARK),
    "objects.view.fetch_notified_object": lambda w: _call(w.clients, w.notification),
    "operations.approving.approve": lambda w: _call(w.teller, WAITING, request_hash="", seen={}),
    "operations.approving.refuse": lambda w: _call(w.teller, WAITING, reason="too much"),
    "operations.approving.withdraw": lambda w: _call(w.teller, WAITING),
    "operations.batch_checks.check_file": lambda w: _call(
        w.teller, OPERATIONS["refund-payin"], file_name="refunds.csv", content=b"PayInId,Currency,DebitedFunds"
    ),
    "operations.batch_journal.read_batch": lambda w: _call(w.teller, MARK),
    "operations.batch_journal.batch_of": lambda w: _call(w.teller, w.operation("transfer")),
    "operations.batch_journal.list_batches": lambda w: _call(w.teller),
    "operations.batch_journal.batch_lines": lambda w: _call(w.teller, MARK),
    "operations.batch_journal.begin_results": lambda w: _call(w.teller, MARK),
    "operations.batch_journal.batch_results": lambda w: _call(w.teller, MARK),
    "operations.batches.confirm": lambda w: _call(w.teller, MARK, reason="because", totals={}),
    "operations.batches.approve_batch": lambda w: _call(w.teller, MARK, request_hash=""),
    "operations.batches.refuse_batch": lambda w: _call(w.teller, MARK, reason="too much"),
    "operations.batches.pause": lambda w: _call(w.teller, MARK),
    "operations.batches.resume": lambda w: _call(w.teller, MARK),
    "operations.batches.cancel_rest": lambda w: _call(w.teller, MARK),
    "operations.journal.open_draft": lambda w: _call(w.teller, OPERATIONS["transfer"], {}),
    "operations.journal.save_draft": lambda w: _call(w.teller, MARK, {"Tag": "x"}, reason=""),
    "operations.journal.read_operation": lambda w: _call(w.teller, MARK),
    "operations.journal.list_operations": lambda w: _call(w.teller, JournalFilter(states=tuple(State))),
    "operations.journal.operations_on": lambda w: _call(w.teller, MARK),
    "operations.journal.count_to_decide": lambda w: _call(w.teller),
    "operations.quoting.is_reachable": lambda w: _call(
        w.teller, w.operation("payout"), {"Currency": "EUR", "DebitedFunds": "5", "AuthorId": "user_m_1"}
    ),
    "operations.quoting.ask_for_quote": lambda w: _call(
        w.teller, w.operation("convert"), {"Currency": "EUR", "DebitedFunds": "5"}, into="USD"
    ),
    "operations.reading.read_situation": lambda w: _call(
        w.teller, OPERATIONS["refund-payin"], {"PayInId": "payin_m_1"}
    ),
    "operations.settling_by_hand.settle_by_hand": lambda w: _call(
        w.teller, MARK, was_done=True, object_id="", reason="seen at Mangopay"
    ),
    "operations.submitting.submit": lambda w: _call(w.teller, MARK, values={}, reason="because", seen={}),
    "search.index.search_users": lambda w: _call(w.database, UserFilter(text=MARK)),
    "search.index.iter_users": lambda w: _call(w.database, UserFilter()),
    "search.index.known_users": lambda w: _call(w.database, [MARK]),
    "search.index.suggest": lambda w: _call(w.database, MARK),
    "search.index.objects_of": lambda w: _call(w.database, MARK),
    "search.index.find_shortened": lambda w: _call(w.database, MARK[:4], MARK[-6:]),
    "search.index.index_state": lambda w: _call(w.database),
    "search.recent.remember_object": lambda w: _call(
        w.database, kind="payin", object_id=MARK, label="12 EUR", now=now()
    ),
    "search.recent.recent_objects": lambda w: _call(w.database),
    "search.find.find": lambda w: _call(w.clients, Candidate(MARK, KINDS["payin"])),
    "search.find.find_elsewhere": lambda w: _call(w.clients, Candidate(MARK, KINDS["payin"])),
    "notifications.hooks.list_hooks": lambda w: _call(w.clients, w.database, w.tokens),
    "notifications.inbox.read_page": lambda w: _call(w.database, NotificationFilter()),
    "notifications.inbox.read_notification": lambda w: _call(w.database, w.notification.id),
    "notifications.inbox.last_delivery_id": lambda w: _call(w.database),
    "notifications.inbox.told_since": lambda w: _call(w.database, 0, up_to=99, limit=5),
    "notifications.inbox.last_told": lambda w: _call(w.database, ["PAYIN_NORMAL_SUCCEEDED"]),
}


class Guarded(Protocol):
    needs: Permission

    def __call__(self, actor: Actor, *args: Any, **kwargs: Any) -> Any: ...


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(services.__path__, "services."):
        # The emulator is a stranger: no page can reach it, and it knows no actor.
        if not found.name.startswith("services.emulator"):
            yield importlib.import_module(found.name)


GUARDED: dict[str, Guarded] = {
    f"{module.__name__.removeprefix('services.')}.{name}": function
    for module in _modules()
    for name, function in vars(module).items()
    if inspect.isfunction(function) and hasattr(function, "needs") and function.__module__ == module.__name__
}


@pytest.fixture(scope="module")
def filled(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Filled]:
    """The file of a database with something in it, filled once for all tests that copy it."""
    path = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("filled") / "filled.sqlite3"))

    async def fill() -> Filled:
        database = Database(f"sqlite:///{path}")
        filled = await _fill(database, Seal(SECRET))
        await database.dispose()
        return filled

    return path, asyncio.run(fill())


@pytest.fixture
async def world(database: Database, filled: tuple[Path, Filled]) -> AsyncIterator[World]:
    shutil.copy(filled[0], str(database.url.database))
    door = Door(
        database=database,
        sessions=SessionRegistry(database, environments=(LOCAL, SANDBOX)),
        seal=Seal(SECRET),
        environments=(LOCAL, SANDBOX),
        client_ids={LOCAL: "local", SANDBOX: "acme"},
        allowed={},
        urls={LOCAL: "http://localhost", SANDBOX: "http://localhost"},
        sends_mail=frozenset({LOCAL, SANDBOX}),
    )
    emulators = {environment: Emulator(EmulatorConfig("http://mangopay.test")) for environment in (LOCAL, SANDBOX)}
    clients = {
        environment: MangopayClient(
            environment,
            base_url="http://mangopay.test",
            client_id="local",
            api_key="local-api-key",
            transport=httpx.ASGITransport(emulator),
        )
        for environment, emulator in emulators.items()
    }
    for emulator in emulators.values():
        await emulator.start()
    await clients[LOCAL].create_hook("PAYIN_NORMAL_SUCCEEDED", f"https://{MARK}.example.com/")
    await door.sessions.poll(now=filled[1].at + timedelta(seconds=1))
    status = StatusWatch(database)
    await status.turn()
    tokens = TokenBook(database)
    yield World(database=database, door=door, clients=clients, tokens=tokens, filled=filled[1], status=status)
    for environment, emulator in emulators.items():
        await clients[environment].aclose()
        await emulator.stop()


def test_every_guarded_function_has_an_example() -> None:
    assert GUARDED.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("name", GUARDED)
async def test_each_function_is_entered_by_those_alone_who_may(world: World, name: str) -> None:
    function = GUARDED[name]
    before: list[str] | None = _content(world.database)
    outcomes = {}
    for role in sorted(Role, key=lambda role: may(role, function.needs)):
        actor = make_actor(role, account_id=world.account_id, session_id=world.session_id)
        if may(role, function.needs):
            assert before is None or _content(world.database) == before, "a refused call has changed something"
            before = None
        outcomes[role] = await _outcome(function, actor, EXAMPLES[name](world))
    assert {role for role, outcome in outcomes.items() if isinstance(outcome, NotAllowed)} == {
        role for role in Role if not may(role, function.needs)
    }


@pytest.mark.parametrize("name", GUARDED)
async def test_no_function_is_entered_once_the_session_has_ended(world: World, name: str) -> None:
    actor = make_actor(Role.ADMIN, account_id=world.account_id, session_id=world.session_id, is_alive=lambda: False)
    before = _content(world.database)
    assert isinstance(await _outcome(GUARDED[name], actor, EXAMPLES[name](world)), SessionEnded)
    assert _content(world.database) == before


@pytest.mark.parametrize("name", GUARDED)
async def test_no_function_shows_or_changes_anything_of_another_environment(world: World, name: str) -> None:
    actor = make_actor(Role.ADMIN, SANDBOX, account_id=4711, session_id=4711, email="sandra@example.com")
    before = _content(world.database, of=LOCAL)
    outcome = await _outcome(GUARDED[name], actor, EXAMPLES[name](world))
    # An error repeats what was asked for, and nothing else.
    assert isinstance(outcome, Exception) or MARK not in repr(outcome)
    assert _content(world.database, of=LOCAL) == before


@pytest.mark.parametrize("name", GUARDED)
async def test_in_production_no_role_that_needs_a_second_factor_is_let_in_without_one(world: World, name: str) -> None:
    actor = make_actor(Role.ADMIN, Environment.PRODUCTION, account_id=4711, has_second_factor=False)
    assert isinstance(await _outcome(GUARDED[name], actor, EXAMPLES[name](world)), NotAllowed)


def test_pages_reach_nothing_of_the_services_that_does_not_ask() -> None:
    """What `ui` imports of the services is a guarded function, one that is open for a reason it gives, or no act."""
    unguarded = []
    for path, module_name, name in _imports_of_ui():
        found = getattr(importlib.import_module(module_name), name)
        if inspect.ismodule(found):
            members = [f for f in vars(found).values() if inspect.isfunction(f) and f.__module__ == found.__name__]
            asking = all(_asks(f) or f.__name__.startswith("_") for f in members)
        else:
            asking = _asks(found) or name in HARMLESS or (path in WIRING) or _is_no_act(found)
        if not asking:
            unguarded.append(f"{path}: {module_name}.{name}")
    assert unguarded == []


def test_pages_hand_the_database_and_the_clients_on_and_never_use_them() -> None:
    used = []
    for path, tree in _trees_of_ui():
        for node in ast.walk(tree):
            inner = node.value if isinstance(node, ast.Attribute | ast.Subscript) else None
            if isinstance(inner, ast.Attribute) and inner.attr in ("database", "_database", "clients", "seal"):
                used.append(f"{path}:{inner.lineno}")
    assert used == []


def test_every_open_function_gives_its_reason() -> None:
    reasons = {
        f"{module.__name__}.{name}": function.open_because
        for module in _modules()
        for name, function in vars(module).items()
        if inspect.isfunction(function) and hasattr(function, "open_because") and function.__module__ == module.__name__
    }
    assert {name.rpartition(".")[2] for name in reasons} == {
        "sign_in",
        "sign_out",
        "find_link",
        "redeem_link",
        "ask_for_access",
        "ask_for_password",
        "ask_for_new_link",
        "find_challenge",
        "answer_challenge",
        "offer_by_challenge",
        "set_up_by_challenge",
    }
    assert all(len(reason) > 20 for reason in reasons.values())


async def _outcome(function: Guarded, actor: Actor, arguments: Arguments) -> object:
    """Call a function and return what came of it; a refusal of its own, for what was given, is an outcome too."""
    args, kwargs = arguments
    try:
        outcome = function(actor, *args, **kwargs)
        if isinstance(outcome, Awaitable):
            return await outcome
        if hasattr(outcome, "__aiter__"):
            return [part async for part in outcome]
    except (NotAllowed, SessionEnded, AccessError, NotFound, OperationError, ReportError, KeyError) as error:
        # A KeyError: the environment is not on here, and so not even asked for.
        return error
    else:
        return outcome


def _content(database: Database, *, of: Environment | None = None) -> list[str]:
    """Return every row of the database, or every row that carries the name of one environment."""
    with closing(sqlite3.connect(database.url.database or "")) as connection:
        lines = list(connection.iterdump())
    return lines if of is None else [line for line in lines if f"'{of.value}'" in line]


async def _fill(database: Database, seal: Seal) -> Filled:
    moment = now()
    async with database.session() as session:
        account = Account(
            environment=LOCAL, email=f"olivia@{MARK}.example.com", role=Role.ADMIN, created_at=moment,
            password_hash=_cheap_hash(),
        )  # fmt: skip
        victor = Account(environment=LOCAL, email=f"victor@{MARK}.example.com", role=Role.VIEWER, created_at=moment)
        victor.password_hash = "none"
        feed = Feed(environment=LOCAL, kind=FeedKind.NEWS, url=f"https://{MARK}.example.com/", next_check_at=moment)
        told = Notification(
            environment=LOCAL, event_type="PAYIN_NORMAL_SUCCEEDED", resource_id=MARK, date=1, delivery_count=1,
            first_received_at=moment, last_received_at=moment,
        )  # fmt: skip
        status = Feed(environment=LOCAL, kind=FeedKind.STATUS, url=f"https://{MARK}.test/", next_check_at=moment)
        session.add_all([account, victor, feed, status, told])
        await session.flush()
        mine = Session(token_hash="x", account_id=account.id or 0, created_at=moment, last_seen_at=moment)
        session.add(mine)
        for of, phase in ((feed, None), (status, Phase.IDENTIFIED)):
            session.add(
                FeedEntry(
                    feed_id=of.id or 0, uid="1", title=MARK, published_at=moment, first_seen_at=moment,
                    updated_at=moment, content_hash="", phase=phase,
                )
            )  # fmt: skip
        await session.flush()
        session.add(FeedPicture(entry_id=1, url="", digest=MARK))
        session.add(PaymentDay(environment=LOCAL, day=YESTERDAY, succeeded=1, failed=1, read_at=moment))
        session.add(PaymentAmount(environment=LOCAL, day=YESTERDAY, currency=MARK, amount=1))
        session.add(PaymentReport(environment=LOCAL, asked_by=MARK, asked_at=moment, since=YESTERDAY))
        session.add(
            Delivery(
                notification_id=told.id or 0, received_at=moment, source_address="", user_agent="", waited_us=0,
                raw_query="",
            )
        )  # fmt: skip
        for operation_id, state in ((MARK, State.DRAFT), (WAITING, State.AWAITING_APPROVAL)):
            session.add(
                Operation(
                    environment=LOCAL, operation_id=operation_id, kind="transfer", idempotency_key=operation_id,
                    state=state, asked_by=MARK, sentence=MARK, created_at=moment, changed_at=moment,
                )
            )  # fmt: skip
        session.add(
            OperationBatch(
                batch_id=MARK, environment=LOCAL, kind="refund-payin", state=BatchState.RUNNING, file_name=MARK,
                lines=1, asked_by=MARK, created_at=moment, changed_at=moment,
            )
        )  # fmt: skip
        session.add(AuditEntry(environment=LOCAL, at=moment, act=Act.SIGN_IN, outcome=Outcome.DONE, who=MARK))
        words = name_words(LOCAL, MARK)
        session.add(KnownUser(environment=LOCAL, user_id=MARK, name=MARK, name_words=words, created_at=moment))
        session.add(KnownObject(environment=LOCAL, object_id=MARK, kind="payin", user_id=MARK, seen_at=moment))
        session.add(
            RecentObject(
                account_id=account.id or 0, environment=LOCAL, kind="payin", object_id=MARK, label=MARK, seen_at=moment
            )
        )
        session.add(
            Mail(
                environment=LOCAL, kind=MailKind.INVITATION, email=MARK, created_at=moment, next_try_at=moment,
                last_error=MARK,
            )
        )  # fmt: skip
        for person in (account, victor):
            await keep_secret(session, seal, person, TOTP, 0, now=moment)
        await session.commit()
    return Filled(
        at=moment,
        member=Member(
            id=victor.id or 0,
            email=victor.email,
            role=victor.role,
            state=AccountState.ACTIVE,
            has_second_factor=True,
            created_at=moment,
            last_signed_in_at=None,
            also_in=(),
        ),
        notification=told,
        account_id=account.id or 0,
        session_id=mine.id or 0,
    )


@cache
def _cheap_hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _trees_of_ui() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((PROJECT / "ui").rglob("*.py")):
        yield str(path.relative_to(PROJECT)), ast.parse(path.read_text())


def _imports_of_ui() -> Iterator[tuple[str, str, str]]:
    for path, tree in _trees_of_ui():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("services"):
                for alias in node.names:
                    yield path, node.module or "", alias.name


def _asks(found: object) -> bool:
    return hasattr(found, "needs") or hasattr(found, "open_because")


def _is_no_act(found: object) -> bool:
    """Whether it is a value, a record, an error: something that by itself reads and changes nothing."""
    if not inspect.isclass(found):
        return not callable(found)
    is_record = is_dataclass(found) or issubclass(found, Exception | Enum)
    return is_record or found.__name__ in ACTING_CLASSES or getattr(found, "_is_protocol", False)
