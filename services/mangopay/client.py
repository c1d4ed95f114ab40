"""The calls of Mangopay's API that the dashboard makes, typed. Source: https://docs.mangopay.com/api-reference"""

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import httpx

from models.environment import Environment
from models.mangopay import (
    Card,
    Event,
    Hook,
    KycDocument,
    PayIn,
    Payout,
    Refund,
    Transaction,
    Transfer,
    User,
    Wallet,
)
from services.mangopay.connection import Connection, OnRead, RetrySchedule, Wire
from services.mangopay.errors import MangopayError, NotFound, error_of
from services.mangopay.governor import Governor, Priority
from services.mangopay.paging import PER_PAGE, Page

# Each environment's client.
Clients = Mapping[Environment, "MangopayClient"]

# Mangopay's own default differs from list to list, so the order is always sent.
NEWEST_FIRST = "CreationDate:DESC"
NEWEST_EVENT_FIRST = "Date:DESC"
# Source: https://docs.mangopay.com/guides/users/sca
_ASKS_FOR_SCA = re.compile(r"/v2\.01/[^/]+/(wallets/[^/]+|users/[^/]+/wallets|(wallets|users)/[^/]+/transactions)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions to list; several values of one field mean any of them, an empty field means all."""

    statuses: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    natures: tuple[str, ...] = ()
    result_codes: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptResponse:
    """What Mangopay answered when an idempotency key was first used: a status, 0 where none is told, and the body.

    Source: https://docs.mangopay.com/api-reference/overview/idempotency
    """

    status: int
    resource: object

    @property
    def is_success(self) -> bool:
        return httpx.codes.is_success(self.status)

    @property
    def error(self) -> MangopayError:
        """What an answer that is no success means."""
        request = httpx.Request("POST", "/")
        return error_of(httpx.Response(self.status or 500, json=self.resource, request=request))


class MangopayClient:
    """Mangopay's API in one environment.

    Every method raises MangopayError and nothing else when the call fails. GET is repeated a few times where that may
    help, POST and PUT never. Lists return one page, newest first unless `sort` says otherwise; `paging.pages` walks
    through all. Ids are Mangopay's, opaque and case-sensitive.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        base_url: str,
        client_id: str,
        api_key: str,
        transport: httpx.AsyncBaseTransport | None = None,
        schedule: RetrySchedule | None = None,
        remembers_s: float = 0,
        sca_context: str | None = None,
        on_read: OnRead | None = None,
    ) -> None:
        self.environment = environment
        self.client_id = client_id
        self._root = f"/v2.01/{quote(client_id, safe='')}"
        self._priority = Priority.PERSON
        self._sca_context = sca_context
        self._connection = Connection(
            environment,
            base_url=base_url,
            client_id=client_id,
            api_key=api_key,
            transport=transport,
            schedule=schedule or RetrySchedule(),
            remembers_s=remembers_s,
            on_read=on_read or (lambda _path, _objects: None),
        )

    @property
    def governor(self) -> Governor:
        """What keeps this platform's calls within its rate limits."""
        return self._connection.governor

    def at(self, priority: Priority) -> "MangopayClient":
        """Return the same client for calls of another priority; it shares the connection and all it remembers."""
        client = copy(self)
        client._priority = priority  # noqa: SLF001  (of our own class)
        return client

    def forget(self, object_id: str) -> None:
        """Forget the answers about an object: something has happened to it."""
        self._connection.memory.forget(object_id)

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def get_object(
        self, path: str, *, query: Mapping[str, str] | None = None, fresh: bool = False
    ) -> dict[str, object]:
        """Return any object as it came; `path` is a whole API path such as `/v2.01/{ClientId}/payins/…`.

        `fresh` asks Mangopay anew, even if the same was asked a second ago.
        """
        whole_query = {**self._sca(path), **(query or {})}
        return await self._connection.get_raw(_whole(path), priority=self._priority, query=whole_query, fresh=fresh)

    async def get_response(self, idempotency_key: str) -> KeptResponse:
        """Return what was answered under a key in the last 24 hours. Raises NotFound, or Invalid, for one that nothing
        is known under.
        """
        kept = await self.get_object(self._path("responses", idempotency_key), fresh=True)
        status = str(kept.get("StatusCode"))
        return KeptResponse(int(status) if status.isdecimal() else 0, kept.get("Resource"))

    async def list_objects(
        self,
        path: str,
        *,
        page: int = 1,
        per_page: int = PER_PAGE,
        query: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> Page[Mapping[str, object]]:
        """Return one page of any list, its rows as they came; `path` and `fresh` as for `get_object`."""
        return await self._connection.get_page(
            _whole(path),
            _row,
            page=page,
            per_page=per_page,
            query={**self._sca(path), **(query or {})},
            priority=self._priority,
            fresh=fresh,
            tells=lambda found: found.items,
        )

    async def post_object(
        self, path: str, body: Mapping[str, object], *, idempotency_key: str | None = None
    ) -> dict[str, object] | None:
        """Create something, once; returns it as it came, or None where Mangopay answers with nothing."""
        # What a person has decided may use the last of the rate limits; what a file has, only what is left of them.
        priority = Priority.CHANGE if self._priority is Priority.PERSON else self._priority
        return await self._connection.post_raw(
            _whole(path), body=body, idempotency_key=idempotency_key, priority=priority
        )

    async def put_object(self, path: str, body: Mapping[str, object]) -> dict[str, object] | None:
        """Change something; returns it as it is now, or None where Mangopay answers with nothing."""
        return await self._connection.put_raw(_whole(path), body=body)

    async def get_user(self, user_id: str) -> User:
        return await self._get(User, "sca", "users", user_id)

    async def list_users(self, *, page: int = 1, per_page: int = PER_PAGE, sort: str = NEWEST_FIRST) -> Page[User]:
        return await self._list(User, "users", page=page, per_page=per_page, sort=sort)

    async def get_wallet(self, wallet_id: str) -> Wallet:
        return await self._get(Wallet, "wallets", wallet_id)

    async def list_user_wallets(
        self, user_id: str, *, page: int = 1, per_page: int = PER_PAGE, sort: str = NEWEST_FIRST
    ) -> Page[Wallet]:
        return await self._list(Wallet, "users", user_id, "wallets", page=page, per_page=per_page, sort=sort)

    async def get_card(self, card_id: str) -> Card:
        return await self._get(Card, "cards", card_id)

    async def list_user_cards(
        self, user_id: str, *, page: int = 1, per_page: int = PER_PAGE, sort: str = NEWEST_FIRST
    ) -> Page[Card]:
        return await self._list(Card, "users", user_id, "cards", page=page, per_page=per_page, sort=sort)

    async def get_payin(self, payin_id: str) -> PayIn:
        return await self._get(PayIn, "payins", payin_id)

    async def get_transfer(self, transfer_id: str) -> Transfer:
        return await self._get(Transfer, "transfers", transfer_id)

    async def get_payout(self, payout_id: str) -> Payout:
        return await self._get(Payout, "payouts", payout_id)

    async def get_refund(self, refund_id: str) -> Refund:
        return await self._get(Refund, "refunds", refund_id)

    async def get_kyc_document(self, document_id: str) -> KycDocument:
        return await self._get(KycDocument, "kyc", "documents", document_id)

    async def list_user_transactions(
        self,
        user_id: str,
        *,
        page: int = 1,
        per_page: int = PER_PAGE,
        sort: str = NEWEST_FIRST,
        where: TransactionFilter | None = None,
    ) -> Page[Transaction]:
        """List the transactions whose author is the user; the other side of a transfer is not among them."""
        path = ("users", user_id, "transactions")
        return await self._list(Transaction, *path, page=page, per_page=per_page, sort=sort, query=_query_of(where))

    async def list_wallet_transactions(
        self,
        wallet_id: str,
        *,
        page: int = 1,
        per_page: int = PER_PAGE,
        sort: str = NEWEST_FIRST,
        where: TransactionFilter | None = None,
    ) -> Page[Transaction]:
        path = ("wallets", wallet_id, "transactions")
        return await self._list(Transaction, *path, page=page, per_page=per_page, sort=sort, query=_query_of(where))

    async def list_hooks(self, *, page: int = 1, per_page: int = PER_PAGE, sort: str = NEWEST_FIRST) -> Page[Hook]:
        """List hooks, always anew: whoever looks at them wants to know how they are set now."""
        return await self._list(Hook, "hooks", page=page, per_page=per_page, sort=sort, fresh=True)

    async def get_hook(self, hook_id: str) -> Hook:
        return await self._get(Hook, "hooks", hook_id)

    async def create_hook(
        self,
        event_type: str,
        url: str,
        *,
        tag: str | None = None,
        email: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hook:
        """Subscribe to an event type; Mangopay allows one hook for each and answers a second with Invalid."""
        body = _present({"EventType": event_type, "Url": url, "Tag": tag, "Email": email})
        return await self._connection.post(self._path("hooks"), Hook, body=body, idempotency_key=idempotency_key)

    async def update_hook(
        self,
        hook_id: str,
        *,
        url: str | None = None,
        status: str | None = None,
        validity: str | None = None,
        tag: str | None = None,
        email: str | None = None,
    ) -> Hook:
        """Change what is given and leave the rest; `validity="VALID"` with `status="ENABLED"` revives a dead hook."""
        body = _present({"Url": url, "Status": status, "Validity": validity, "Tag": tag, "Email": email})
        return await self._connection.put(self._path("hooks", hook_id), Hook, body=body)

    async def list_events(
        self,
        *,
        event_type: str | None = None,
        after: datetime | None = None,
        before: datetime | None = None,
        page: int = 1,
        per_page: int = PER_PAGE,
        sort: str = NEWEST_EVENT_FIRST,
    ) -> Page[Event]:
        """List what happened; asking for more than 45 days back is answered with Invalid."""
        query = _present({"EventType": event_type, "AfterDate": _seconds(after), "BeforeDate": _seconds(before)})
        return await self._list(Event, "events", page=page, per_page=per_page, sort=sort, query=query)

    async def _get(self, model: type[Wire], *parts: str) -> Wire:
        path = self._path(*parts)
        return await self._connection.get(path, model, query=self._sca(path), priority=self._priority)

    async def _list(
        self,
        model: type[Wire],
        *parts: str,
        page: int,
        per_page: int,
        sort: str,
        query: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> Page[Wire]:
        path = self._path(*parts)
        whole_query = {"Sort": sort, **self._sca(path), **(query or {})}
        return await self._connection.get_page(
            path,
            model.model_validate,
            page=page,
            per_page=per_page,
            query=whole_query,
            priority=self._priority,
            fresh=fresh,
        )

    def _sca(self, path: str) -> dict[str, str]:
        """Return what tells Mangopay whether the user is there, for the four reads that may ask for their SCA."""
        return {"ScaContext": self._sca_context} if self._sca_context and _ASKS_FOR_SCA.fullmatch(path) else {}

    def _path(self, *parts: str) -> str:
        return _whole("/".join((self._root, *(quote(part, safe="") for part in parts))))


def _whole(path: str) -> str:
    root, *parts = path.split("/")
    if root:
        raise ValueError("an API path starts with a slash")
    # Such an id names nothing, and would lead to another place than was meant: the list, or the level above.
    if any(part in ("", ".", "..") for part in parts):
        raise NotFound(httpx.Request("GET", path))
    return path


def _row(row: object) -> Mapping[str, object]:
    if not isinstance(row, dict):
        raise ValueError("a row of a list is an object")  # noqa: TRY004  (what came is wrong, not how it is called)
    return row


def _query_of(where: TransactionFilter | None) -> dict[str, str]:
    if where is None:
        return {}
    return _present(
        {
            "Status": ",".join(where.statuses) or None,
            "Type": ",".join(where.types) or None,
            "Nature": ",".join(where.natures) or None,
            "ResultCode": ",".join(where.result_codes) or None,
            "AfterDate": _seconds(where.after),
            "BeforeDate": _seconds(where.before),
        }
    )


def _present(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value is not None}


def _seconds(moment: datetime | None) -> str | None:
    return None if moment is None else str(int(moment.timestamp()))
