"""Shows HTML written with htpy inside a NiceGUI page; the browser sanitises it once more."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutine

import htpy as h
from nicegui import ui

from ui.components.parts import icon


def show(*content: h.Node, classes: str = "") -> ui.html:
    """Add content to the page. Replace it later with `put`."""
    return ui.html(_text(*content)).classes(classes)


def put(element: ui.html, *content: h.Node) -> None:
    element.set_content(_text(*content))


def button(
    label: str,
    on_click: Callable[[], Awaitable[object] | object],
    *,
    icon_name: str = "",
    icon_after: str = "",
    classes: str = "",
) -> ui.html:
    """Add a button. Without a visible label (`icon_name` alone in it), `label` is its name for screen readers.

    While it does its work it is deaf to further clicks, and looks it.
    """
    is_icon = "icon-button" in classes
    content = _text(icon_name and icon(icon_name), None if is_icon else label, icon_after and icon(icon_after))
    element = ui.html(content, tag="button").classes(f"button {classes}").props("type=button")
    if is_icon:
        element.props(f'aria-label="{label}" title="{label}"')
    return element.on("click", lambda: once(element, on_click), args=[])


async def once(element: ui.html, act: Callable[[], Awaitable[object] | object]) -> None:
    """Do something unless it is being done already: a double click does it once."""
    if element.props.get("aria-busy") == "true":
        return
    element.props("aria-busy=true")
    try:
        outcome = act()
        # A coroutine alone: what opens or closes a dialog returns the dialog, and to await one is to open it.
        if iscoroutine(outcome):
            await outcome
    finally:
        if not element.is_deleted:
            element.props(remove="aria-busy")


def enable(element: ui.html, *, is_enabled: bool) -> None:
    element.props(f"aria-disabled={str(not is_enabled).lower()}")
    element.props(remove="disabled") if is_enabled else element.props("disabled")


def _text(*content: h.Node) -> str:
    return str(h.fragment[content])
