"""What a bank or a payer does to a pay-in: by the sandbox's endpoints for bank wires, and by the control plane.

Source: https://docs.mangopay.com/api-reference/simulation

Chosen: any member of the body of a simulated execution may hold ACCEPT or REJECT, because the reference does not name
it; funding answers with the pay-in it makes, and 404 for an account that no wallet has.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.routes.payins.bankwire import REJECTED, receive_at_account
from services.emulator.routes.payins.outcome import finish
from services.emulator.rules.incoming_accounts import find_by_account
from services.emulator.rules.payins import find_payin, shown
from services.emulator.rules.result_codes import MESSAGES, SUCCESS

OUTCOMES = {"ACCEPT": SUCCESS, "REJECT": REJECTED}


def execute_bankwire(world: World, call: Call) -> Response:
    """Let a declared wire arrive (ACCEPT) or be refused (REJECT)."""
    payin, fields = find_payin(world, call.params["PayInId"]), Fields(call.body)
    outcome = next((value for value in call.body.values() if isinstance(value, str) and value in OUTCOMES), None)
    if outcome is None:
        fields.refuse("Status", "The requested value was not found. Expected ACCEPT or REJECT.")
    fields.check()
    if not _is_open_wire(payin):
        raise not_found("PayIn", payin["Id"])
    return Answer(shown(finish(world, payin, OUTCOMES[str(outcome)])))


def fund(world: World, call: Call) -> Response:
    """Let a wire reach a virtual account or a banking alias."""
    fields = Fields(call.body)
    fields.require("CreditedFunds", "Creditor")
    funds = fields.money("CreditedFunds", least=1) or {}
    creditor = fields.within("Creditor")
    iban = creditor.text("IBAN") or creditor.text("Iban")
    number = creditor.text("AccountNumber")
    if not (iban or number):
        creditor.refuse("IBAN", "The IBAN field is required.")
    details = fields.within("TransactionDetails")
    fields.check()
    account = find_by_account(world, iban, number)
    if account is None:
        raise not_found("VirtualAccount", str(iban or number))
    return Answer(shown(receive_at_account(world, account, funds, details)))


def succeed(world: World, payin_id: str, _fields: Fields) -> Entity:
    return shown(finish(world, _undecided(world, payin_id)))


def fail(world: World, payin_id: str, fields: Fields) -> Entity:
    """Fail a pay-in, with the `ResultCode` of the body or as the bank would refuse it."""
    payin = _undecided(world, payin_id)
    code = fields.choice("ResultCode", MESSAGES.keys() - {SUCCESS}) or "101199"
    fields.check()
    return shown(finish(world, payin, code))


def accept_bankwire(world: World, payin_id: str, _fields: Fields) -> Entity:
    return shown(finish(world, _undecided_wire(world, payin_id)))


def reject_bankwire(world: World, payin_id: str, _fields: Fields) -> Entity:
    return shown(finish(world, _undecided_wire(world, payin_id), REJECTED))


def fund_account(world: World, account_id: str, fields: Fields) -> Entity:
    """Let `CreditedFunds` reach the account with this id."""
    account = world.store.virtual_accounts.get(account_id) or world.store.banking_aliases.get(account_id)
    if account is None:
        raise not_found("VirtualAccount", account_id)
    fields.require("CreditedFunds")
    funds = fields.money("CreditedFunds", least=1) or {}
    details = fields.within("TransactionDetails")
    fields.check()
    return shown(receive_at_account(world, account, funds, details))


def _undecided(world: World, payin_id: str) -> Entity:
    payin = find_payin(world, payin_id)
    if payin["Status"] != "CREATED":
        raise invalid_action(f"The pay-in is {payin['Status']} already")
    return payin


def _undecided_wire(world: World, payin_id: str) -> Entity:
    payin = _undecided(world, payin_id)
    if not _is_open_wire(payin):
        raise not_found("PayIn", payin_id)
    return payin


def _is_open_wire(payin: Entity) -> bool:
    return (payin["PaymentType"], payin["ExecutionType"], payin["Status"]) == ("BANK_WIRE", "DIRECT", "CREATED")


ROUTES = (
    Route("POST", f"{API}/simulation/payins/bankwire/{{PayInId}}", execute_bankwire),
    Route("POST", f"{API}/simulation/payins/bankwire/funding", fund),
)

CONTROLS = {
    "payin.succeed": succeed,
    "payin.fail": fail,
    "bankwire.accept": accept_bankwire,
    "bankwire.reject": reject_bankwire,
    "virtual_account.fund": fund_account,
}
