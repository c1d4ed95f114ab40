"""Looks at HTML the way a browser does: what is read in it, where it leads, and whether anything foreign got in."""

from html.parser import HTMLParser

import htpy as h
from hypothesis import strategies as st

# All that the components under test are made of.
OURS = {
    *("a", "bdi", "button", "code", "data", "dd", "details", "div", "dl", "dt", "h1", "h2", "i", "input", "label", "p"),
    *("pre", "section", "span", "summary", "table", "tbody", "td", "th", "thead", "time", "tr"),
}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</bdi></dd><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#60;i&#62;",
    "-->]]><!--",
    "{{ 7 * 7 }} ${7*7} %s {0}",
    "مرحبا بالعالم",
    "abc\u202edef\u2066ghi",
    "👩‍👩‍👧‍👦 🇫🇷",
    "x" * 255,
    "é" * 255,
    "\x00\x07\x1b\x7f",
    "a\tb\r\nc",
    " ",
)
TEXTS = st.sampled_from(HOSTILE) | st.text()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
MONEYS = st.fixed_dictionaries({"Currency": TEXTS | st.just("EUR"), "Amount": st.integers() | SCALARS})
ANYTHING = st.recursive(
    SCALARS | MONEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


class Markup(HTMLParser):
    """What is in a piece of HTML; `text` is what people read of it, icons apart."""

    def __init__(self, node: h.Node) -> None:
        super().__init__(convert_charrefs=True)
        # Plain text: what htpy renders would escape whatever is added to it.
        self.html = str(h.fragment[node]).encode().decode()
        self.text = ""
        self.links: list[str] = []
        self.classes: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self._open: list[str] = []
        self.feed(self.html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in OURS, self.html
        for name, value in attrs:
            assert not name.startswith("on"), self.html
            assert name not in ("style", "src", "srcdoc", "action", "formaction"), self.html
            self.attributes.append((tag, name, value or ""))
            if name == "class":
                self.classes += (value or "").split()
            if name == "href":
                self.links.append(value or "")
        if tag != "input":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, self.html

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["i"]:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")

    def all_of(self, name: str) -> list[str]:
        """Return the values of an attribute, in order."""
        return [value for _, known, value in self.attributes if known == name]


def look_at(node: h.Node) -> Markup:
    """Return what a node shows, after making sure that nothing of it is markup of somebody else."""
    seen = Markup(node)
    for link in seen.links:
        is_ours = link.startswith("/") and not link.startswith("//")
        assert is_ours or link.lower().startswith(("http://", "https://")), link
    return seen
