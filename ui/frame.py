"""What surrounds every page: the environment that cannot be overlooked, search, account, the five menus."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import htpy as h
from nicegui import Client, app, ui

from models.access import Theme
from services.access.sessions import SessionRegistry, SignedIn
from ui.components.html import button, put, show
from ui.components.parts import icon
from ui.html import PRODUCT, STAKES

MENU = (
    ("Dashboard", "/", "space_dashboard"),
    ("Users", "/users", "group"),
    ("Operations", "/operations", "swap_horiz"),
    ("Notifications", "/notifications", "notifications_none"),
    ("API Status", "/api-status", "monitor_heart"),
)
KEYS = (
    ("/", "Search"),
    ("↓ ↑ or j k", "Next or previous row of a list"),
    ("Enter", "Open the row"),
    ("Esc", "Close what is open"),
    ("?", "This list"),
)
DARK = {Theme.LIGHT: False, Theme.DARK: True, Theme.SYSTEM: None}


def signed_in() -> SignedIn:
    """Return who looks at the page being built. The guard lets nobody else come this far."""
    person: SignedIn = ui.context.client.request.state.signed_in
    return person


async def is_looked_at(client: Client) -> bool:
    """Wait until a browser shows the page; False when none ever did, and nothing should be fetched for it."""
    await client.connected()
    return not client.is_deleted


@contextmanager
def frame(title: str, *, path: str, sessions: SessionRegistry) -> Iterator[None]:
    """Build the frame around a page's content. `path` marks its menu; the content starts with the page's own head."""
    person = signed_in()
    ui.page_title(f"{title} · {person.environment.label} · {PRODUCT}")
    dark = ui.dark_mode(DARK[person.theme])
    ui.query("body").props(f"data-environment={person.environment}")
    keys = _keys()
    with ui.element("div").classes("frame").on("help", keys.open):
        with ui.element("header").classes("frame-top").props("role=banner"):
            show(h.div(".env-strip"), classes="env")
            with ui.element("div").classes("frame-bar"):
                show(_brand(person), classes="brand-box")
                show(_search(), classes="search-box")
                _account(person, dark, sessions)
        with ui.element("nav").classes("menu").props('aria-label="Menu"'):
            show(_menu(path))
            show(h.p(".caption")[STAKES[person.environment]], classes="menu-foot")
        # NiceGUI's own page is the <main> around all this.
        with ui.element("div").classes("content").props("id=content"):
            yield


def page_head(title: str) -> ui.element:
    """Add a page's title; returns the row, so that more can be put beside the title."""
    with ui.element("div").classes("page-head") as head:
        show(h.h1[title])
    return head


def _brand(person: SignedIn) -> h.Node:
    return h.div(".brand")[
        h.button(".button.plain-button.icon-button.menu-button", type="button", data_menu="", aria_label="Menu")[
            icon("menu")
        ],
        h.a(".brand.product", href="/")["Mangopay"],
        h.span(".env-badge")[person.environment.label],
    ]


def _search() -> h.Node:
    return h.form(".search", action="/notifications", method="get", role="search")[
        icon("search"),
        h.input(
            name="resource", type="search", placeholder="Search by object id", aria_label="Search by object id",
            autocomplete="off", spellcheck="false",
        ),
        h.kbd(aria_hidden="true")["/"],
    ]  # fmt: skip


def _menu(path: str) -> h.Node:
    return [
        h.a(href=target, title=name, aria_label=name, aria_current="page" if target == path else None)[
            icon(icon_name), h.span[name]
        ]
        for name, target, icon_name in MENU
    ]


def _account(person: SignedIn, dark: ui.dark_mode, sessions: SessionRegistry) -> None:
    def show_choice(chosen: Theme) -> None:
        for theme, item in items.items():
            put(item, icon("check" if theme is chosen else ""), label_of[theme])

    async def choose(theme: Theme) -> None:
        dark.value = DARK[theme]
        show_choice(theme)
        await sessions.set_theme(person.account_id, theme)

    label_of = {Theme.LIGHT: "Light", Theme.DARK: "Dark", Theme.SYSTEM: "As the system"}
    items = {}
    with (
        ui.element("div").classes("account"),
        ui.button(icon="account_circle").props('flat round dense color=none aria-label="Account"'),
        ui.menu().props("anchor='bottom right' self='top right'").classes("account-menu"),
    ):
        show(h.strong[person.email], h.p(".caption")[f"{person.role.capitalize()} in {person.environment.label}"])
        show(h.p(".caption")["Theme"])
        for theme, label in label_of.items():
            items[theme] = button(label, partial(choose, theme), classes="plain-button")
        show(
            h.form(action="/sign-out", method="post")[
                h.button(".button.plain-button", type="submit")[icon("logout"), "Sign out"]
            ]
        )
        show_choice(person.theme)


def _keys() -> ui.dialog:
    with ui.dialog().props('aria-label="Keys"') as keys, ui.card().classes("panel q-pa-none").style("gap: 0"):
        with ui.element("div").classes("panel-head full-width"):
            show(h.h2(".section")["Keys"])
            button("Close", keys.close, icon_name="close", classes="plain-button icon-button")
        show(h.div(".keys")[[(h.span[h.kbd[key]], h.span[does]) for key, does in KEYS]])
    return keys


def add_assets(stylesheets: list[str], script: str) -> None:
    """Put our stylesheet and script into the head of every page. Called once, before any page is built."""
    for href in stylesheets:
        ui.add_head_html(str(h.link(rel="stylesheet", href=href)), shared=True)
    ui.add_head_html(str(h.script(src=script, type="module")), shared=True)
    app.colors(primary="#1d5bb8")
