"""Pay-ins that are taken back: contested, decided, lost by waiting; and what evidence there is."""

import base64

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, SCAN, Json, Marketplace, created, refused

DAY_S = 86_400


def euros(amount: int) -> Json:
    return {"Currency": "EUR", "Amount": amount}


async def paid(market: Marketplace, amount: int = 1_000, fees: int = 0) -> Json:
    alice = await market.payer()
    return created(await market.pay_in(await market.card(alice), await market.wallet(alice), amount, fees))


async def disputed(market: Marketplace, control: Controls, **body: object) -> Json:
    payin = await paid(market)
    return await control.do("dispute.open", payin["Id"], **body)


async def credit(market: Marketplace) -> int:
    return int(created(await market.get("/clients/wallets/CREDIT/EUR"))["Balance"]["Amount"])


async def submit(market: Marketplace, dispute: Json, amount: int = 1_000) -> Json:
    path = f"/disputes/{dispute['Id']}/submit"
    return created(await market.put(path, {"ContestedFunds": euros(amount)}))


async def seen(market: Marketplace, dispute: Json) -> Json:
    return created(await market.get(f"/disputes/{dispute['Id']}"))


async def test_a_contestable_dispute_takes_the_money_and_asks_the_platform(
    market: Marketplace, control: Controls
) -> None:
    payin = await paid(market, fees=100)
    before = len(await market.events())
    reason = {"DisputeReasonType": "FRAUD", "DisputeReasonMessage": "Not me"}
    dispute = await control.do("dispute.open", payin["Id"], **reason)
    assert (dispute["Status"], dispute["DisputeType"], dispute["ResultCode"]) == (
        *("PENDING_CLIENT_ACTION", "CONTESTABLE", ""),
    )
    assert (dispute["InitialTransactionId"], dispute["InitialTransactionType"]) == (payin["Id"], "PAYIN")
    assert dispute["DisputeReason"] == reason
    assert (dispute["DisputedFunds"], dispute["ContestedFunds"]) == (euros(1_000), None)
    assert (dispute["ClosedDate"], dispute["StatusMessage"], dispute["ResultMessage"]) == (None, None, None)
    assert 7 * DAY_S <= dispute["ContestDeadlineDate"] - dispute["CreationDate"] <= 18 * DAY_S
    repudiation = created(await market.get(f"/repudiations/{dispute['RepudiationId']}"))
    assert (repudiation["Type"], repudiation["Nature"], repudiation["Status"]) == (
        *("PAYOUT", "REPUDIATION", "SUCCEEDED"),
    )
    assert (repudiation["DebitedWalletId"], repudiation["CreditedWalletId"]) == ("CREDIT_EUR", None)
    assert repudiation["InitialTransactionId"] == payin["Id"]
    assert await credit(market) == -1_000
    assert await market.balance({"Id": payin["CreditedWalletId"]}) == 900
    assert (await market.events())[before:] == [
        ("PAYIN_REPUDIATION_CREATED", repudiation["Id"]),
        ("PAYIN_REPUDIATION_SUCCEEDED", repudiation["Id"]),
        ("DISPUTE_CREATED", dispute["Id"]),
        ("DISPUTE_ACTION_REQUIRED", dispute["Id"]),
    ]


async def test_a_dispute_that_cannot_be_contested_is_lost_at_once(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control, DisputeType="NOT_CONTESTABLE")
    assert (dispute["Status"], dispute["ResultCode"]) == ("CLOSED", "LOST")
    assert dispute["ClosedDate"] == dispute["CreationDate"]
    assert (await market.events())[-1] == ("DISPUTE_CLOSED", dispute["Id"])
    assert [row["Id"] for row in (await market.get("/disputes/pendingsettlement")).json()] == [dispute["Id"]]


async def test_a_retrieval_takes_no_money(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control, DisputeType="RETRIEVAL")
    assert (dispute["Status"], dispute["RepudiationId"]) == ("PENDING_CLIENT_ACTION", None)
    assert await credit(market) == 0
    created(await market.put(f"/disputes/{dispute['Id']}/close", {}))
    assert (await market.get("/disputes/pendingsettlement")).json() == []


async def test_a_dispute_that_is_won_gives_the_money_back(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control)
    before = len(await market.events())
    submitted = await submit(market, dispute)
    assert (submitted["Status"], submitted["ContestedFunds"]) == ("SUBMITTED", euros(1_000))
    assert (await control.do("dispute.send_to_bank", dispute["Id"]))["Status"] == "PENDING_BANK_ACTION"
    closed = await control.do("dispute.decide", dispute["Id"], ResultCode="WON")
    assert (closed["Status"], closed["ResultCode"]) == ("CLOSED", "WON")
    assert await credit(market) == 0
    (back,) = (await market.get(f"/repudiations/{dispute['RepudiationId']}/refunds", Status="SUCCEEDED")).json()
    assert (back["Type"], back["Nature"], back["CreditedWalletId"], back["CreditedUserId"]) == (
        *("PAYIN", "REFUND", "CREDIT_EUR", "local"),
    )
    assert (back["InitialTransactionId"], back["InitialTransactionNature"]) == (
        *(dispute["RepudiationId"], "REPUDIATION"),
    )
    assert created(await market.get(f"/refunds/{back['Id']}")) == back
    rows = (await market.get(f"/disputes/{dispute['Id']}/transactions")).json()
    assert [row["Id"] for row in rows] == [dispute["RepudiationId"], back["Id"]]
    told = [name for name, _ in (await market.events())[before:] if name.startswith("DISPUTE")]
    assert told == ["DISPUTE_SUBMITTED", "DISPUTE_SENT_TO_BANK", "DISPUTE_CLOSED"]


async def test_a_dispute_that_is_void_gives_all_of_it_back(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control)
    await submit(market, dispute, 400)
    assert (await control.do("dispute.decide", dispute["Id"], ResultCode="VOID"))["ResultCode"] == "VOID"
    assert await credit(market) == 0


async def test_better_documents_may_be_asked_for(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control)
    await submit(market, dispute)
    again = await control.do("dispute.ask_again", dispute["Id"], StatusMessage="The invoice is unreadable")
    assert (again["Status"], again["StatusMessage"]) == (
        *("REOPENED_PENDING_CLIENT_ACTION", "The invoice is unreadable"),
    )
    assert (await market.events())[-1] == ("DISPUTE_FURTHER_ACTION_REQUIRED", dispute["Id"])
    resubmitted = created(await market.put(f"/disputes/{dispute['Id']}/submit", {}))
    assert (resubmitted["Status"], resubmitted["ContestedFunds"]) == ("SUBMITTED", euros(1_000))


async def test_what_is_contested_must_be_told_and_is_at_most_what_is_disputed(
    market: Marketplace, control: Controls
) -> None:
    dispute = await disputed(market, control)
    path = f"/disputes/{dispute['Id']}/submit"
    assert refused(await market.put(path, {}))["errors"] == {"ContestedFunds": "This field is required"}
    assert refused(await market.put(path, {"ContestedFunds": euros(1_001)}))["errors"] == {
        "ContestedFunds": "The ContestedFunds amount must be less than or equal to the DisputedFunds amount"
    }
    pounds = {"Currency": "GBP", "Amount": 10}
    assert "ContestedFunds" in refused(await market.put(path, {"ContestedFunds": pounds}))["errors"]
    assert (await seen(market, dispute))["Status"] == "PENDING_CLIENT_ACTION"


async def test_a_dispute_nobody_answers_is_lost_when_the_deadline_passes(
    market: Marketplace, control: Controls
) -> None:
    dispute = await disputed(market, control)
    await control.advance(dispute["ContestDeadlineDate"] - dispute["CreationDate"] - 60)
    assert (await seen(market, dispute))["Status"] == "PENDING_CLIENT_ACTION"
    await control.advance(120)
    closed = await seen(market, dispute)
    assert (closed["Status"], closed["ResultCode"]) == ("CLOSED", "LOST")
    error = refused(await market.put(f"/disputes/{dispute['Id']}/submit", {"ContestedFunds": euros(10)}))
    assert (error["Type"], error["Message"]) == (
        "dispute_contest_deadline_passed",
        "The ContestDeadlineDate has now passed and this Dispute is no longer contestable",
    )


async def test_a_submitted_dispute_outlives_the_deadline(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control)
    await submit(market, dispute)
    await control.advance(30 * DAY_S)
    assert (await seen(market, dispute))["Status"] == "SUBMITTED"


async def test_a_platform_gives_up_by_closing(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control)
    closed = created(await market.http.put(f"/v2.01/local/disputes/{dispute['Id']}/close"))
    assert (closed["Status"], closed["ResultCode"]) == ("CLOSED", "LOST")
    assert (await market.events())[-1] == ("DISPUTE_CLOSED", dispute["Id"])
    for verb in ("close", "submit"):
        error = refused(await market.put(f"/disputes/{dispute['Id']}/{verb}", {"ContestedFunds": euros(10)}))
        assert error["Type"] == "invalid_action"


async def test_a_tag_is_all_a_platform_changes(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control)
    changed = created(await market.put(f"/disputes/{dispute['Id']}", {"Tag": "ask Bob", "Status": "CLOSED"}))
    assert (changed["Tag"], changed["Status"]) == ("ask Bob", "PENDING_CLIENT_ACTION")
    refused(await market.put("/disputes/dispute_m_none", {"Tag": "x"}), 404)


async def test_disputes_are_found_by_user_wallet_payin_status_and_type(market: Marketplace, control: Controls) -> None:
    payin = await paid(market)
    mine = await control.do("dispute.open", payin["Id"])
    other = await disputed(market, control, DisputeType="NOT_CONTESTABLE")
    for owner in (
        f"/users/{payin['AuthorId']}",
        f"/wallets/{payin['CreditedWalletId']}",
        f"/payins/{payin['Id']}",
    ):
        assert [row["Id"] for row in (await market.get(f"{owner}/disputes")).json()] == [mine["Id"]]
        assert (await market.get(f"{owner}/disputes", Status="CLOSED")).json() == []
    everything = await market.get("/disputes", Sort="CreationDate:DESC", per_page="1")
    assert (everything.json()[0]["Id"], everything.headers["x-number-of-items"]) == (other["Id"], "2")
    found = (await market.get("/disputes", DisputeType="NOT_CONTESTABLE,RETRIEVAL", AfterDate="1")).json()
    assert [row["Id"] for row in found] == [other["Id"]]
    refused(await market.get("/users/user_m_none/disputes"), 404)


async def test_a_disputed_payin_is_not_refunded(market: Marketplace, control: Controls) -> None:
    payin = await paid(market)
    dispute = await control.do("dispute.open", payin["Id"])
    path, body = f"/payins/{payin['Id']}/refunds", {"AuthorId": payin["AuthorId"]}
    assert refused(await market.post(path, body))["errors"] == {
        "DebitedFunds": "Due to repudiations against this transaction, you can not refund this amount"
    }
    await control.do("dispute.decide", dispute["Id"], ResultCode="VOID")
    await control.do("dispute.open", payin["Id"])
    again = created(await market.post(path, body))
    assert (again["Status"], again["ResultCode"]) == ("FAILED", "005408")


@pytest.mark.parametrize("amount", [1_000, 400])
async def test_a_refunded_or_disputed_payin_is_not_disputed(
    market: Marketplace, control: Controls, amount: int
) -> None:
    payin = await paid(market)
    body = {"AuthorId": payin["AuthorId"], "DebitedFunds": euros(amount), "Fees": euros(0)}
    created(await market.post(f"/payins/{payin['Id']}/refunds", body))
    refused(await control.post(f"/do/dispute.open/{payin['Id']}"))
    other = await paid(market)
    await control.do("dispute.open", other["Id"])
    refused(await control.post(f"/do/dispute.open/{other['Id']}"))


async def test_documents_are_added_submitted_decided_and_looked_at(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control)
    path = f"/disputes/{dispute['Id']}/documents"
    document = created(await market.post(path, {"Type": "INVOICE", "Tag": "May"}))
    assert (document["Status"], document["DisputeId"], document["ProcessedDate"]) == ("CREATED", dispute["Id"], None)
    refused(await market.put(f"{path}/{document['Id']}", {"Status": "VALIDATED"}))
    assert (await market.post(f"{path}/{document['Id']}/pages", {"File": SCAN})).status_code == 204
    asked = created(await market.put(f"{path}/{document['Id']}", {"Status": "VALIDATION_ASKED"}))
    assert (asked["Status"], asked["Tag"]) == ("VALIDATION_ASKED", "May")
    assert refused(await market.post(f"{path}/{document['Id']}/pages", {"File": SCAN}))["Type"] == "invalid_action"
    again = refused(await market.put(f"{path}/{document['Id']}", {"Status": "VALIDATION_ASKED"}))
    assert again["Type"] == "invalid_action"
    refusal = {"RefusedReasonType": "DOCUMENT_UNREADABLE", "RefusedReasonMessage": "Too dark"}
    decided = await control.do("dispute_document.decide", document["Id"], Status="REFUSED", **refusal)
    assert (decided["Status"], {name: decided[name] for name in refusal}) == ("REFUSED", refusal)
    assert [name for name, resource_id in await market.events() if resource_id == document["Id"]] == [
        *("DISPUTE_DOCUMENT_CREATED", "DISPUTE_DOCUMENT_VALIDATION_ASKED", "DISPUTE_DOCUMENT_FAILED"),
    ]
    assert created(await market.get(f"/dispute-documents/{document['Id']}")) == decided
    for listed in (path, "/dispute-documents"):
        found = (await market.get(listed, Status="REFUSED", Type="INVOICE")).json()
        assert [row["Id"] for row in found] == [document["Id"]]


async def test_the_tag_of_a_document_is_changed_without_submitting_it(market: Marketplace, control: Controls) -> None:
    path = f"/disputes/{(await disputed(market, control))['Id']}/documents"
    document = created(await market.post(path, {"Type": "INVOICE", "Tag": "May"}))
    assert created(await market.put(f"{path}/{document['Id']}", {"Tag": "June"})) == document | {"Tag": "June"}
    assert created(await market.put(f"{path}/{document['Id']}", document)) == document


async def test_a_page_of_evidence_may_be_small(market: Marketplace, control: Controls) -> None:
    path = f"/disputes/{(await disputed(market, control))['Id']}/documents"
    document = created(await market.post(path, {"Type": "INVOICE"}))
    receipt = base64.b64encode(b"%PDF-1.7 a receipt").decode()
    assert (await market.post(f"{path}/{document['Id']}/pages", {"File": receipt})).status_code == 204


async def test_a_page_is_shown_for_ten_minutes(market: Marketplace, control: Controls) -> None:
    dispute = await disputed(market, control)
    path = f"/disputes/{dispute['Id']}/documents"
    document = created(await market.post(path, {"Type": "OTHER"}))
    await market.post(f"{path}/{document['Id']}/pages", {"File": SCAN})
    (link,) = (await market.post(f"/dispute-documents/{document['Id']}/consult", {})).json()
    url = link["Url"].removeprefix(BASE_URL)
    shown = await market.browser.get(url)
    assert (shown.content, shown.headers["content-type"]) == (base64.b64decode(SCAN), "application/pdf")
    await control.advance(601)
    assert (await market.browser.get(url)).status_code == 404


async def test_what_is_wrong_with_evidence(market: Marketplace, control: Controls) -> None:
    dispute, other = await disputed(market, control), await disputed(market, control)
    path = f"/disputes/{dispute['Id']}/documents"
    assert "Type" in refused(await market.post(path, {"Type": "PASSPORT"}))["errors"]
    assert "Type" in refused(await market.post(path, {}))["errors"]
    document = created(await market.post(path, {"Type": "OTHER"}))
    assert "File" in refused(await market.post(f"{path}/{document['Id']}/pages", {"File": "%%%"}))["errors"]
    refused(await market.post(f"{path}/{document['Id']}/pages", {"File": "A" * 10_000_004}), 413)
    refused(await market.post(f"/disputes/{other['Id']}/documents/{document['Id']}/pages", {"File": SCAN}), 404)
    await submit(market, dispute)
    assert refused(await market.post(path, {"Type": "OTHER"}))["Type"] == "invalid_action"


async def test_what_a_payout_has_given_back_cannot_be_disputed(market: Marketplace, control: Controls) -> None:
    payin = await paid(market)
    reference = {"ReasonType": "PAYIN_REFUND", "ReferenceId": payin["Id"]}
    purse = created(await market.get(f"/wallets/{payin['CreditedWalletId']}"))
    account = await market.account({"Id": payin["AuthorId"]})
    created(await market.pay_out(purse, account, 1_000, PaymentRef=reference))
    error = refused(await control.post(f"/do/dispute.open/{payin['Id']}"))
    assert error["Message"] == "The pay-in has already been refunded or disputed"
