"""What the panel for documents is told of whose they are: a user's, for KYC, or a dispute's, which are its evidence."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import htpy as h

from models.dispute_papers import DISPUTE_FILES, DisputePaper, takes_documents
from models.documents import FileRules
from models.environment import Environment
from models.kyc import KYC_FILES, MAGIC_TAGS, demands
from models.objects.fields import Content
from models.objects.kinds import KINDS
from models.objects.ways import ways_from
from services.access.actors import Actor
from services.bootstrap import Services
from services.objects.documents import (
    create_dispute_document,
    create_kyc_document,
    submit_dispute_document,
    submit_kyc_document,
    upload_dispute_page,
    upload_kyc_page,
)
from ui.components.parts import message
from ui.theme import Tone


@dataclass(frozen=True, slots=True)
class PaperType:
    """A type of document; `demand` says how far it is needed, or nothing."""

    name: str
    purpose: str
    demand: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The documents of one owner: what there is to choose and to say, and how they are sent.

    The three calls are those of `services.objects.documents`, with all they are given before what is chosen.
    """

    # A name in `models.objects.kinds`, for links.
    kind: str
    types: Sequence[PaperType]
    files: FileRules
    create: Callable[..., Awaitable[Content]]
    upload: Callable[..., Awaitable[None]]
    submit: Callable[..., Awaitable[Content]]
    # Why no document is taken, in a sentence; empty while they are.
    closed_because: str = ""
    # What is to be known before anything is chosen, and what to do once it is sent.
    notice: h.Node = None
    way_on: h.Node = None
    help_on_tags: h.Node = None


def papers_of_user(services: Services, actor: Actor, user: Content) -> Papers:
    whose = (actor, services.clients, services.database, str(user["Id"]))
    types = demands(user.get("PersonType"), user.get("LegalPersonType"))
    is_closed = user.get("UserStatus") == "CLOSED"
    return Papers(
        kind="kyc-document",
        types=[PaperType(type_, type_.purpose, demand.value) for type_, demand in types.items()],
        files=KYC_FILES,
        create=partial(create_kyc_document, *whose),
        upload=partial(upload_kyc_page, *whose),
        submit=partial(submit_kyc_document, *whose),
        closed_because="This user is closed, and takes no documents any more." if is_closed else "",
        notice=_warning_to_payers() if user.get("UserCategory") == "PAYER" else None,
        help_on_tags=_help_on_tags(actor.environment),
    )


def papers_of_dispute(services: Services, actor: Actor, dispute: Content) -> Papers:
    whose = (actor, services.clients, services.database, str(dispute["Id"]))
    is_open = takes_documents(dispute)
    contest = _contest(dispute)
    return Papers(
        kind="dispute-document",
        types=[PaperType(paper, paper.purpose) for paper in DisputePaper],
        files=DISPUTE_FILES,
        create=partial(create_dispute_document, *whose),
        upload=partial(upload_dispute_page, *whose),
        submit=partial(submit_dispute_document, *whose),
        closed_because="" if is_open else "This dispute does not wait for you, and takes no documents just now.",
        notice=h.p(".caption")["Send every document that helps before you go on: ", contest, "."],
        way_on=contest,
    )


def _contest(dispute: Content) -> h.Node:
    ways = [way for way in ways_from(KINDS["dispute"], dispute) if way.operation == "contest-dispute"]
    return [h.a(href=way.href)["Contest the dispute"] for way in ways]


def _warning_to_payers() -> h.Node:
    sentence = "This user is a PAYER: whatever is sent here ends REFUSED."
    return message(Tone.WAITING, sentence, "Mangopay verifies OWNERs only. Make the user an OWNER first.")


def _help_on_tags(environment: Environment) -> h.Node:
    if environment is Environment.PRODUCTION:
        return None
    return h.details[
        h.summary[f"Tags that decide the outcome in {environment.label}"],
        h.p(".caption")["A document with one of these is validated, or refused, soon after it is sent:"],
        h.p(".mono")[", ".join(MAGIC_TAGS)],
    ]
