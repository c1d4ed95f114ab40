"""Disputes, from the bank that takes a pay-in back to the settlement of what was lost."""

from services.emulator.demo.others import Others
from services.emulator.demo.shop import Shop
from services.emulator.engine.store import Entity

REASONS = {
    "FRAUD": "The cardholder does not recognise the payment",
    "PRODUCT_NOT_PROVIDED": "The goods never arrived",
    "PRODUCT_UNACCEPTABLE": "The goods are not as described",
    "DUPLICATE": "The order was charged twice",
}


async def dispute(others: Others, payin: Entity, reason: str = "FRAUD", *, kind: str = "CONTESTABLE") -> Entity:
    """Let the payer's bank take a pay-in back, or with a RETRIEVAL only ask about it."""
    message = REASONS[reason]
    body = {"DisputeType": kind, "DisputeReasonType": reason, "DisputeReasonMessage": message}
    return await others.decide("dispute.open", payin["Id"], **body)


async def contest(shop: Shop, disputed: Entity) -> Entity:
    """Submit what proves that the goods were delivered, and contest all that is disputed."""
    path = f"/disputes/{disputed['Id']}"
    for kind in ("DELIVERY_PROOF", "INVOICE"):
        document = await shop.post(f"{path}/documents", {"Type": kind})
        await shop.add_page(f"{path}/documents/{document['Id']}")
        await shop.put(f"{path}/documents/{document['Id']}", {"Status": "VALIDATION_ASKED"})
    return await shop.put(f"{path}/submit", {"ContestedFunds": disputed["DisputedFunds"]})


async def look_at_documents(shop: Shop, others: Others, disputed: Entity, *, are_good: bool = True) -> None:
    """Let Mangopay look at what was submitted, and send the dispute to the bank if it is good enough."""
    status = {"Status": "VALIDATED"} if are_good else {"Status": "REFUSED", "RefusedReasonType": "DOCUMENT_UNREADABLE"}
    for document in await shop.list(f"/disputes/{disputed['Id']}/documents", Status="VALIDATION_ASKED"):
        await others.decide("dispute_document.decide", document["Id"], **status)
    if are_good:
        await others.decide("dispute.send_to_bank", disputed["Id"])
    else:
        message = "Please send a readable proof of delivery"
        await others.decide("dispute.ask_again", disputed["Id"], StatusMessage=message)


async def decide(others: Others, disputed: Entity, result_code: str) -> Entity:
    """Let the bank say who is right: WON or LOST."""
    message = "The proof of delivery was accepted" if result_code == "WON" else "The cardholder's bank upheld the claim"
    return await others.decide("dispute.decide", disputed["Id"], ResultCode=result_code, ResultMessage=message)


async def settle(shop: Shop, lost: Entity) -> Entity | None:
    """Get the money of a lost dispute back from the seller, and repay it; None if the seller has no longer as much."""
    payin = await shop.get(f"/payins/{lost['InitialTransactionId']}")
    wallet = await shop.get(f"/wallets/{payin['CreditedWalletId']}")
    if wallet["Balance"]["Amount"] < lost["DisputedFunds"]["Amount"] and not await _take_back(shop, payin):
        return None
    zero = {"Currency": wallet["Currency"], "Amount": 0}
    body = {"AuthorId": payin["AuthorId"], "DebitedFunds": lost["DisputedFunds"], "Fees": zero, "Tag": payin["Tag"]}
    return await shop.post(f"/repudiations/{lost['RepudiationId']}/settlementtransfer", body)


async def _take_back(shop: Shop, payin: Entity) -> bool:
    """Undo the transfer by which a pay-in was passed on, which bears the same tag."""
    path = f"/wallets/{payin['CreditedWalletId']}/transactions"
    passed_on = await shop.list(path, Type="TRANSFER", Nature="REGULAR", Sort="CreationDate:DESC")
    transfer = next((row for row in passed_on if row["Tag"] == payin["Tag"]), None)
    if transfer is None:
        return False
    refund = await shop.refund("transfers", transfer, f"Dispute: {payin['Tag']}")
    return bool(refund["Status"] == "SUCCEEDED")
