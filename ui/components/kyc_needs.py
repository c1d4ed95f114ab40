"""What a user still needs to be verified, in words."""

from collections.abc import Sequence

import htpy as h

from models.kyc import Gap, needs_company_number, needs_declared_owners
from models.objects.fields import Content
from models.words import label_of
from ui.components.parts import chip, icon, message
from ui.theme import Tone


def needs_view(user: Content, gaps: Sequence[Gap]) -> h.Node:
    """Return what stands between a user and KYC level REGULAR; nothing for a PAYER, who cannot be verified."""
    if user.get("KYCLevel") == "REGULAR":
        return message(Tone.POSITIVE, "This user is verified: KYC level REGULAR.")
    if user.get("UserCategory") != "OWNER":
        return message(
            Tone.NOTICE,
            "A PAYER cannot be verified: only users of category OWNER can.",
            "Documents that are sent all the same end REFUSED.",
        )
    return h.section(".panel.kyc-needs", aria_label="What is still needed")[
        h.div(".panel-head")[h.h2(".section")["Still needed for KYC level REGULAR"]],
        h.ul(".reasons.panel-body")[
            [_gap(gap) for gap in gaps],
            needs_declared_owners(user.get("PersonType"), user.get("LegalPersonType"))
            and h.li[icon("groups"), " A validated declaration of the persons who own the company (UBO)"],
            needs_company_number(user.get("PersonType"), user.get("LegalPersonType"))
            and not user.get("CompanyNumber")
            and h.li[icon("tag"), " The company number, in the profile"],
            not gaps and h.li[icon("check"), " Every document it needs is validated"],
        ],
    ]


def _gap(gap: Gap) -> h.Element:
    state = chip(gap.latest_status) if gap.latest_status else h.span(".muted")["not sent yet"]
    return h.li[icon("badge"), f" {label_of(gap.document_type)} ", state]
