import pytest

from services.access.visitors import describe_device

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:{version}) Gecko/20100101 Firefox/{version}"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX.format(version="140.0"), "Firefox on Linux"),
        (IPHONE, "Mobile Safari on iOS"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown device"),
        ("\0\ud800", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
    ],
)
def test_a_device_is_named_by_browser_and_system(user_agent: str, device: str) -> None:
    assert describe_device(user_agent) == device


def test_an_update_makes_no_new_device() -> None:
    assert describe_device(FIREFOX.format(version="140.0")) == describe_device(FIREFOX.format(version="141.0"))


def test_what_stands_far_behind_is_not_read() -> None:
    assert describe_device("x" * 400 + FIREFOX.format(version="140.0")) == "Unknown device"
