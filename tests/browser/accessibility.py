"""What a screen reader is told of a page, read from Chromium's own accessibility tree."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import Page

CONTROLS = {
    *("button", "link", "textbox", "searchbox", "combobox", "checkbox", "menuitem", "dialog", "region", "option"),
    *("search", "DateTime", "DisclosureTriangle"),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree."""

    role: str
    name: str
    level: int | None


async def tree(page: Page) -> list[Node]:
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    await session.detach()
    return [
        Node(
            node["role"]["value"],
            node.get("name", {}).get("value", ""),
            next((known["value"]["value"] for known in node.get("properties", []) if known["name"] == "level"), None),
        )
        for node in nodes
        if not node["ignored"]
    ]


def unnamed(nodes: Sequence[Node]) -> list[Node]:
    return [node for node in nodes if node.role in CONTROLS and not node.name.strip()]


def count(nodes: Sequence[Node], role: str, *, level: int | None = None) -> int:
    return sum((node.role, node.level) == (role, level) for node in nodes)
