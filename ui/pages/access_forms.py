"""How the pages of the door look: sign-in, creating an access, and a link that leads nowhere."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

import htpy as h

from models.access import LinkState, OneTimeLink
from models.environment import Environment
from models.password import REQUIREMENTS
from ui import html
from ui.html import Shell

LINK_TITLES = {
    LinkState.EXPIRED: "This link has expired",
    LinkState.USED: "This link was already used",
    LinkState.UNKNOWN: "This link is not known",
}
LINK_REASONS = {
    LinkState.EXPIRED: "A link is good for 30 minutes.",
    LinkState.USED: "A link works once. If it was you who used it, sign in.",
    LinkState.UNKNOWN: "Perhaps it was not copied whole, or it belongs to another dashboard.",
}


@dataclass(slots=True)
class SignInForm:
    """What a sign-in page shows: what was typed, what was wrong with it, where it leads."""

    environment: Environment
    next_url: str = "/"
    email: str = ""
    email_error: str | None = None
    password_error: str | None = None
    # About both fields together.
    refusal: str | None = None
    notice: str | None = None


@dataclass(slots=True)
class LinkForm:
    """What the page of a valid link shows."""

    link: OneTimeLink
    email: str = ""
    email_error: str | None = None
    unmet: list[str] = field(default_factory=list)


def sign_in_page(shell: Shell, form: SignInForm, environments: tuple[Environment, ...], *, nonce: str) -> str:
    return shell.page(
        "Error: Sign in" if form.email_error or form.password_error or form.refusal else "Sign in",
        h.h1["Sign in to ", form.environment.label],
        len(environments) > 1 and _doors(form, environments),
        form.notice and html.notice(form.notice),
        form.refusal and html.notice(form.refusal, kind="negative"),
        h.form(method="post", action="/sign-in", novalidate=True)[
            h.input(type="hidden", name="environment", value=form.environment.value),
            h.input(type="hidden", name="next", value=form.next_url),
            html.field(
                "email",
                "E-mail address",
                error=form.email_error,
                autofocus=bool(form.email_error) or not form.email,
                type="email",
                value=form.email,
                autocomplete="username",
            ),
            html.password_field(
                "Password",
                autocomplete="current-password",
                error=form.password_error,
                autofocus=not form.email_error and bool(form.email),
            ),
            html.submit("Sign in"),
        ],
        _whom_to_ask(),
        environment=form.environment,
        nonce=nonce,
    )


def link_page(shell: Shell, form: LinkForm, *, nonce: str) -> str:
    link = form.link
    has_errors = bool(form.email_error or form.unmet)
    return shell.page(
        "Error: Create your access" if has_errors else "Create your access",
        h.h1["Create your access to ", link.environment.label],
        h.dl(".plain-facts")[
            h.div[h.dt["Role"], h.dd[link.role.value.capitalize()]],
            h.div[h.dt["Link valid until"], h.dd[f"{link.expires_at:%H:%M} UTC, once"]],
        ],
        h.form(method="post", novalidate=True)[
            _email_of_link(form),
            html.password_field(
                "New password",
                autocomplete="new-password",
                error="Choose a password that meets every line of the list." if form.unmet else None,
                autofocus=not form.email_error and (bool(form.unmet) or bool(link.email)),
                hint=_rule(form.unmet),
            ),
            html.submit("Create access and sign in"),
        ],
        environment=link.environment,
        nonce=nonce,
    )


def refused_link(shell: Shell, link: OneTimeLink | None, state: LinkState) -> str:
    role, environment = (link.role, link.environment) if link else ("ROLE", "ENVIRONMENT")
    return shell.page(
        LINK_TITLES[state],
        h.h1[LINK_TITLES[state]],
        h.p[LINK_REASONS[state]],
        h.h2["To get a new one"],
        h.ul(".plain-steps")[
            h.li["If nobody has an access yet, restart the dashboard: it prints a first link."],
            h.li[
                "Otherwise ask whoever runs the dashboard for the link that this command prints:",
                h.code(".plain-command")[f"uv run main.py invite EMAIL --role {role} --environment {environment}"],
            ],
        ],
        h.p[h.a(href="/sign-in")["Go to the sign-in"]],
        environment=link.environment if link else None,
    )


def _doors(form: SignInForm, environments: tuple[Environment, ...]) -> h.Node:
    return h.nav(".plain-doors", aria_label="Environment")[
        [
            h.a(
                href="/sign-in?" + urlencode({"environment": environment.value, "next": form.next_url}),
                data_environment=environment.value,
                aria_current="true" if environment is form.environment else None,
            )[environment.label]
            for environment in environments
        ]
    ]


def _email_of_link(form: LinkForm) -> h.Node:
    if form.link.email is not None:
        return html.field(
            "email",
            "E-mail address",
            type="email",
            value=form.link.email,
            autocomplete="username",
            readonly="readonly",
        )
    return html.field(
        "email",
        "E-mail address",
        error=form.email_error,
        autofocus=bool(form.email_error) or not form.unmet,
        type="email",
        value=form.email,
        autocomplete="username",
    )


def _rule(unmet: list[str]) -> h.Node:
    return h.ul("#rule.plain-rule")[
        [
            h.li(data_pattern=requirement.pattern, data_met="no" if requirement.sentence in unmet else "")[
                h.span(".visually-hidden")[requirement.sentence in unmet and "Not met: "], requirement.sentence
            ]
            for requirement in REQUIREMENTS
        ]
    ]


def _whom_to_ask() -> h.Node:
    return h.div(".plain-help")[
        h.p[
            "No access yet, or the password forgotten? Ask an administrator of this dashboard for a one-time link. "
            "Mangopay cannot give you one."
        ],
        h.p[
            "API credentials come from Mangopay: ",
            h.a(href="mailto:support@mangopay.com")["support@mangopay.com"],
            ".",
        ],
    ]
