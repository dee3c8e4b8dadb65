"""How the device of a session is called, and what follows a refresh token."""

from __future__ import annotations

import pytest
from mesto.auth.sessions.rules import Device, device, successor


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
            Device("computer", "Firefox, Windows"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.1 Mobile/15E148 Safari/604.1",
            Device("phone", "Safari, iPhone"),
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
            "Mobile/15E148 Safari/604.1",
            Device("tablet", "Safari, iPad"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
            "Safari/537.36",
            Device("phone", "Chrome, Android"),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 "
            "Edg/142.0.0.0",
            Device("computer", "Edge, Linux"),
        ),
        ("", Device("other", "")),
        ("<script>alert(1)</script>", Device("other", "")),
        ("x" * 300, Device("other", "")),
    ],
)
def test_a_device_is_called_as_its_holder_knows_it(user_agent: str, expected: Device) -> None:
    assert device(user_agent) == expected


def test_a_token_has_one_successor_that_the_salt_alone_does_not_tell() -> None:
    assert successor("token", b"salt") == successor("token", b"salt")
    assert len({successor("token", b"salt"), successor("other", b"salt"), successor("token", b"pepper")}) == 3
