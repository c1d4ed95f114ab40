"""The platform's own profile, wallets and people."""

import base64
from pathlib import Path

import pytest

from services.emulator import Emulator, EmulatorConfig
from tests.services.emulator.conftest import open_market
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import ADDRESS, BASE_URL, Json, Marketplace, created, refused

PNG = b"\x89PNG\r\n a logo"


async def test_the_profile_shows_every_field(market: Marketplace) -> None:
    assert list(created(await market.get("/clients"))) == [
        *("PlatformType", "ClientId", "Name", "RegisteredName", "TechEmails", "AdminEmails", "BillingEmails"),
        *("FraudEmails", "HeadquartersAddress", "HeadquartersPhoneNumber", "TaxNumber", "PlatformCategorization"),
        *("PlatformURL", "PlatformDescription", "CompanyReference", "PrimaryThemeColour", "PrimaryButtonColour"),
        *("Logo", "CompanyNumber", "MCC", "Licensor"),
    ]


async def test_what_is_changed_stays(market: Marketplace) -> None:
    before = created(await market.get("/clients"))
    changes: Json = {
        "TechEmails": ["a@example.com", "b@example.com"],
        "HeadquartersPhoneNumber": "+33611111111",
        "TaxNumber": "FR40303265045",
        "PlatformURL": "https://example.com",
        "PlatformDescription": "New",
        "PrimaryThemeColour": "#aabbcc",
        "PrimaryButtonColour": "#112233",
        "PlatformCategorization": {"BusinessType": "CROWDFUNDING"},
    }
    changed = created(await market.put("/clients", changes | {"Name": "Another", "AdminEmails": None}))
    sector = before["PlatformCategorization"]["Sector"]
    assert changed == before | changes | {"PlatformCategorization": {"BusinessType": "CROWDFUNDING", "Sector": sector}}
    assert created(await market.get("/clients")) == changed


async def test_an_address_is_changed_member_by_member(market: Marketplace) -> None:
    before = created(await market.get("/clients"))["HeadquartersAddress"]
    changed = created(await market.put("/clients", {"HeadquartersAddress": {"City": "Lyon"}}))
    assert changed["HeadquartersAddress"] == before | {"City": "Lyon"}
    body = {"HeadquartersAddress": ADDRESS | {"Country": "US"}}
    assert set(refused(await market.put("/clients", body))["errors"]) == {"HeadquartersAddress.Region"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("TechEmails", ["nobody"]),
        ("AdminEmails", ["x" * 40 + "@example.com"]),
        ("BillingEmails", "billing@example.com"),
        ("FraudEmails", [1]),
        ("HeadquartersPhoneNumber", "+331234567890123456"),
        ("TaxNumber", {}),
        ("PlatformURL", "example"),
        ("PlatformDescription", "x" * 2001),
        ("PrimaryThemeColour", "blue"),
        ("PrimaryButtonColour", "#12"),
        ("PlatformType", "BAKERY"),
        ("PlatformCategorization", []),
    ],
)
async def test_a_bad_field_is_named_and_nothing_changes(market: Marketplace, field: str, value: object) -> None:
    before = created(await market.get("/clients"))
    error = refused(await market.put("/clients", {"Name": "x", field: value, "TaxNumber": "1"} | {field: value}))
    assert (error["Type"], list(error["errors"])) == ("param_error", [field])
    assert created(await market.get("/clients")) == before


async def test_a_logo_is_uploaded_and_shown(market: Marketplace) -> None:
    body = {"File": base64.b64encode(PNG).decode()}
    response = await market.put("/clients/logo/", body)
    assert (response.status_code, response.content) == (204, b"")
    logo = created(await market.get("/clients"))["Logo"]
    shown = await market.browser.get(logo.removeprefix(BASE_URL))
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")


async def test_a_logo_is_a_picture(market: Marketplace) -> None:
    assert "File" in refused(await market.put("/clients/logo", {}))["errors"]
    assert "File" in refused(await market.put("/clients/logo", {"File": "%%%"}))["errors"]
    refused(await market.put("/clients/logo", {"File": base64.b64encode(b"%PDF-1.7").decode()}), 415)


async def test_the_wallets_exist_from_the_first_day(market: Marketplace) -> None:
    rows = (await market.get("/clients/wallets")).json()
    assert {row["Id"] for row in rows} == {"FEES_EUR", "CREDIT_EUR"}
    assert rows[0] == {
        "Id": "FEES_EUR",
        "Tag": None,
        "CreationDate": rows[0]["CreationDate"],
        "Balance": {"Currency": "EUR", "Amount": 0},
        "Currency": "EUR",
        "FundsType": "FEES",
    }
    assert [row["Id"] for row in (await market.get("/clients/wallets/fees")).json()] == ["FEES_EUR"]
    assert created(await market.get("/clients/wallets/CREDIT/gbp"))["Id"] == "CREDIT_GBP"
    for path in ("/clients/wallets/DEFAULT", "/clients/wallets/FEES/XXX", "/clients/wallets/DEFAULT/EUR"):
        refused(await market.get(path), 404)


async def test_fees_are_listed_in_their_wallet(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, 1_000, fees=100))
    rows = (await market.get("/clients/wallets/FEES/EUR/transactions", Type="PAYIN")).json()
    assert [row["Id"] for row in rows] == [payin["Id"]]
    assert (await market.get("/clients/wallets/FEES/EUR/transactions", Type="PAYOUT")).json() == []
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"] == 100


async def test_three_groups_exist_and_cannot_be_changed(market: Marketplace) -> None:
    groups = {row["Id"]: row for row in (await market.get("/clients/permissiongroups")).json()}
    assert set(groups) == {"ADMIN", "WRITE", "READ"}
    assert groups["READ"]["Scopes"]["Users"] == {"Read": True, "Create": False, "Edit": False}
    assert groups["WRITE"]["Scopes"]["SSOs"]["Create"] is False
    assert groups["ADMIN"]["Scopes"]["SSOs"]["Create"] is True
    body = {"Scopes": {"Users": {"Edit": True}}}
    assert refused(await market.put("/clients/permissiongroups/READ", body))["Type"] == "invalid_action"


async def test_a_group_of_ones_own(market: Marketplace) -> None:
    body = {"Name": "Support", "Tag": "mine", "Scopes": {"Users": {"Read": True}}}
    group = created(await market.post("/clients/permissiongroups", body))
    assert (group["Type"], group["Scopes"]["Users"]) == ("CUSTOM", {"Read": True, "Create": False, "Edit": False})
    assert group["Scopes"]["Hooks"] == {"Read": False, "Create": False, "Edit": False}
    path = f"/clients/permissiongroups/{group['Id']}"
    changed = created(await market.put(path, {"Scopes": {"Users": {"Edit": 1}}}))
    assert changed["Scopes"]["Users"] == {"Read": True, "Create": False, "Edit": True}
    assert created(await market.get(path)) == changed
    assert "Name" in refused(await market.post("/clients/permissiongroups", {}))["errors"]
    error = refused(await market.post("/clients/permissiongroups", {"Name": "x", "Scopes": {"Users": {"Read": "y"}}}))
    assert list(error["errors"]) == ["Scopes.Users.Read"]


async def invited(market: Marketplace, email: str = "olivia@example.com") -> Json:
    body = {"FirstName": "Olivia", "LastName": "Operates", "Email": email, "PermissionGroupId": "WRITE"}
    return created(await market.post("/clients/ssos", body))


async def test_somebody_is_invited_and_listed_with_their_group(market: Marketplace) -> None:
    olivia = await invited(market)
    assert (olivia["InvitationStatus"], olivia["Active"], olivia["ClientId"]) == ("SENT", True, "local")
    assert olivia["LastLoginDate"] is None
    for path in ("/clients/ssos", "/clients/permissiongroups/WRITE/ssos"):
        assert (await market.get(path)).json() == [olivia]
    assert (await market.get("/clients/permissiongroups/READ/ssos")).json() == []
    changed = created(await market.put(f"/clients/ssos/{olivia['Id']}", {"Active": False, "PermissionGroupId": "READ"}))
    assert (changed["Active"], changed["PermissionGroupId"]) == (False, "READ")
    assert (await market.get("/clients/permissiongroups/READ/ssos")).json() == [changed]


async def test_an_address_is_unique_and_stays(market: Marketplace) -> None:
    olivia = await invited(market)
    body = {"FirstName": "O", "LastName": "O", "Email": olivia["Email"], "PermissionGroupId": "nobody"}
    assert set(refused(await market.post("/clients/ssos", body))["errors"]) == {"Email", "PermissionGroupId"}
    other = {"Email": "victor@example.com"}
    assert set(refused(await market.put(f"/clients/ssos/{olivia['Id']}", other))["errors"]) == {"Email"}


async def test_an_invitation_expires_is_extended_and_accepted(market: Marketplace, control: Controls) -> None:
    olivia = await invited(market)
    path = f"/clients/ssos/{olivia['Id']}"
    await control.advance(1_801)
    assert created(await market.get(path))["InvitationStatus"] == "EXPIRED"
    assert created(await market.put(f"{path}/extendinvitation", {}))["InvitationStatus"] == "SENT"
    await control.do("sso.accept", olivia["Id"])
    await control.advance(1_801)
    seen = created(await market.get(path))
    assert (seen["InvitationStatus"], seen["LastLoginDate"] is not None) == ("ACCEPTED", True)
    assert refused(await market.put(f"{path}/extendinvitation", {}))["Type"] == "invalid_action"


async def test_a_changed_profile_outlives_the_process(tmp_path: Path) -> None:
    config = EmulatorConfig(BASE_URL, state_file=tmp_path / "emulator.sqlite3")
    for _ in range(2):
        emulator = Emulator(config)
        await emulator.start()
        async with open_market(emulator) as market:
            last = created(await market.get("/clients"))
            await market.put("/clients", {"TaxNumber": "FR40303265045"})
            await market.put("/clients/logo", {"File": base64.b64encode(PNG).decode()})
        await emulator.stop()
    assert (last["TaxNumber"], last["Logo"]) == ("FR40303265045", f"{BASE_URL}/logo")
