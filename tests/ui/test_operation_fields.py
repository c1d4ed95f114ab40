"""What a form offers to fill in stays where it is while somebody is about to click it."""

import html

import pytest
from nicegui import Client, ui

from models.objects.fields import Content
from models.operations.kinds import OPERATIONS
from models.operations.situation import Situation
from ui.components.operation_fields import OperationFields

BOB = "user_m_bob"


@pytest.fixture
def fields(client: Client) -> OperationFields:
    async def changed() -> None:
        """Nothing depends on it here."""

    with client:
        return OperationFields(OPERATIONS["payout"], {}, on_change=changed)


def wallet(number: int, amount: int = 1000) -> Content:
    balance = {"Currency": "EUR", "Amount": amount}
    return {"Id": f"wlt_m_{number}", "Owners": [BOB], "Description": f"Till {number}", "Balance": balance}


def offered(client: Client) -> dict[int, str]:
    """Return the text of every button that fills a field in, by the element's id."""
    return {
        element.id: html.unescape(element.content)
        for element in client.elements.values()
        if isinstance(element, ui.html) and "offer" in element.classes
    }


def draw(fields: OperationFields, client: Client, *wallets: Content) -> dict[int, str]:
    people = {BOB: {"Id": BOB, "FirstName": "Bob", "LastName": "Martin"}}
    with client:
        fields.draw(Situation(people=people, offers={"DebitedWalletId": wallets}), {}, "EUR")
    return offered(client)


def test_the_same_offers_stay_the_same_buttons(fields: OperationFields, client: Client) -> None:
    first = draw(fields, client, wallet(1), wallet(2))
    assert len(first) == 2
    assert draw(fields, client, wallet(1), wallet(2)) == first


def test_of_other_offers_those_that_were_there_stay(fields: OperationFields, client: Client) -> None:
    first = draw(fields, client, wallet(1), wallet(2))
    then = draw(fields, client, wallet(1, 900), wallet(2))
    assert len(then) == 2
    assert [text for element, text in then.items() if element in first] == ["Bob Martin's wallet “Till 2”, 10.00 EUR"]
    assert any("9.00 EUR" in text for text in then.values())
    assert draw(fields, client) == {}
