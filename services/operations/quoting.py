"""What Mangopay is asked before a decision, and what moves nothing: the rate of a conversion, whether an instant payout
would reach its account.

Source: https://docs.mangopay.com/api-reference/conversions/create-quote and .../payouts/check-reachability
"""

from collections.abc import Mapping
from urllib.parse import quote

from models.journal import Operation
from models.objects.fields import Content, text_at, value_at
from models.operations.kinds import OPERATIONS
from models.operations.requests import amount_of, build_request, faults_of
from models.permissions import Permission
from services.access.actors import Actor, needs
from services.operations.errors import Unfit
from services.operations.teller import Teller

# Long enough to read what it says and decide.
GOOD_FOR_S = 300


@needs(Permission.ASK_FOR_MONEY)
async def ask_for_quote(
    actor: Actor, teller: Teller, operation: Operation, values: Mapping[str, str], *, into: str
) -> str:
    """Return the id of a quote for what was typed, good for five minutes; `into` is the other wallet's currency.

    Raises Unfit while there is no amount; MangopayError.
    """
    amount, fees = (amount_of(OPERATIONS["convert"], values, name) for name in ("DebitedFunds", "Fees"))
    if amount is None or fees is None:
        raise Unfit({"DebitedFunds": "An amount is needed for a quote."})
    body = {
        "DebitedFunds": {"Currency": amount.currency, "Amount": amount.amount},
        "CreditedFunds": {"Currency": into},
        "Fees": {"Currency": fees.currency, "Amount": fees.amount},
        "Duration": GOOD_FOR_S,
        "Tag": operation.operation_id,
    }
    return text_at(await _ask(actor, teller, "conversions/quote", body), "Id") or ""


@needs(Permission.SEE)
async def is_reachable(
    actor: Actor, teller: Teller, operation: Operation, values: Mapping[str, str]
) -> tuple[bool, str]:
    """Return whether an instant payout would reach the account and, if not, why in Mangopay's words.

    Raises MangopayError, Unfit while something for it is missing.
    """
    kind, client_id = OPERATIONS[operation.kind], teller.clients[actor.environment].client_id
    if faults := faults_of(kind, values):
        raise Unfit(faults)
    payout = build_request(kind, values, client_id=client_id, operation_id=operation.operation_id)
    body = {**payout.body, "PayoutModeRequested": "INSTANT_PAYMENT"}
    answer = await _ask(actor, teller, "payouts/reachability", body)
    is_reached = value_at(answer, "InstantPayout.IsReachable") is not False
    return is_reached, text_at(answer, "InstantPayout.UnreachableReason.Message") or ""


async def _ask(actor: Actor, teller: Teller, what: str, body: Mapping[str, object]) -> Content:
    client = teller.clients[actor.environment]
    return await client.post_object(f"/v2.01/{quote(client.client_id, safe='')}/{what}", body) or {}
