"""What lets a payout leave: whose money it is, whose account it goes to, and what the author may do.

Source: https://docs.mangopay.com/guides/payouts and https://docs.mangopay.com/errors/codes

Chosen: a user who is not REGULAR is refused with 002999 whatever the amount, as under an EEA contract for payment
services; several payouts that refund one pay-in may not exceed what it credited, the next one fails with 005403.
"""

from services.emulator.engine.fields import Fields
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import given_back
from services.emulator.rules.blocks import refusal_of_payout
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import covers
from services.emulator.rules.users import is_owner

# The setting that holds what Mangopay or the control plane decides about all payouts.
PAYOUT_SETTINGS = "payouts"
# Bank accounts that were made without strong authentication after 30 April 2026 are not paid out to.
SCA_NEEDED_SINCE = 1_777_593_600
TRANSFER_BLOCKS = ("LocalBankTransfer", "InternationalBankTransfer")


def find_account(world: World, account_id: str | None) -> Entity | None:
    """Return a recipient or a legacy bank account, whichever has this id."""
    return world.store.bank_accounts.get(account_id) or world.store.recipients.get(account_id)


def account_of(world: World, payout: Entity) -> Entity | None:
    return find_account(world, payout["RecipientId"] or payout["BankAccountId"])


def account_number(account: Entity) -> str | None:
    """Return the IBAN, or the number where there is none, of either kind of account."""
    blocks = [account, *(account.get(name) or {} for name in TRANSFER_BLOCKS)]
    blocks += [inner for block in blocks[1:] for inner in block.values() if isinstance(inner, dict)]
    numbers = [block[name] for block in blocks for name in ("IBAN", "AccountNumber") if block.get(name)]
    return _plain(numbers[0]) if numbers else None


def is_allowed(world: World, name: str, *, default: bool) -> bool:
    return bool((world.store.settings.get(PAYOUT_SETTINGS) or {}).get(name, default))


def is_held(world: World) -> bool:
    return is_allowed(world, "IsHeld", default=False)


def refuse_account(reference: Fields, payin: Entity, account: Entity) -> None:
    """Refuse to send a pay-in back to another account than the one it came from, where that is known."""
    debited = payin.get("DebitedBankAccount")
    number = account_number(debited) if isinstance(debited, dict) else None
    if number is not None and number != account_number(account):
        reference.refuse("ReferenceId", "The account of the payout must be the account debited by the PayIn")


def refusal_at_creation(world: World, payout: Entity, payin: Entity | None) -> str:
    """Return why a new payout fails, the code of a success if it does not.

    It is stored already, and so among those that give its pay-in back.
    """
    wallet = world.store.wallets.get(payout["DebitedWalletId"])
    verdict = refusal(world, payout)
    if verdict != SUCCESS:
        return verdict
    if payin is not None and given_back.is_exceeded(payin, given_back.all_of(world, payin)):
        return "005403"
    return SUCCESS if wallet is not None and covers(wallet, payout["DebitedFunds"]) else "121003"


def refusal(world: World, payout: Entity) -> str:
    """Return why a payout whose money is there may not leave, the code of a success if it may."""
    wallet, account = world.store.wallets.get(payout["DebitedWalletId"]), account_of(world, payout)
    author = world.store.users.get(payout["AuthorId"])
    if wallet is None or account is None:
        return "121999"
    if author is None:
        # The platform itself, which is neither verified nor blocked.
        return _account_verdict(world, account) if payout["AuthorId"] == world.config.client_id else "121999"
    if wallet["_OwnerId"] != author["Id"]:
        return "121002"
    if account["UserId"] != author["Id"]:
        return "121007"
    verdict = _account_verdict(world, account)
    if verdict != SUCCESS:
        return verdict
    if payout["CreditedFunds"]["Amount"] < 0:
        return "001014"
    return refusal_of_payout(world, author["Id"]) or _category_verdict(author, payout)


def _account_verdict(world: World, account: Entity) -> str:
    # A legacy account is a recipient too, and may have been deactivated as either.
    recipient = world.store.recipients.get(account["Id"]) or {}
    if account.get("Active") is False or recipient.get("Status") == "DEACTIVATED":
        return "121006"
    is_late = "Active" in account and account["CreationDate"] >= SCA_NEEDED_SINCE
    if is_late and not is_allowed(world, "LegacyAccountsAccepted", default=True):
        return "121018"
    check = (account.get("RecipientVerificationOfPayee") or {}).get("RecipientVerificationCheck")
    is_mismatch = check in ("NO_MATCH", "MATCH_NOT_POSSIBLE")
    if is_mismatch and is_allowed(world, "VerificationOfPayeeEnforced", default=False):
        return "121030"
    return SUCCESS


def _category_verdict(author: Entity, payout: Entity) -> str:
    """Let a refund of a pay-in go to anybody, anything else to an OWNER whose identity is verified."""
    if payout["PaymentRef"] is not None:
        return SUCCESS
    if not is_owner(author):
        return "002701"
    return SUCCESS if author["KYCLevel"] == "REGULAR" else "002999"


def _plain(number: str) -> str:
    return str(number).replace(" ", "").upper()
