"""Plain HTML pages: those that must work before anybody is signed in, and without NiceGUI.

Written with htpy, which escapes what it is given; the one script carries the page's nonce.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import htpy as h
from markupsafe import Markup

from models.access import Theme
from models.environment import Environment
from models.password import REQUIREMENTS
from services.access.actors import Actor

PRODUCT = "Mangopay Dashboard"
STAKES = {
    Environment.PRODUCTION: "Real money",
    Environment.SANDBOX: "Mangopay's test system, no real money",
    Environment.LOCAL: "Emulator on this machine, no real money",
}

# A form is sent once; a password can be looked at, and its rule fills in as one types; codes can be kept.
FORM_SCRIPT = Markup("""
for (const form of document.querySelectorAll("form")) {
  const passwords = form.querySelectorAll("input[type=password]");
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", () => {
    for (const password of passwords) password.type = "password";
    button.disabled = true;
  });
  addEventListener("pageshow", () => { button.disabled = false; });

  for (const password of passwords) {
    const look = password.parentElement.querySelector("button[data-shows]");
    look.hidden = false;
    look.addEventListener("click", () => {
      const hidden = password.type === "password";
      password.type = hidden ? "text" : "password";
      look.textContent = hidden ? "Hide" : "Show";
      look.setAttribute("aria-label", hidden ? "Hide password" : "Show password");
    });

    if (password.autocomplete !== "new-password") continue;
    password.addEventListener("input", () => {
      for (const line of form.querySelectorAll("[data-pattern]")) {
        const met = new RegExp(line.dataset.pattern, "u").test(password.value);
        line.dataset.met = password.value === "" ? "" : met ? "yes" : "not yet";
        line.querySelector("span").textContent = met ? "Met: " : "Not met: ";
      }
    });
  }
}

// Times are told in the reader's own zone.
const clock = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
for (const time of document.querySelectorAll("time[datetime]")) {
  time.textContent = new Date(time.dateTime).toLocaleString(undefined, clock);
}

for (const keep of document.querySelectorAll("[data-keeps]")) {
  const text = document.getElementById(keep.dataset.keeps).innerText;
  keep.hidden = false;
  if (keep.download) {
    keep.href = URL.createObjectURL(new Blob([text + "\\n"], { type: "text/plain" }));
  } else {
    keep.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      keep.textContent = "Copied";
    });
  }
}
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What every plain page shares: the addresses of its stylesheets, with their versions."""

    stylesheets: Sequence[str]

    def page(
        self,
        title: str,
        *content: h.Node,
        environment: Environment | None = None,
        theme: Theme = Theme.SYSTEM,
        nonce: str = "",
    ) -> str:
        """Return a whole document with one card in the middle. With a nonce, its forms get their script."""
        scheme = "" if theme is Theme.SYSTEM else f"body--{theme}"
        titles = [title, environment.label if environment else None, PRODUCT]
        return str(
            h.html(lang="en")[
                h.head[
                    h.meta(charset="utf-8"),
                    h.meta(name="viewport", content="width=device-width, initial-scale=1"),
                    h.meta(name="color-scheme", content="light dark"),
                    h.meta(name="robots", content="noindex"),
                    h.title[" · ".join(filter(None, titles))],
                    [h.link(rel="stylesheet", href=href) for href in self.stylesheets],
                ],
                h.body(class_=["plain", scheme], data_environment=environment)[
                    _strip(environment),
                    h.main(".plain-main")[h.p(".plain-product")[PRODUCT], h.div(".plain-card")[content]],
                    nonce and h.script(nonce=nonce)[FORM_SCRIPT],
                ],
            ]
        )

    def error_page(
        self,
        status: int,
        sentence: str,
        next_step: str,
        reference: str | None = None,
        *,
        environment: Environment | None = None,
        theme: Theme = Theme.SYSTEM,
    ) -> str:
        """Return the page for what went wrong: what happened, what to do, and what to quote when asking."""
        return self.page(
            sentence.rstrip("."),
            h.p(".muted")[f"Error {status}"],
            h.h1[sentence],
            h.p[next_step],
            reference and h.p(".muted")["Reference to quote: ", h.code[reference]],
            h.p[h.a(href="/")["Back to the start page"]],
            environment=environment,
            theme=theme,
        )


def field(name: str, label: str, *, error: str | None = None, autofocus: bool = False, **attributes: str) -> h.Node:
    """Return a labelled input with its error beside it. The first one in error asks for the focus."""
    return h.div(".plain-field")[
        h.label(for_=name)[label],
        _error(name, error),
        h.input(_attributes(name, error, autofocus=autofocus), **attributes),
    ]


def password_field(
    label: str,
    *,
    name: str = "password",
    autocomplete: str = "current-password",
    error: str | None = None,
    autofocus: bool = False,
    hint: h.Node = None,
) -> h.Node:
    """Return a password input that can be looked at; what was typed is never sent back."""
    described_by = "rule" if hint else None
    return h.div(".plain-field")[
        h.label(for_=name)[label],
        _error(name, error),
        h.div(".plain-password")[
            h.input(
                _attributes(name, error, autofocus=autofocus, described_by=described_by),
                type="password",
                autocomplete=autocomplete,
            ),
            h.button(type="button", data_shows=True, hidden=True, aria_label="Show password")["Show"],
        ],
        hint,
    ]


def new_password_field(unmet: Sequence[str], *, autofocus: bool = False) -> h.Node:
    """Return a password input with the rule a new password must meet; `unmet` is what the last one did not."""
    return password_field(
        "New password",
        name="new",
        autocomplete="new-password",
        error="Choose a password that meets every line of the list." if unmet else None,
        autofocus=autofocus,
        hint=h.ul("#rule.plain-rule")[
            [
                h.li(data_pattern=requirement.pattern, data_met="no" if requirement.sentence in unmet else "")[
                    h.span(".visually-hidden")[requirement.sentence in unmet and "Not met: "], requirement.sentence
                ]
                for requirement in REQUIREMENTS
            ]
        ],
    )


def code_field(
    label: str = "Six digits from your authenticator app",
    *,
    error: str | None,
    is_recovery: bool = False,
    autofocus: bool = False,
) -> h.Node:
    """Return the input of a code from an authenticator app, or of a recovery code."""
    if is_recovery:
        return field("code", "Recovery code", error=error, autofocus=autofocus, autocomplete="off", spellcheck="false")
    return field(
        "code",
        label,
        error=error,
        autofocus=autofocus,
        inputmode="numeric",
        autocomplete="one-time-code",
        maxlength="12",
    )


def notice(text: h.Node, *, kind: str = "notice") -> h.Node:
    """Return a sentence above a form; the kind, `notice` or `negative`, gives its colour."""
    return h.p(f".plain-notice.is-{kind}", role="alert" if kind == "negative" else "status")[text]


def replaces(actor: Actor | None) -> h.Node:
    """Say what happens to the session one is signed in with: a browser has one at a time, at each host name."""
    if actor is None:
        return None
    return notice(f"You are signed in to {actor.environment.label} as {actor.email}. This ends that session here.")


def submit(label: str, *, is_dangerous: bool = False) -> h.Node:
    return h.button(class_=["plain-submit", {"is-dangerous": is_dangerous}], type="submit")[label]


def moment(at: datetime) -> h.Node:
    """Return a time; the page's script shows it in the reader's zone."""
    return h.time(datetime=at.isoformat(timespec="seconds"))[f"{at:%Y-%m-%d %H:%M} UTC"]


def _strip(environment: Environment | None) -> h.Node:
    """Return the strip that says where one is; without an environment an empty one, so that nothing jumps."""
    if environment is None:
        return h.div(".plain-strip.is-empty", aria_hidden="true")["\N{NO-BREAK SPACE}"]
    return h.header(".plain-strip")[h.strong[environment.label], h.span[STAKES[environment]]]


def _error(name: str, error: str | None) -> h.Node:
    return error and h.p(".plain-error", id=f"{name}-error")[error]


def _attributes(
    name: str, error: str | None, *, autofocus: bool, described_by: str | None = None
) -> dict[str, str | bool | None]:
    descriptions = [f"{name}-error" if error else None, described_by]
    return {
        "id": name,
        "name": name,
        "aria-invalid": "true" if error else None,
        "aria-describedby": " ".join(filter(None, descriptions)) or None,
        "autofocus": autofocus,
    }
