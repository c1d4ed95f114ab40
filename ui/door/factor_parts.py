"""Parts of the pages of the second factor: the form of a new secret, and the recovery codes, shown once."""

from collections.abc import Sequence

import htpy as h
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from models.environment import Environment
from services.access.second_factor import Offer
from ui import html
from ui.door.desk import Desk

ENTER_CODE = "Enter the code."


def offer_form(
    offer: Offer, *, code_error: str | None = None, proof: h.Node = None, is_code_next: bool = True
) -> h.Node:
    key = " ".join(offer.secret[start : start + 4] for start in range(0, len(offer.secret), 4))
    return h.fragment[
        h.ol(".plain-steps.is-numbered")[
            h.li[
                "Scan this with an authenticator app, such as Aegis, 1Password or Google Authenticator.",
                h.div(".plain-qr", role="img", aria_label="QR code of the key below")[Markup(offer.qr_svg)],  # noqa: S704
                h.details[
                    h.summary["It cannot be scanned?"],
                    h.p[
                        h.a(href=offer.uri)["Open it in an app on this device"],
                        ", or type this key, as a time-based one:",
                    ],
                    h.code("#key.plain-command")[key],
                    h.button(".plain-link", type="button", data_keeps="key", hidden=True)["Copy the key"],
                ],
            ],
            h.li["Type the six digits that the app shows."],
        ],
        h.form(method="post", novalidate=True)[
            h.input(type="hidden", name="sealed", value=offer.sealed),
            html.code_field("Six digits from the app you have just set up", error=code_error, autofocus=is_code_next),
            proof,
            html.submit("Set up"),
        ],
    ]


def codes_page(desk: Desk, request: Request, codes: Sequence[str], environment: Environment, *, go_on: str) -> Response:
    return desk.page(
        request,
        "Your recovery codes",
        h.h1["Keep your recovery codes"],
        h.p[
            "Each lets you in once, in place of the authenticator app, should you lose it. ",
            h.strong["They are shown only now."],
        ],
        h.pre("#codes.plain-codes")["\n".join(codes)],
        h.p(".plain-ways")[
            h.button(".plain-link", type="button", data_keeps="codes", hidden=True)["Copy"],
            h.a(href="", download=f"recovery-codes-{environment}.txt", data_keeps="codes", hidden=True)["Download"],
        ],
        h.a(".plain-submit", href=go_on)["I have kept them, go on"],
        environment=environment,
    )
