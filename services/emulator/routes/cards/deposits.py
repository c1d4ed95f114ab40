"""Deposits, now called extended pre-authorisations: money held for thirty days on a card or with PayPal.

They are one thing under two names: either name finds both, each tells of itself by the events of the name it was
created under.
Source: https://docs.mangopay.com/api-reference/extended-preauthorizations and .../deposit-preauthorizations
Chosen: one whose authorisation failed is CANCELED; a capture that fails leaves it FAILED, to be captured again; one
that waits for its payer may be cancelled too, and then fails.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import ApiError, invalid_action
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.routes.cards.cards import card_of
from services.emulator.rules import authorisations, card_bank, cards, paypal_deposits
from services.emulator.rules.deposits import HOLDS_S, OPEN, begin, fail, find, find_asked, move, read_remarks
from services.emulator.rules.result_codes import PERIOD_EXPIRED, SUCCESS
from services.emulator.rules.transactions import check_currency, row
from services.emulator.rules.users import refuse_closed

EXPIRED = {"CARD": card_bank.AUTHENTICATION_EXPIRED, "PAYPAL": PERIOD_EXPIRED}
# What may be asked for, what that is called meanwhile, and what comes of it.
REQUESTS = {"CANCELED": "CANCEL_REQUESTED", "NO_SHOW_REQUESTED": "NO_SHOW_REQUESTED"}
NEXT = {"CANCEL_REQUESTED": "CANCELED", "NO_SHOW_REQUESTED": "NO_SHOW"}


def create_by_card(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    author = fields.entity("AuthorId", world.store.users)
    card = fields.entity("CardId", world.store.cards)
    debited_funds = authorisations.read_funds(fields)
    payment = card_bank.read_card_payment(fields, card, author, default_mode=None) | read_remarks(fields)
    fields.check()
    refuse_closed(author)
    check_currency(debited_funds, card)
    deposit = begin(world, call, author, debited_funds, payment)
    authorisations.ask_bank(world, deposit, card, "deposit", settle)
    return Answer(wire(world.store.deposits.save(deposit)))


def create_by_paypal(world: World, call: Call) -> Response:
    fields = Fields(call.body)
    author = fields.entity("AuthorId", world.store.users)
    debited_funds = authorisations.read_funds(fields)
    details = paypal_deposits.read_details(world, fields, author) | read_remarks(fields)
    fields.check()
    refuse_closed(author)
    deposit = begin(world, call, author, debited_funds, details)
    paypal_deposits.send_to_page(world, deposit)
    return Answer(wire(world.store.deposits.save(deposit)))


def view(world: World, call: Call) -> Response:
    return Answer(wire(find_asked(world, call)))


def update(world: World, call: Call) -> Response:
    """Give up what was never captured; the bank does so right after."""
    deposit, fields = find_asked(world, call), Fields(call.body)
    # Clients that change something else send the status along as it is.
    wanted = fields.choice("PaymentStatus", (*REQUESTS, deposit["PaymentStatus"]))
    tag = fields.text("Tag")
    fields.check()
    if wanted in REQUESTS:
        _refuse_giving_up(deposit)
        move(world, deposit, REQUESTS[wanted])
        world.later("deposit.give_up", deposit["Id"])
    deposit["Tag"] = tag or deposit["Tag"]
    return Answer(wire(world.store.deposits.save(deposit)))


def transactions(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("_DepositId", find_asked(world, call)["Id"])
    return page(world, call, rows, filters=("Status", "ResultCode"), shape=_capture_row)


def list_of_user(world: World, call: Call) -> Response:
    user = world.find(world.store.users, call.params["UserId"], "User")
    return page(world, call, world.store.deposits.select("AuthorId", user["Id"]), filters=authorisations.FILTERS)


def list_of_card(world: World, call: Call) -> Response:
    rows = world.store.deposits.select("CardId", card_of(world, call)["Id"])
    return page(world, call, rows, filters=authorisations.FILTERS)


def list_of_fingerprint(world: World, call: Call) -> Response:
    rows = world.store.deposits.select("_Fingerprint", call.params["Fingerprint"])
    return page(world, call, rows, filters=authorisations.FILTERS)


def settle(world: World, deposit: Entity, result_code: str) -> None:
    """Write down what the bank, or PayPal, has answered; a success holds the money for a while."""
    hold_s = HOLDS_S[deposit["PaymentType"]]
    authorisations.answer(world, deposit, result_code, hold_s=hold_s)
    if deposit["PaymentType"] == "CARD":
        card_bank.note_authentication(deposit, result_code)
    else:
        paypal_deposits.note_payer(world, deposit, result_code)
    if result_code == SUCCESS:
        move(world, deposit, "WAITING")
        world.later("deposit.expire", deposit["Id"], after_s=hold_s)
    else:
        fail(world, deposit)
    cards.note_outcome(world, world.store.cards.get(deposit.get("CardId")), result_code)


def give_up(world: World, deposit_id: str) -> None:
    """Do what was requested; an authorisation that its payer never finished fails with it."""
    deposit = world.store.deposits.get(deposit_id)
    if deposit is None or deposit["PaymentStatus"] not in NEXT:
        return
    if deposit["Status"] == "CREATED":
        settle(world, deposit, "101002")
    else:
        move(world, deposit, NEXT[deposit["PaymentStatus"]])


def expire(world: World, deposit_id: str) -> None:
    """End the hold, if it still lasts: VALIDATED if anything was captured, EXPIRED if not."""
    deposit = world.store.deposits.get(deposit_id)
    if deposit is not None and deposit["Status"] == "SUCCEEDED":
        if deposit["PaymentStatus"] == "TO_BE_COMPLETED":
            move(world, deposit, "VALIDATED")
        elif deposit["PaymentStatus"] in OPEN:
            move(world, deposit, "EXPIRED")


def expire_page(world: World, deposit_id: str) -> None:
    deposit = world.store.deposits.get(deposit_id)
    if deposit is not None and deposit["Status"] == "CREATED":
        settle(world, deposit, EXPIRED[deposit["PaymentType"]])


def expire_now(world: World, deposit_id: str, fields: Fields) -> Entity:  # noqa: ARG001  (nothing more to say)
    """Let the hold, or the page before it, end today."""
    deposit = find(world, deposit_id)
    before = deposit["Status"], deposit["PaymentStatus"]
    expire_page(world, deposit_id)
    if before[0] == "SUCCEEDED":
        expire(world, deposit_id)
    if (deposit["Status"], deposit["PaymentStatus"]) == before:
        raise invalid_action("The deposit no longer holds anything")
    return deposit


def _refuse_giving_up(deposit: Entity) -> None:
    if deposit["PaymentStatus"] not in OPEN or deposit["Status"] == "FAILED":
        message = "The PaymentStatus of the preauthorization can not be canceled"
        raise ApiError(400, "preauthorization_payment_status_can_not_be_canceled", message)


def _capture_row(payin: Entity) -> Entity:
    return row(payin) | {name: payin[name] for name in ("DepositId", "ExtendedPreauthorizationId")}


def _routes(name: str) -> tuple[Route, ...]:
    """Return the routes that both names have."""
    deposits, by_id = f"{API}/{name}-preauthorizations", f"{API}/{name}-preauthorizations/{{DepositId}}"
    return (
        Route("POST", f"{deposits}/card/direct", create_by_card),
        Route("POST", f"{deposits}/payment-methods/paypal", create_by_paypal),
        Route("GET", by_id, view),
        Route("PUT", by_id, update),
        Route("GET", f"{by_id}/transactions", transactions),
        Route("GET", f"{API}/users/{{UserId}}/{name}-preauthorizations", list_of_user),
        Route("GET", f"{API}/cards/{{CardId}}/{name}-preauthorizations", list_of_card),
        Route("GET", f"{API}/cards/fingerprints/{{Fingerprint}}/{name}-preauthorizations", list_of_fingerprint),
    )


ROUTES = (*_routes("deposit"), *_routes("extended"))

ACTS = {"deposit.give_up": give_up, "deposit.expire": expire, "deposit.expire_page": expire_page}

CONTROLS = {"deposit.expire": expire_now}
