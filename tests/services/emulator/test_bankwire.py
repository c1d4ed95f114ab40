"""Bank wires: declared ones, those that reach an account of a wallet, and the platform's own."""

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import Json, Marketplace, created, refused

MONTH_S = 30 * 86_400
DEBTOR: Json = {"Debtor": {"Name": "Alice Martin", "IBAN": "DE03500105177564668331", "BIC": "AACSDE33"}}


async def simulated(market: Marketplace, wire: Json, outcome: str) -> Json:
    return created(await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": outcome}))


async def account_of(market: Marketplace, wallet: Json) -> Json:
    sent = {"Country": "FR", "VirtualAccountPurpose": "COLLECTION"}
    account = created(await market.post(f"/wallets/{wallet['Id']}/virtual-accounts", sent))
    return created(await market.get(f"/wallets/{wallet['Id']}/virtual-accounts/{account['Id']}"))


def iban_of(account: Json) -> str:
    numbers: Json = account["LocalAccountDetails"]["Account"]
    return str(numbers.get("IBAN") or numbers["Iban"])


async def test_a_bank_wire_tells_where_to_send_the_money_and_no_amount_until_it_comes(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer())
    wire = await market.wire(wallet, 62000, fees=2000)
    assert wire["Id"].startswith("payin_wf_")
    assert wire["DebitedFunds"] == wire["CreditedFunds"] == wire["Fees"] == {"Currency": "XXX", "Amount": 0}
    assert wire["DeclaredDebitedFunds"] == {"Currency": "EUR", "Amount": 62000}
    assert wire["BankAccount"]["Type"] == "IBAN"
    assert len(wire["WireReference"]) == 10
    arrived = await simulated(market, wire, "ACCEPT")
    assert (arrived["Status"], arrived["CreditedFunds"]["Amount"]) == ("SUCCEEDED", 60000)
    assert arrived["ReconciliationDetails"] == {
        "ReceivedFunds": {"Currency": "EUR", "Amount": 62000},
        "WireReference": wire["WireReference"],
    }
    assert await market.balance(wallet) == 60000
    refused(await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "ACCEPT"}), 404)


async def test_a_rejected_wire_fails(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer())
    wire = await market.wire(wallet, 62000)
    rejected = await simulated(market, wire, "REJECT")
    assert (rejected["Status"], rejected["ResultCode"]) == ("FAILED", "008500")
    refused(await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "PERHAPS"}))
    refused(await market.post("/simulation/payins/bankwire/payin_wf_nobody", {"Status": "ACCEPT"}), 404)


async def test_what_is_no_pay_in_is_not_found_before_its_body_is_read(market: Marketplace) -> None:
    error = refused(await market.post("/simulation/payins/bankwire/payin_wf_nobody", {}), 404)
    assert error["errors"] == {"RessourceNotFound": "Cannot found the ressource PayIn with the id=payin_wf_nobody"}
    wire = await market.wire(await market.wallet(await market.payer()), 62000)
    assert "Status" in refused(await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {}))["errors"]


async def test_a_wire_that_never_comes_expires_after_a_month(market: Marketplace, control: Controls) -> None:
    wire = await market.wire(await market.wallet(await market.payer()), 62000)
    await control.advance(MONTH_S - 60)
    assert created(await market.get(f"/payins/{wire['Id']}"))["Status"] == "CREATED"
    await control.advance(120)
    assert created(await market.get(f"/payins/{wire['Id']}"))["ResultCode"] == "101109"


async def test_the_control_plane_accepts_and_rejects_wires(market: Marketplace, control: Controls) -> None:
    wallet = await market.wallet(await market.payer())
    wires = [await market.wire(wallet, 1000) for _ in range(2)]
    assert (await control.do("bankwire.accept", wires[0]["Id"]))["Status"] == "SUCCEEDED"
    assert (await control.do("bankwire.reject", wires[1]["Id"]))["ResultCode"] == "008500"
    assert await market.balance(wallet) == 1000


async def test_fees_of_a_wire_leave_something_to_credit(market: Marketplace) -> None:
    wire = await market.wire(await market.wallet(await market.payer()), 1000, fees=1000)
    assert (wire["Status"], wire["ResultCode"]) == ("FAILED", "001014")


async def test_a_wire_has_no_page(market: Marketplace) -> None:
    wire = await market.wire(await market.wallet(await market.payer()), 1000)
    assert (await market.browser.get(f"/pay/{wire['Id']}")).status_code == 404


async def test_the_platform_refills_its_repudiation_wallet(market: Marketplace) -> None:
    sent = {"CreditedWalletId": "CREDIT_EUR", "DeclaredDebitedFunds": {"Currency": "EUR", "Amount": 5000}}
    wire = created(await market.post("/clients/payins/bankwire/direct", sent | {"Tag": "refill"}))
    assert wire["AuthorId"] == wire["CreditedUserId"] == "local"
    assert (wire["Tag"], wire["DeclaredFees"]) == ("refill", {"Currency": "EUR", "Amount": 0})
    assert (await simulated(market, wire, "ACCEPT"))["Status"] == "SUCCEEDED"
    assert created(await market.get("/clients/wallets/CREDIT/EUR"))["Balance"]["Amount"] == 5000


async def test_only_a_repudiation_wallet_is_refilled(market: Marketplace) -> None:
    funds = {"Currency": "EUR", "Amount": 5000}
    for wallet_id in ("FEES_EUR", "CREDIT_XYZ", "wlt_m_1", None):
        sent = {"CreditedWalletId": wallet_id, "DeclaredDebitedFunds": funds}
        assert "CreditedWalletId" in refused(await market.post("/clients/payins/bankwire/direct", sent))["errors"]
    sent = {"CreditedWalletId": "CREDIT_GBP", "DeclaredDebitedFunds": funds}
    error = refused(await market.post("/clients/payins/bankwire/direct", sent))
    assert error["Type"] == "currency_incompatibility"


async def test_a_refused_refill_leaves_no_wallet_behind(market: Marketplace) -> None:
    sent: Json = {"CreditedWalletId": "CREDIT_GBP", "DeclaredDebitedFunds": {"Currency": "EUR", "Amount": 5000}}
    before = (await market.get("/clients/wallets")).json()
    for wrong in ({}, {"DeclaredDebitedFunds": {"Currency": "GBP", "Amount": 0}}, {"Tag": "x" * 256}, {"Tag": 5}):
        refused(await market.post("/clients/payins/bankwire/direct", sent | wrong))
    assert (await market.get("/clients/wallets")).json() == before


async def test_a_refill_says_what_is_wrong_with_its_remarks(market: Marketplace) -> None:
    sent = {"CreditedWalletId": "CREDIT_EUR", "DeclaredDebitedFunds": {"Currency": "EUR", "Amount": 5000}}
    for tag in ("x" * 256, 5):
        error = refused(await market.post("/clients/payins/bankwire/direct", sent | {"Tag": tag}))
        assert list(error["errors"]) == ["Tag"]


async def test_a_wire_to_a_virtual_account_becomes_a_payin(market: Marketplace) -> None:
    alice = await market.payer()
    wallet = await market.wallet(alice)
    account = await account_of(market, wallet)
    sent = {
        "CreditedFunds": {"Currency": "EUR", "Amount": 2500},
        "Creditor": {"IBAN": iban_of(account)},
        "TransactionDetails": DEBTOR | {"RemittanceInformation": "Invoice 1"},
    }
    payin = created(await market.post("/simulation/payins/bankwire/funding", sent))
    assert created(await market.get(f"/payins/{payin['Id']}")) == payin
    assert (payin["PaymentType"], payin["ExecutionType"]) == ("BANK_WIRE", "EXTERNAL_INSTRUCTION")
    assert (payin["Status"], payin["Fees"]["Amount"], payin["WireReference"]) == ("SUCCEEDED", 0, "Invoice 1")
    assert payin["BankingAliasId"] == payin["VirtualAccountId"] == account["Id"]
    assert payin["DebitedBankAccount"]["OwnerName"] == "Alice Martin"
    assert payin["DebitedAccount"]["Country"] == "DE"
    assert payin["TransactionDetails"] == [sent["TransactionDetails"]]
    assert payin["AuthorId"] == payin["CreditedUserId"] == alice["Id"]
    assert await market.balance(wallet) == 2500


async def test_the_control_plane_funds_an_account_by_its_id(market: Marketplace, control: Controls) -> None:
    wallet = await market.wallet(await market.payer())
    account = await account_of(market, wallet)
    funds = {"Currency": "EUR", "Amount": 700}
    assert (await control.do("virtual_account.fund", account["Id"], CreditedFunds=funds))["Status"] == "SUCCEEDED"
    assert await market.balance(wallet) == 700
    assert (await control.post("/do/virtual_account.fund/nobody", {"CreditedFunds": funds})).status_code == 404


async def test_a_wire_to_a_closed_account_fails(market: Marketplace) -> None:
    wallet = await market.wallet(await market.payer())
    account = await account_of(market, wallet)
    created(await market.put(f"/wallets/{wallet['Id']}/virtual-accounts/{account['Id']}", {"Active": False}))
    sent = {"CreditedFunds": {"Currency": "EUR", "Amount": 2500}, "Creditor": {"IBAN": iban_of(account)}}
    payin = created(await market.post("/simulation/payins/bankwire/funding", sent))
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", "101025")
    assert await market.balance(wallet) == 0


async def test_funding_names_what_it_misses_and_knows_no_strangers_account(market: Marketplace) -> None:
    path, funds = "/simulation/payins/bankwire/funding", {"Currency": "EUR", "Amount": 2500}
    assert {"CreditedFunds", "Creditor"} <= set(refused(await market.post(path, {}))["errors"])
    assert (
        "Creditor.IBAN"
        in refused(await market.post(path, {"CreditedFunds": funds, "Creditor": {"BIC": "X"}}))["errors"]
    )
    stranger = {"CreditedFunds": funds, "Creditor": {"IBAN": "FR7630004000031234567890143"}}
    refused(await market.post(path, stranger), 404)


async def test_a_wire_goes_to_an_account_of_its_currency(market: Marketplace) -> None:
    alice = await market.payer()
    countries = {}
    for currency in ("EUR", "USD", "GBP", "DKK", "PLN"):
        account = (await market.wire(await market.wallet(alice, currency), 1_000))["BankAccount"]
        assert account["Type"] == "IBAN"
        assert account["BIC"][4:6] == account["IBAN"][:2]
        countries[currency] = account["IBAN"][:2]
    assert countries == {"EUR": "FR", "USD": "FR", "GBP": "GB", "DKK": "DK", "PLN": "PL"}
