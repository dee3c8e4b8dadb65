"""What one network may do at the gateway, on this machine and in a container."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from mestolocal.gateway import Limits
from mestolocal.paths import DEPLOY, PlatformError


def test_the_demo_is_wider_than_an_installation_for_people_and_tests_wider_still() -> None:
    usual, demo, wide = asdict(Limits()), asdict(Limits.demo({})), asdict(Limits.wide())
    assert all(usual[name] < demo[name] < wide[name] for name in usual)
    assert (demo["register"], demo["holds"]) == (120, 600)


def test_the_environment_sets_one_and_says_what_is_wrong_with_it() -> None:
    assert Limits.demo({"MESTO_LIMIT_HOLDS": "7"}) == Limits.demo({"MESTO_LIMIT_HOLDS": "7", "MESTO_LIMIT_LOGIN": ""})
    assert Limits.demo({"MESTO_LIMIT_HOLDS": "7"}).holds == 7
    for wrong in ("0", "-1", "many", "70000"):
        with pytest.raises(PlatformError, match=r"MESTO_LIMIT_CONNECTIONS is .* from 1 to 65535"):
            Limits.demo({"MESTO_LIMIT_CONNECTIONS": wrong})


def test_the_container_fills_in_all_that_the_configuration_leaves_open() -> None:
    template = (DEPLOY / "mestolocal" / "nginx.conf.template").read_text("utf-8")
    script = (DEPLOY / "images" / "gateway-entrypoint.sh").read_text("utf-8").replace("\\\n", " ")
    exported = {name for line in script.splitlines() if line.startswith("export ") for name in line.split()[1:]}
    assert set(re.findall(r"\$\{(MESTO_[A-Z_]+)\}", template)) == exported
    usual = {name.upper(): value for name, value in asdict(Limits()).items()}
    assert {name: int(value) for name, value in re.findall(r"MESTO_LIMIT_([A-Z]+)=\$\{\w+:-(\d+)\}", script)} == usual
