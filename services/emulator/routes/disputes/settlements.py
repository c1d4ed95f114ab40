"""Repudiations, and the transfers that settle them out of the wallet which the disputed pay-in had credited.

Source: https://docs.mangopay.com/api-reference/dispute-settlement

Chosen: fees below zero are given back out of the platform's fees, as refunds do, up to those of the pay-in; a
repudiation is settled when what the pay-in credited, or as much of it as was disputed, has been transferred.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import invalid_action, not_found
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import API, Route
from services.emulator.engine.store import Entity, wire
from services.emulator.engine.world import World
from services.emulator.rules import blocks
from services.emulator.rules.disputes import mark_settled
from services.emulator.rules.result_codes import SUCCESS
from services.emulator.rules.transactions import begin, client_wallet, conclude, covers


def view_repudiation(world: World, call: Call) -> Response:
    return Answer(wire(_repudiation_of(world, call)))


def list_refunds(world: World, call: Call) -> Response:
    rows = world.store.transactions.select("_RefundOf", _repudiation_of(world, call)["Id"])
    return page(world, call, rows, filters=("Status", "ResultCode"))


def settle(world: World, call: Call) -> Response:
    repudiation, fields = _repudiation_of(world, call), Fields(call.body)
    dispute = world.find(world.store.disputes, repudiation["_DisputeId"], "Dispute")
    payin = world.find(world.store.transactions, repudiation["InitialTransactionId"], "PayIn")
    author = fields.entity("AuthorId", world.store.users)
    debited_funds, fees = _amounts(fields, payin)
    tag = fields.text("Tag")
    fields.check()
    if dispute["ResultCode"] != "LOST":
        raise invalid_action("Only the repudiation of a Dispute that is CLOSED and LOST can be settled")
    wallet = world.find(world.store.wallets, payin["CreditedWalletId"], "Wallet")
    settlement = begin(
        world,
        "repudstl_m_",
        "TRANSFER",
        nature="SETTLEMENT",
        author_id=author["Id"],
        debited_funds=debited_funds,
        fees=fees,
        debited_wallet=wallet,
        credited_wallet=client_wallet(world, "CREDIT", debited_funds["Currency"]),
        tag=tag,
        details={"RepudiationId": repudiation["Id"], "_DisputeId": dispute["Id"]},
    )
    earlier = _earlier(world, settlement)
    conclude(world, settlement, _verdict(world, settlement, payin, dispute, earlier))
    if _is_settled(payin, dispute, [*earlier, settlement]):
        mark_settled(world, dispute)
    return Answer(wire(settlement))


def view(world: World, call: Call) -> Response:
    settlement_id = call.params["SettlementId"]
    settlement = world.store.transactions.get(settlement_id)
    if settlement is None or settlement["Nature"] != "SETTLEMENT":
        raise not_found("SettlementTransfer", settlement_id)
    return Answer(wire(settlement))


def _repudiation_of(world: World, call: Call) -> Entity:
    repudiation_id = call.params["RepudiationId"]
    repudiation = world.store.transactions.get(repudiation_id)
    if repudiation is None or repudiation["Nature"] != "REPUDIATION":
        raise not_found("Repudiation", repudiation_id)
    return repudiation


def _amounts(fields: Fields, payin: Entity) -> tuple[Entity, Entity]:
    fields.require("DebitedFunds", "Fees")
    debited_funds, fees = fields.money("DebitedFunds", least=1), fields.money("Fees", least=None)
    fields.check()
    limits = {"DebitedFunds": payin["CreditedFunds"], "Fees": payin["Fees"]}
    for name, money in (("DebitedFunds", debited_funds), ("Fees", fees)):
        if money and money["Currency"] != limits[name]["Currency"]:
            fields.refuse(name, "The currency must be the one of the initial transaction")
        elif money and abs(money["Amount"]) > limits[name]["Amount"]:
            fields.refuse(name, f"The settlement {name} cannot exceed the initial transaction {name}")
    return debited_funds or {}, fees or {}


def _verdict(world: World, settlement: Entity, payin: Entity, dispute: Entity, earlier: list[Entity]) -> str:
    together = [*earlier, settlement]
    if _is_settled(payin, dispute, earlier) or not dispute.get("_Unsettled"):
        return "003012"
    if _total(together, "DebitedFunds") > _to_settle(payin, dispute):
        return "003010"
    if abs(_total(together, "Fees")) > payin["Fees"]["Amount"]:
        return "003011"
    if settlement["CreditedFunds"]["Amount"] <= 0:
        return "001014"
    return _balance_verdict(world, settlement)


def _balance_verdict(world: World, settlement: Entity) -> str:
    wallet, fees = world.store.wallets.get(settlement["DebitedWalletId"]), settlement["Fees"]
    if wallet is None or not covers(wallet, settlement["DebitedFunds"]):
        return "001001"
    if client_wallet(world, "FEES", fees["Currency"])["Balance"]["Amount"] < -fees["Amount"]:
        return "005405"
    return blocks.refusal_of_payout(world, wallet["_OwnerId"]) or SUCCESS


def _is_settled(payin: Entity, dispute: Entity, settlements: list[Entity]) -> bool:
    done = [settlement for settlement in settlements if settlement["Status"] == "SUCCEEDED"]
    return _total(done, "DebitedFunds") >= _to_settle(payin, dispute)


def _to_settle(payin: Entity, dispute: Entity) -> int:
    return int(min(payin["CreditedFunds"]["Amount"], dispute["DisputedFunds"]["Amount"]))


def _total(settlements: list[Entity], name: str) -> int:
    return sum(settlement[name]["Amount"] for settlement in settlements)


def _earlier(world: World, settlement: Entity) -> list[Entity]:
    others = world.store.transactions.where("RepudiationId", settlement["RepudiationId"])
    return [other for other in others if other["Status"] == "SUCCEEDED"]


ROUTES = (
    Route("GET", f"{API}/repudiations/{{RepudiationId}}", view_repudiation),
    Route("GET", f"{API}/repudiations/{{RepudiationId}}/refunds", list_refunds),
    Route("POST", f"{API}/repudiations/{{RepudiationId}}/settlementtransfer", settle),
    Route("GET", f"{API}/settlements/{{SettlementId}}", view),
)
