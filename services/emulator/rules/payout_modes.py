"""The rail a payout takes: standard, instant with or without a way back, or real-time gross settlement.

Source: https://docs.mangopay.com/guides/payouts/integration and https://docs.mangopay.com/errors/codes

Chosen: instant payments are SEPA's, so EUR to an IBAN, up to EUR 100,000; INSTANT_PAYMENT_ONLY in another currency is
refused with 400, RTGS in another currency too, and RTGS knows no cut-off. A duplicate is an instant payment of the same
amount from the same wallet to the same account within 24 hours. FallbackReason bears both spellings of its keys.
"""

import uuid

from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules.blocks import refusal_of_payout
from services.emulator.rules.ibans import is_iban
from services.emulator.rules.payouts import account_number, account_of, is_allowed
from services.emulator.rules.result_codes import MESSAGES, SUCCESS
from services.emulator.rules.transactions import conclude

INSTANT = ("INSTANT_PAYMENT", "INSTANT_PAYMENT_ONLY")
MOST_INSTANT = 10_000_000
DAY_S = 86_400
# What the sandbox provokes by an account or by a reference.
FALLBACK_IBAN = "FR541558929750ZZZZZZAC01915"
UNREACHABLE_REFERENCE = "IP1070"
# What an instant payment is told instead of the code of other payouts.
INSTANT_CODES = {"002999": "130003", "008700": "130004", "008600": "130004"}


def refuse(world: World, fields: Fields, mode: str | None, currency: str) -> None:
    """Refuse a mode that cannot be had at all."""
    name = "PayoutModeRequested"
    if mode in INSTANT and not is_allowed(world, "InstantEnabled", default=True):
        explicit = "InstantPayment was explicitly requested but this feature is not activated on your configuration"
        fields.refuse(name, "InstantPayment is disabled" if mode == "INSTANT_PAYMENT" else explicit)
    elif mode == "INSTANT_PAYMENT_ONLY" and currency != "EUR":
        fields.refuse(name, "The request for instant payment cannot be successful due to ineligibility ")
    elif mode == "RTGS_PAYMENT" and currency != "EUR":
        fields.refuse(name, "The request for RTGS payment is only available in EUR")


def obstacle(
    world: World, debited_funds: Entity, *, author: Entity, wallet: Entity, account: Entity, reference: str | None
) -> str | None:
    """Return the result code of what keeps an instant payment from its account, None if nothing does."""
    if not is_allowed(world, "InstantEnabled", default=True):
        return "130001"
    number = account_number(account) or ""
    checks = (
        (author.get("KYCLevel") != "REGULAR", "130003"),
        (refusal_of_payout(world, author["Id"]) is not None, "130004"),
        (reference == UNREACHABLE_REFERENCE, "130010"),
        (debited_funds["Currency"] != "EUR", "130007"),
        (debited_funds["Amount"] > MOST_INSTANT, "130002"),
        (not is_iban(number), "130009"),
        (_is_duplicate(world, _key(wallet["Id"], account["Id"], debited_funds)), "130008"),
    )
    return next((code for is_met, code in checks if is_met), None)


def hand_over(world: World, payout: Entity) -> Entity:
    """Send a CREATED payout by the rail asked for, or by the one that is left."""
    payout["EndToEndId"] = uuid.uuid4().hex
    if payout["ModeRequested"] in INSTANT:
        return _send_instantly(world, payout)
    payout["ModeApplied"] = payout["ModeRequested"] or "STANDARD"
    return conclude(world, payout)


def fail(world: World, payout: Entity, code: str) -> Entity:
    """Let a payout fail; one that had to be instant fails as such."""
    is_instant_only = payout["ModeRequested"] == "INSTANT_PAYMENT_ONLY"
    payout["ModeApplied"] = "NONE" if is_instant_only else "STANDARD"
    if is_instant_only:
        world.emit("INSTANT_PAYOUT_FAILED", payout["Id"])
    return conclude(world, payout, INSTANT_CODES.get(code, code) if is_instant_only else code)


def _send_instantly(world: World, payout: Entity) -> Entity:
    code = _obstacle_of(world, payout)
    if code is None:
        payout["ModeApplied"] = "INSTANT_PAYMENT"
        payout["_InstantKey"] = _key_of(payout)
        world.emit("INSTANT_PAYOUT_SUCCEEDED", payout["Id"])
        return conclude(world, payout)
    if payout["ModeRequested"] == "INSTANT_PAYMENT_ONLY":
        return fail(world, payout, code)
    message = MESSAGES[code]
    payout["ModeApplied"] = "STANDARD"
    payout["FallbackReason"] = {"Code": code, "Message": message, "ResultCode": code, "ResultMessage": message}
    world.emit("INSTANT_PAYOUT_FAILED", payout["Id"])
    world.emit("INSTANT_PAYOUT_FALLBACKED", payout["Id"])
    return conclude(world, payout, SUCCESS)


def _obstacle_of(world: World, payout: Entity) -> str | None:
    author = world.store.users.get(payout["AuthorId"])
    wallet, account = world.store.wallets.get(payout["DebitedWalletId"]), account_of(world, payout)
    if author is None or wallet is None or account is None:
        return "130005"
    if account_number(account) == FALLBACK_IBAN:
        return "001999"
    reference, debited_funds = payout["BankWireRef"], payout["DebitedFunds"]
    return obstacle(world, debited_funds, author=author, wallet=wallet, account=account, reference=reference)


def _key_of(payout: Entity) -> str:
    return _key(payout["DebitedWalletId"], payout["RecipientId"] or payout["BankAccountId"], payout["DebitedFunds"])


def _key(wallet_id: str, account_id: str, money: Entity) -> str:
    return f"{wallet_id}:{account_id}:{money['Amount']}"


def _is_duplicate(world: World, key: str) -> bool:
    sent = world.store.transactions.select("_InstantKey", key)
    after = world.clock.now() - DAY_S
    rows, _ = sent.page(wanted={}, after=after, before=None, newest_first=True, start=0, size=1)
    return bool(rows)
