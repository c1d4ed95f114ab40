"""Reads what an operation meets at Mangopay: the objects it names, whose they are, what was done to them before."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import func
from sqlmodel import col, select

from models.environment import Environment
from models.journal import UNDER_WAY, Operation
from models.known import KnownObject
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS, kind_of_id
from models.objects.plain import owner_of
from models.objects.secrets import without_secrets
from models.operations.kinds import OperationKind
from models.operations.parameters import AUTHOR, Form, Parameter
from models.operations.requests import CURRENCY, told_amount
from models.operations.situation import Earlier, Situation, balance_of, currency_of
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.mangopay.client import NEWEST_FIRST, MangopayClient
from services.mangopay.errors import MangopayError, NotFound, ScaRequired
from services.mangopay.governor import Priority
from services.mangopay.paging import PER_PAGE
from services.objects.view import read_first
from services.operations.journal import asked_lately
from services.operations.teller import Teller

T = TypeVar("T")
Values = Mapping[str, str]
MOST_LATELY = 5
MOST_OFFERED = 10


@needs(Permission.SEE)
async def read_situation(
    actor: Actor, teller: Teller, kind: OperationKind, values: Values, *, operation_id: str = "", fresh: bool = False
) -> Situation:
    """Return what an operation meets, as far as it is filled in. What cannot be read is told in `unread`.

    `operation_id` is its own, which is not among those that came before it. Raises nothing of Mangopay's.
    """
    client = teller.clients[actor.environment]
    return await situation_of(teller, client, kind, values, operation_id=operation_id, fresh=fresh)


async def situation_of(
    teller: Teller,
    client: MangopayClient,
    kind: OperationKind,
    values: Values,
    *,
    operation_id: str = "",
    fresh: bool = False,
    is_brief: bool = False,
) -> Situation:
    """Return what an operation meets. `is_brief` leaves out what only a person looks at: who they are,
    what is blocked of them, what was done lately.
    """
    reader = _Reader(client, fresh=fresh)
    if kind.name == "payout-platform":
        reader.unread |= await _of_somebody_else(teller, client.environment, values.get("BankAccountId", ""))
    found = await _named(reader, kind, values, is_brief=is_brief)
    found = await _around(reader, found, is_brief=is_brief)
    if is_brief:
        return replace(found, unread=reader.unread, unseen=reader.unseen)
    found = await _people(reader, found, values)
    found = replace(found, offers=await _offers(reader, kind, values))
    known = {**values, CURRENCY: currency_of(found) or values.get(CURRENCY, "")}
    lately = await _lately(teller, client.environment, kind, known, but=operation_id, now=teller.clock())
    return replace(
        found,
        unread=reader.unread,
        unseen=reader.unseen,
        lately=lately,
        under_way=await _under_way(teller, client.environment, kind, known, but=operation_id),
        went_lately=await _went_lately(teller, client.environment, kind, known, but=operation_id),
    )


class _Reader:
    """Reads for one situation; remembers what could not be read, and why."""

    def __init__(self, client: MangopayClient, *, fresh: bool) -> None:
        self._client = client
        self._root = f"/v2.01/{quote(client.client_id, safe='')}"
        self._fresh = fresh
        self.unread: dict[str, str] = {}
        self.unseen: dict[str, str] = {}

    async def get(self, kind_name: str, object_id: str | None, *, about: str, parent: str = "") -> Content | None:
        """Read an object; `about` is the parameter it is told under when it cannot be read."""
        if not object_id:
            return None
        kind = KINDS[kind_name]
        paths = kind.api_paths(object_id, client_id=self._client.client_id, parent=parent or None)
        try:
            return without_secrets((await read_first(self._client, paths, fresh=self._fresh)).content)
        except ScaRequired:
            self.unseen[about] = (
                f"The {kind.title.lower()} cannot be looked at until its user has authenticated: what is in it is not "
                "known here."
            )
        except NotFound:
            self.unread[about] = f"Mangopay does not know the {kind.title.lower()} {object_id} in this environment."
        except MangopayError as error:
            self.unread[about] = f"The {kind.title.lower()} cannot be read: {error.sentence}"
        return None

    async def whole_list(self, path: str, *, about: str) -> Sequence[Content]:
        """Read a list that belongs to one object, to its end."""
        rows: list[Content] = []
        try:
            page = await self._client.list_objects(f"{self._root}{path}", per_page=PER_PAGE, fresh=self._fresh)
            rows.extend(page.items)
            while page.has_next:
                page = await self._client.list_objects(
                    f"{self._root}{path}", page=page.number + 1, per_page=PER_PAGE, fresh=self._fresh
                )
                rows.extend(page.items)
        except MangopayError as error:
            self.unread[about] = f"What was done to it before cannot be read: {error.sentence}"
        return rows

    async def short_list(self, path: str) -> Sequence[Content]:
        """Read the first of a list, the newest first; nothing where it cannot be read."""
        path, _, query = path.partition("?")
        more = dict([query.split("=")]) if query else {}
        try:
            page = await self._client.list_objects(
                f"{self._root}{path}", per_page=MOST_OFFERED, query={"Sort": NEWEST_FIRST, **more}
            )
        except MangopayError:
            return ()
        return [without_secrets(row) for row in page.items if _is_usable(row)]

    async def blocks(self, user_id: str) -> Content | None:
        try:
            return await self._client.get_object(
                f"{self._root}/users/{quote(user_id, safe='')}/regulatory", fresh=self._fresh
            )
        except MangopayError as error:
            # Whoever is blocked is stopped by Mangopay itself.
            self.unseen[f"blocks of {user_id}"] = f"Whether the user is blocked cannot be read: {error.sentence}"
            return None


async def _named(reader: _Reader, kind: OperationKind, values: Values, *, is_brief: bool) -> Situation:
    """Read what the parameters name."""
    named = [p for p in kind.parameters if p.form is Form.ID and values.get(p.name) and not p.fault(values[p.name])]
    if is_brief:
        named = [p for p in named if p.name != AUTHOR.name]
    if kind.name == "payout-platform" and values.get("BankAccountId"):
        # No call shows one: it can only be made and paid out to.
        named = [p for p in named if p.name != "BankAccountId"]
        reader.unseen["BankAccountId"] = "Mangopay shows no bank account of the platform's own: compare its id."
    # A user's account is read through the user.
    parent = values.get("UserId") or values.get("AuthorId", "")
    contents = await _all(
        *(reader.get(kind_named(p, values[p.name]), values[p.name], about=p.name, parent=parent) for p in named)
    )
    objects = {p.name: content for p, content in zip(named, contents, strict=True) if content is not None}
    quote_ = await reader.get("quote", values.get("QuoteId"), about="QuoteId") if values.get("QuoteId") else None
    return Situation(
        objects=objects, wallet=objects.get("DebitedWalletId"), into=objects.get("CreditedWalletId"), quote=quote_
    )


def kind_named(parameter: Parameter, value: str) -> str:
    """Return the name of the kind that an id stands for: its own prefix tells, else what the parameter is for."""
    kind = kind_of_id(value)
    return kind.name if kind is not None else (parameter.kinds or ("user",))[0]


async def _around(reader: _Reader, found: Situation, *, is_brief: bool) -> Situation:
    """Read what lies around: the wallets of what is refunded, its refunds, its disputes."""
    if (payin := found.objects.get("PayInId")) is not None:
        refunds, disputes, wallet, card = await asyncio.gather(
            reader.whole_list(f"/payins/{payin['Id']}/refunds", about="PayInId"),
            reader.whole_list(f"/payins/{payin['Id']}/disputes", about="PayInId"),
            reader.get("wallet", text_at(payin, "CreditedWalletId"), about="PayInId"),
            reader.get("card", None if is_brief else text_at(payin, "CardId"), about="card"),
        )
        # The card is only told, so one that is gone is no reason against anything.
        reader.unread.pop("card", None)
        return replace(found, refunds=refunds, disputes=disputes, wallet=wallet, card=card)
    if (transfer := found.objects.get("TransferId")) is not None:
        refunds, wallet, into = await asyncio.gather(
            reader.whole_list(f"/transfers/{transfer['Id']}/refunds", about="TransferId"),
            reader.get("wallet", text_at(transfer, "CreditedWalletId"), about="TransferId"),
            reader.get("wallet", text_at(transfer, "DebitedWalletId"), about="TransferId"),
        )
        return replace(found, refunds=refunds, wallet=wallet, into=into)
    if (repudiation := found.objects.get("RepudiationId")) is not None:
        return await _around_repudiation(reader, found, repudiation)
    if (dispute := found.objects.get("DisputeId")) is not None:
        papers, payin = await asyncio.gather(
            reader.whole_list(f"/disputes/{dispute['Id']}/documents", about="DisputeId"),
            reader.get("payin", text_at(dispute, "InitialTransactionId"), about="disputed"),
        )
        # The payment is only told, so one that is gone is no reason against anything.
        reader.unread.pop("disputed", None)
        return replace(found, papers=papers, disputed=payin)
    return found


async def _around_repudiation(reader: _Reader, found: Situation, repudiation: Content) -> Situation:
    payin = await reader.get("payin", text_at(repudiation, "InitialTransactionId"), about="RepudiationId")
    if payin is None:
        return found
    disputes, wallet = await asyncio.gather(
        reader.whole_list(f"/payins/{payin['Id']}/disputes", about="RepudiationId"),
        reader.get("wallet", text_at(payin, "CreditedWalletId"), about="RepudiationId"),
    )
    mine = [dispute for dispute in disputes if dispute.get("RepudiationId") == repudiation.get("Id")]
    moved = await reader.whole_list(f"/disputes/{mine[0]['Id']}/transactions", about="RepudiationId") if mine else ()
    settled = [transaction for transaction in moved if transaction.get("Nature") == "SETTLEMENT"]
    return replace(found, disputes=mine, wallet=wallet, disputed=payin, settled=settled)


async def _people(reader: _Reader, found: Situation, values: Values) -> Situation:
    """Read everybody whom it concerns, and what of them is blocked."""
    disputed = found.disputed if "DisputeId" in found.objects else None
    about = (found.wallet, found.into, found.initial, found.hold, found.account, disputed, *found.objects.values())
    owners = (owner_of(content) for content in about if content is not None and not _is_user(content))
    ids = list(dict.fromkeys(owner for owner in (values.get("AuthorId"), *owners) if owner))
    known = {str(user.get("Id")): user for user in found.objects.values() if _is_user(user)}
    strangers = [user_id for user_id in ids if user_id not in known]
    people, blocks = await asyncio.gather(
        _all(*(reader.get("user", user_id, about=user_id) for user_id in strangers)),
        _all(*(reader.blocks(user_id) for user_id in ids)),
    )
    return replace(
        found,
        people=known | {user_id: user for user_id, user in zip(strangers, people, strict=True) if user is not None},
        blocks={user_id: status for user_id, status in zip(ids, blocks, strict=True) if status is not None},
    )


async def _offers(reader: _Reader, kind: OperationKind, values: Values) -> Mapping[str, Sequence[Content]]:
    """Read what a user has that an empty field could be filled with; what cannot be read is not offered."""
    if kind.name == "payout-platform" and not values.get("DebitedWalletId"):
        wallets = await reader.short_list("/clients/wallets")
        return {"DebitedWalletId": [row for row in wallets if (held := balance_of(row)) and held.amount > 0]}
    author = values.get("AuthorId", "")
    if not author or AUTHOR.fault(author):
        return {}
    wanted = {name: _OFFERED[name] for name in kind.by_name if name in _OFFERED and not values.get(name)}
    # One account is enough.
    if values.get("RecipientId") or values.get("BankAccountId"):
        wanted = {name: path for name, path in wanted.items() if name not in ("RecipientId", "BankAccountId")}
    # To whom somebody else's money goes, nobody can guess.
    if kind.name in ("transfer", "payin-card", "payin-directdebit", "payin-web", "capture"):
        wanted.pop("CreditedWalletId", None)
    paths = list(dict.fromkeys(wanted.values()))
    lists = await _all(*(reader.short_list(path.format(id=quote(author, safe=""))) for path in paths))
    by_path = dict(zip(paths, lists, strict=True))
    return {name: by_path[path] for name, path in wanted.items() if by_path[path]}


_OFFERED: Mapping[str, str] = {
    "DebitedWalletId": "/users/{id}/wallets",
    "CreditedWalletId": "/users/{id}/wallets",
    "CardId": "/users/{id}/cards?Active=true",
    "RecipientId": "/users/{id}/recipients",
    "BankAccountId": "/users/{id}/bankaccounts",
    "MandateId": "/users/{id}/mandates",
}


def _is_usable(content: Content) -> bool:
    return content.get("Active") is not False and content.get("Status") in (None, "ACTIVE", "SUBMITTED")


def _is_user(content: Content) -> bool:
    return "PersonType" in content


async def _of_somebody_else(teller: Teller, environment: Environment, account_id: str) -> Mapping[str, str]:
    """Say so when a bank account is known as a user's; the platform's own no call shows."""
    known = select(KnownObject.user_id).where(
        KnownObject.environment == environment, KnownObject.object_id == account_id, KnownObject.user_id != ""
    )
    async with teller.database.session() as session:
        owner = (await session.exec(known)).first() if account_id else None
    if owner is None:
        return {}
    return {"BankAccountId": f"This bank account is the user {owner}'s: pay the platform out to an account of its own."}


async def _lately(
    teller: Teller, environment: Environment, kind: OperationKind, values: Values, *, but: str, now: datetime
) -> Sequence[Earlier]:
    """Return our own operations of the last 24 hours that reached the same with the same amount, newest first."""
    amount, payee = told_amount(kind, values), kind.first_given(kind.reaches, values)
    if amount is None or not payee:
        return ()
    same = (
        select(Operation)
        .where(
            Operation.payee_id == payee,
            Operation.kind == kind.name,
            Operation.amount == amount.amount,
            Operation.currency == amount.currency,
            Operation.operation_id != but,
            *asked_lately(environment, now=now),
        )
        .order_by(col(Operation.asked_at).desc())
        .limit(MOST_LATELY)
    )
    async with teller.database.session() as session:
        rows = (await session.exec(same)).all()
    return [Earlier(row.operation_id, row.label, row.asked_by, row.asked_at or row.created_at) for row in rows]


async def _under_way(
    teller: Teller, environment: Environment, kind: OperationKind, values: Values, *, but: str
) -> Earlier | None:
    """Return the operation that holds the same money just now, if another one does."""
    subject = kind.first_given(kind.takes_from, values)
    holding = (
        select(Operation)
        .where(
            Operation.environment == environment,
            Operation.subject == subject,
            Operation.operation_id != but,
            col(Operation.state).in_(UNDER_WAY),
        )
        .limit(1)
    )
    async with teller.database.session() as session:
        row = (await session.exec(holding)).first() if subject else None
    return Earlier(row.operation_id, row.label, row.asked_by, row.asked_at or row.created_at) if row else None


async def _went_lately(
    teller: Teller, environment: Environment, kind: OperationKind, values: Values, *, but: str
) -> int:
    """Return how much of ours went from the same money to the same place in the last 24 hours, in minor units."""
    same = (
        col(Operation.subject) == kind.first_given(kind.takes_from, values),
        col(Operation.payee_id) == kind.first_given(kind.reaches, values),
        col(Operation.currency) == values.get(CURRENCY, ""),
        col(Operation.operation_id) != but,
        *asked_lately(environment, now=teller.clock()),
    )
    async with teller.database.session() as session:
        return (await session.exec(select(func.sum(Operation.amount)).where(*same))).one() or 0


async def _all(*reads: Awaitable[T]) -> list[T]:
    return list(await asyncio.gather(*reads))


def quiet(client: MangopayClient) -> MangopayClient:
    """Return the client for what a batch reads: it leaves the rate limits to people."""
    return client.at(Priority.EXPORT)
