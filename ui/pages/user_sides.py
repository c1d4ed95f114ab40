"""Beside a user's profile: what is blocked, what the KYC level allows, strong authentication, money in and out."""

import asyncio
from collections.abc import Awaitable, Callable

import htpy as h

from models.objects.fields import Content, Fact, Form, text_at, value_at
from models.objects.listings import LISTINGS
from models.words import blocks_in_words, kyc_limit_in_words, meaning_of
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import MangopayError
from services.mangopay.paging import PER_PAGE
from services.objects.lists import Wanted, list_page
from services.objects.people import read_blocks, read_emoney, read_sca_status
from ui.components.html import put, show
from ui.components.part import Part
from ui.components.parts import chip, facts, message, skeleton
from ui.components.values import value_view
from ui.theme import Tone
from ui.visit import Visit

CONSENTS = {
    "ViewAccountInformation": "See wallets and transactions",
    "Transfer": "Transfer",
    "RecipientRegistration": "Add a recipient",
    "ContactInformationUpdate": "Change contact details",
}


class Sides:
    """Three parts, each got for itself, and the words on the KYC level, which come with the user."""

    def __init__(self, services: Services, actor: Actor, visit: Visit, user_id: str) -> None:
        self._services = services
        self._actor = actor
        self._visit = visit
        self._id = user_id
        shape = skeleton("60%", "85%")
        self._level = show(_panel("KYC", shape))
        parts = [
            Part(visit, read, shape=_panel(title, shape))
            for title, read in (
                ("Blocks", self._blocks),
                ("Strong authentication (SCA)", self._sca),
                ("Money since the beginning", self._emoney),
            )
        ]
        self.loads: list[Callable[[], Awaitable[object]]] = [part.load for part in parts]

    def show_user(self, user: Content) -> None:
        level, category = text_at(user, "KYCLevel"), text_at(user, "UserCategory")
        put(
            self._level,
            _panel(
                "KYC",
                h.p[level and chip(level)],
                h.p[meaning_of("KYCLevel", level or "")],
                h.p(".muted")[kyc_limit_in_words(kyc_level=level, category=category)],
            ),
        )

    def show_no_user(self) -> None:
        """Take the KYC level away until there is a user to tell it of."""
        put(self._level)

    async def _blocks(self) -> h.Node:
        found = await self._visit.call(read_blocks(self._actor, self._services.clients, self._id))
        said = blocks_said(found)
        renewal = facts(
            [
                ("Last verified", text_at(found, "KycInformation.LastKycDate")),
                ("To be renewed by", text_at(found, "KycInformation.KycRenewalDeadline")),
            ]
        )
        state = message(Tone.NEGATIVE, said) if said else h.p[chip("Nothing blocked", Tone.POSITIVE)]
        return _panel("Blocks", state, renewal)

    async def _sca(self) -> h.Node:
        found = await self._visit.call(read_sca_status(self._actor, self._services.clients, self._id))
        if found is None:
            return _panel("Strong authentication (SCA)", h.p(".muted")["Never begun for this user."])
        is_enrolled = found.get("IsEnrolled") is True
        consents = [
            (label, said.capitalize() if (said := text_at(found, f"ConsentScope.{name}")) else None)
            for name, label in CONSENTS.items()
        ]
        return _panel(
            "Strong authentication (SCA)",
            h.p[chip("Enrolled", Tone.POSITIVE) if is_enrolled else chip("Not enrolled", Tone.WAITING)],
            facts(
                [
                    ("Enrolled on", value_view(Fact("", "LastEnrollmentDate", Form.MOMENT), found)),
                    ("Consent given on", value_view(Fact("", "LastConsentCollectionDate", Form.MOMENT), found)),
                    *consents,
                ]
            ),
            not any(said for _, said in consents)
            and h.p(".muted")["No consent that the platform may act while the user is not there."],
        )

    async def _emoney(self) -> h.Node:
        currencies = await self._currencies()
        calls = (
            self._visit.call(read_emoney(self._actor, self._services.clients, self._id, currency=currency))
            for currency in currencies or (None,)
        )
        found = await asyncio.gather(*calls)
        rows = [
            (label, [h.div[value_view(Fact("", name, Form.MONEY), one)] for one in found])
            for label, name in (("Came in", "CreditedEMoney"), ("Paid out", "DebitedEMoney"))
        ]
        note = "In euros alone: the wallets, which would tell the other currencies, could not be read."
        return _panel("Money since the beginning", facts(rows), currencies is None and h.p(".caption")[note])

    async def _currencies(self) -> tuple[str, ...] | None:
        """Return the currencies of the user's wallets; None when those cannot be read."""
        wanted = Wanted(per_page=PER_PAGE)
        try:
            wallets = await self._visit.call(
                list_page(self._actor, self._services.clients, LISTINGS["user-wallets"], of=self._id, wanted=wanted)
            )
        except MangopayError:
            return None
        return tuple(dict.fromkeys(found for row in wallets.items if (found := text_at(row, "Currency"))))


def blocks_said(blocks: Content) -> str:
    """Return in a sentence what Mangopay has blocked for a user, "" for nothing; `blocks` are of `read_blocks`."""
    inflows, outflows = (value_at(blocks, f"ScopeBlocked.{flow}") is True for flow in ("Inflows", "Outflows"))
    return blocks_in_words(inflows=inflows, outflows=outflows, action_code=text_at(blocks, "ActionCode") or "")


def _panel(title: str, *content: h.Node) -> h.Element:
    return h.section(".panel", aria_label=title)[
        h.div(".panel-head")[h.h2(".section")[title]], h.div(".panel-body")[content]
    ]
