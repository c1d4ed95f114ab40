"""HTML as text: words stay apart, entities are read, and the cut is between words."""

import pytest

from models.plain_text import excerpt, plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<br>Two", "One Two"),
        ("<ul><li>One</li><li>Two</li></ul>", "One Two"),
        ("<strong>Sun</strong>days", "Sundays"),
        ("3 &lt; 5 &amp; <code>x</code>", "3 < 5 & x"),
        ("  a \n b ", "a b"),
    ],
)
def test_html_becomes_one_line(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_what_is_long_is_cut_between_words() -> None:
    assert excerpt("<p>Payouts reach more countries, at last.</p>", 30) == "Payouts reach more countries…"
    assert excerpt("<p>Short.</p>", 30) == "Short."
    assert excerpt("x" * 40, 30) == "x" * 30 + "…"
