"""What surrounds every page: the environment that cannot be overlooked, search, account, the five menus."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlencode

import htpy as h
from nicegui import Client, app, ui
from sqlalchemy.exc import SQLAlchemyError

from models.access import Theme
from models.environment import Environment
from models.permissions import Permission
from services.access.actors import Actor, Denied
from services.access.own_access import choose_theme
from services.bootstrap import Services
from services.clock import now
from services.feeds.watch import active_now
from services.operations.journal import count_to_decide
from ui.components.ending import EndingNotice
from ui.components.html import button, put, show
from ui.components.incidents import SAYS, TONES
from ui.components.parts import icon
from ui.components.search_box import SearchBox
from ui.html import PRODUCT, STAKES

MENU = (
    ("Dashboard", "/", "space_dashboard"),
    ("Users", "/users", "group"),
    ("Operations", "/operations", "swap_horiz"),
    ("Notifications", "/notifications", "notifications_none"),
    ("API Status", "/api-status", "monitor_heart"),
)
# Below the menus, at the foot.
SETTINGS = ("Settings", "/settings", "settings")
KEYS = (
    ("/ or Ctrl-K", "Search"),
    ("↓ ↑ or j k", "Next or previous row of a list"),
    ("Enter", "Open the row"),
    ("Esc", "Close what is open"),
    ("?", "This list"),
)
# How often a page looks what waits for its reader; and how Mangopay does, which is in memory.
COUNT_EVERY_S = 15.0
STATUS_EVERY_S = 5.0
# Where a page keeps the line that says that the session is about to end.
ENDING = "session-ending"
DARK = {Theme.LIGHT: False, Theme.DARK: True, Theme.SYSTEM: None}


def current_actor() -> Actor:
    """Return who looks at the page being built. The guard lets nobody else come this far."""
    actor: Actor = ui.context.client.request.state.actor
    return actor


async def is_looked_at(client: Client) -> bool:
    """Wait until a browser shows the page; False when none ever did, and nothing should be fetched for it."""
    await client.connected()
    return not client.is_deleted


@contextmanager
def frame(services: Services, title: str, *, path: str, searched: str = "") -> Iterator[None]:
    """Build the frame around a page's content. `path` marks its menu; the content starts with the page's own head.

    `searched` is what stands in the search box.
    """
    actor = current_actor()
    name_page(title, actor)
    ui.add_head_html(str(h.link(rel="icon", href=f"/assets/{actor.environment}.svg")))
    dark = ui.dark_mode(DARK[actor.theme])
    ui.query("body").props(f"data-environment={actor.environment}")
    keys = _keys()
    with ui.element("div").classes("frame").on("help", keys.open):
        show(h.a(".skip-link", href="#content")["Skip to content"], classes="out-of-flow")
        with ui.element("header").classes("frame-top").props("role=banner"):
            show(h.div(".env-strip"), classes="env")
            with ui.element("div").classes("frame-bar"):
                show(_brand(), classes="brand-box")
                SearchBox(services, actor, searched)
                with ui.element("div").classes("account"):
                    _environment(services, actor)
                    _account(services, actor, dark)
            banner = show(_banner(services, actor), classes="status-banner").props("role=status")
            ui.timer(STATUS_EVERY_S, partial(_look, banner, services, actor), immediate=False)
        with ui.element("nav").classes("menu").props('aria-label="Menu"'):
            menu = show([_menu_link(*entry, path) for entry in MENU])
            if actor.may(Permission.APPROVE):
                ui.timer(COUNT_EVERY_S, partial(_count, menu, services, actor, path))
            with ui.element("div").classes("menu-foot"):
                show(_menu_link(*SETTINGS, path))
                show(h.p(".caption")[STAKES[actor.environment]])
        # NiceGUI's own page is the <main> around all this.
        with ui.element("div").classes("content").props("id=content tabindex=-1"):
            ui.context.client.storage[ENDING] = EndingNotice()
            yield


def name_page(title: str, actor: Actor) -> None:
    """Name the page in the browser's tab, also once more is known of what it is about."""
    ui.page_title(f"{title} · {actor.environment.label} · {PRODUCT}")


def page_head(title: str) -> ui.element:
    """Add a page's title; returns the row, so that more can be put beside the title."""
    with ui.element("div").classes("page-head") as head:
        show(h.h1[title])
    return head


def _brand() -> h.Node:
    return h.div(".brand")[
        h.button(".button.plain-button.icon-button.menu-button", type="button", data_menu="", aria_label="Menu")[
            icon("menu")
        ],
        h.a(".brand.product", href="/")["Mangopay"],
    ]


def _menu_link(name: str, target: str, icon_name: str, path: str, count: int = 0) -> h.Node:
    is_here = path == target or (target != "/" and path.startswith(f"{target}/"))
    said = f"{name}, {count} to decide" if count else name
    return h.a(href=target, title=said, aria_label=said, aria_current="page" if is_here else None)[
        icon(icon_name), h.span[name], h.b(".menu-count")[count] if count else None
    ]


async def _count(menu: ui.html, services: Services, actor: Actor, path: str) -> None:
    """Show beside Operations how much waits for this person; nothing where nothing does, or nobody can tell."""
    try:
        count = await count_to_decide(actor, services.teller)
    except (SQLAlchemyError, Denied):
        return
    links = [_menu_link(*entry, path, count if entry[0] == "Operations" else 0) for entry in MENU]
    # Drawn again only when another number is shown: whoever is about to click keeps what they aim at.
    if menu.content != str(h.fragment[links]):
        put(menu, links)


def _look(banner: ui.html, services: Services, actor: Actor) -> None:
    """Show another banner, or none, once something else goes on."""
    found = _banner(services, actor)
    if banner.content != str(h.fragment[found]):
        put(banner, found)


def _banner(services: Services, actor: Actor) -> h.Node:
    """Return a thin line while an incident is active; on every page, and it asks no database."""
    try:
        active = active_now(actor, services.status, now=now())
    except Denied:
        return None
    if not active:
        return None
    first, more = active[0], len(active) - 1
    return h.a(f".{TONES[first.health]}", href="/api-status")[
        icon(TONES[first.health].icon),
        h.strong[SAYS[first.health][0]],
        h.span[f"{first.title}: {first.phase.label.lower()}", f", and {more} more" if more else None],
    ]


def _environment(services: Services, actor: Actor) -> None:
    """Show which environment this is; where the same e-mail may enter another, lead to its door."""
    if not actor.also_in:
        show(h.span(".env-badge", title=STAKES[actor.environment])[actor.environment.label])
        return
    with ui.element("div"):
        menu = ui.menu().props("anchor='bottom right' self='top right'").classes("account-menu")
        button(actor.environment.label, menu.open, icon_after="expand_more", classes="env-badge env-switch").props(
            f'aria-label="Environment: {actor.environment.label}. Switch" aria-haspopup=menu'
        )
    with menu:
        show(h.p(".caption")["Switch environment; you sign in there again"])
        show([switch_link(services, environment) for environment in actor.also_in])


def switch_link(services: Services, environment: Environment, *, next_url: str = "/") -> h.Node:
    """Return the way to another environment's door; from there it goes on to `next_url`, a path of the dashboard."""
    query = {"environment": environment.value} | ({"next": next_url} if next_url != "/" else {})
    url = f"{services.door.urls[environment]}/sign-in?{urlencode(query)}"
    return h.a(".button.plain-button.env-way", href=url, data_environment=environment.value)[
        h.span(".env-dot", aria_hidden="true"),
        h.span[environment.label, h.span(".caption")[STAKES[environment]]],
    ]


def _account(services: Services, actor: Actor, dark: ui.dark_mode) -> None:
    def show_choice(chosen: Theme) -> None:
        for theme, item in items.items():
            put(item, icon("check" if theme is chosen else ""), label_of[theme])

    async def choose(theme: Theme) -> None:
        # Seen is kept: whoever opens another page at once finds it there.
        await choose_theme(actor, services.door, theme)
        dark.value = DARK[theme]
        show_choice(theme)

    label_of = {Theme.LIGHT: "Light", Theme.DARK: "Dark", Theme.SYSTEM: "As the system"}
    items = {}
    with (
        ui.element("div"),
        ui.button(icon="account_circle").props('flat round dense color=none aria-label="Account"'),
        ui.menu().props("anchor='bottom right' self='top right'").classes("account-menu"),
    ):
        show(h.strong[actor.email], h.p(".caption")[f"{actor.role.label} in {actor.environment.label}"])
        show(h.a(".button.plain-button", href="/settings")[icon("manage_accounts"), "Your access"])
        show(h.p(".caption")["Theme"])
        for theme, label in label_of.items():
            items[theme] = button(label, partial(choose, theme), classes="plain-button")
        show(
            h.form(action="/sign-out", method="post")[
                h.button(".button.plain-button", type="submit")[icon("logout"), "Sign out"]
            ]
        )
        show_choice(actor.theme)


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
