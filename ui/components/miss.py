"""What is shown where an id leads to nothing: what that means, the ways on, and where else the id is known."""

from urllib.parse import urlencode

import htpy as h

from models.objects.kinds import Kind, href
from models.pasted import NEEDS_MORE, Candidate
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import NotFound
from services.search.find import find_elsewhere
from ui.components.html import put, show
from ui.components.parts import icon, message
from ui.frame import switch_link
from ui.theme import Tone
from ui.visit import Visit

# What Mangopay keeps readable for 13 months only.
EXPIRING = {
    *("payin", "transfer", "payout", "refund", "conversion", "repudiation", "settlement"),
    *("preauthorization", "deposit", "extended-preauthorization"),
}
TOO_OLD = "Transactions older than 13 months can no longer be read."


async def show_miss(  # noqa: PLR0917  (whoever builds an object's page has exactly these at hand, in this order)
    services: Services, actor: Actor, visit: Visit, kind: Kind, object_id: str, error: NotFound | None = None
) -> None:
    """Say that Mangopay does not know an object, and what to do; then ask whether another environment knows it.

    To be called inside the element that it fills. Raises Left when the page is left meanwhile.
    """
    reference = (error.error_id or error.request_id) if error else None
    why = " ".join(
        filter(
            None,
            (
                f"Check that the id is complete and belongs to {actor.environment.label}.",
                TOO_OLD if kind.name in EXPIRING else "",
                NEEDS_MORE.get(kind.name, ""),
                f"Reference: {reference}." if reference else "",
            ),
        )
    )
    show(message(Tone.NOTICE, f"Mangopay does not know this {in_a_sentence(kind.title)}.", why))
    show(ways_on(object_id))
    await show_elsewhere(services, actor, visit, Candidate(object_id, kind))


async def show_elsewhere(services: Services, actor: Actor, visit: Visit, candidate: Candidate) -> None:
    """Ask in the other environments that the actor may enter whether there is such an id, and lead to them.

    Nothing is added for somebody who may enter no other. Raises Left when the page is left meanwhile.
    """
    if not actor.also_in:
        return
    names = " and ".join(environment.label for environment in actor.also_in)
    place = show(h.p(".caption", role="status")[f"Looking in {names}…"])
    there = await visit.call(find_elsewhere(actor, services.clients, candidate))
    if not there:
        put(place, h.p(".caption", role="status")[f"It could not be found in {names} either."])
        return
    next_url = href(candidate.kind, candidate.object_id) if candidate.kind else search_url(candidate.object_id)
    found = " and ".join(environment.label for environment in there)
    put(
        place,
        h.p(role="status")[f"It exists in {found}. Switch; you sign in there again:"],
        [switch_link(services, environment, next_url=next_url) for environment in there],
    )


def ways_on(object_id: str) -> h.Node:
    """Return the links that may lead further than the id itself did."""
    told = f"/notifications?{urlencode({'resource': object_id})}"
    return h.p(".ways")[h.a(href=told)[icon("notifications_none"), " Notifications of this id"]]


def search_url(text: str) -> str:
    return f"/search?{urlencode({'q': text})}"


def in_a_sentence(title: str) -> str:
    """Return a kind's title as it stands in the midst of a sentence: "pay-in", but "KYC document" and "Echo intent"."""
    keeps = title.startswith("Echo ") or title[1:2].isupper()
    return title if keeps else title[:1].lower() + title[1:]
