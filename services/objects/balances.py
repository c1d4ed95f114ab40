"""A wallet's balance over time: Mangopay keeps none, so it is read back from all that has moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from models.balance import Point, balance_history
from models.mangopay.accounts import Wallet
from models.mangopay.transactions import Transaction
from models.objects.fields import Content
from models.objects.kinds import KINDS
from models.objects.listings import LISTINGS
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.mangopay.client import Clients, MangopayClient
from services.mangopay.paging import Page, pages
from services.objects.lists import Wanted, read_page
from services.objects.view import read_first

# Five calls; whoever moves more often than that has no use for a line of it.
MOST_DRAWN = 500


@dataclass(frozen=True, slots=True)
class BalanceHistory:
    """The points, oldest first, and the wallet as it was read with them. Without the whole there are no points: what
    was created early may have been executed late, so the newest transactions alone would tell it wrongly.
    """

    wallet: Content
    points: Sequence[Point]
    is_whole: bool


@needs(Permission.SEE)
async def read_balance_history(actor: Actor, clients: Clients, wallet_id: str, *, now: datetime) -> BalanceHistory:
    """Return a wallet's balance after each movement of the last 13 months. Raises MangopayError, ValidationError."""
    client = clients[actor.environment]
    transactions: list[Transaction] = []
    is_whole = True
    walk = pages(partial(_list_transactions, client, wallet_id))
    async for page in walk:
        transactions.extend(Transaction.model_validate(row) for row in page.items)
        if page.has_next and len(transactions) >= MOST_DRAWN:
            is_whole = False
            break
    await walk.aclose()
    # Right after them: a movement between the two would bend the whole line.
    paths = KINDS["wallet"].api_paths(wallet_id, client_id=client.client_id)
    content = (await read_first(client, paths, fresh=True)).content
    wallet = Wallet.model_validate(content)
    if wallet.balance is None or not is_whole:
        return BalanceHistory(content, (), is_whole)
    points = balance_history(wallet_id, balance=wallet.balance, now=now, transactions=transactions)
    return BalanceHistory(content, points, is_whole)


async def _list_transactions(client: MangopayClient, wallet_id: str, *, page: int, per_page: int) -> Page[Content]:
    wanted = Wanted(page=page, per_page=per_page)
    return await read_page(client, LISTINGS["wallet-transactions"], of=wallet_id, wanted=wanted, fresh=True)
