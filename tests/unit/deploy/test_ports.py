"""Ports of the local platform."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from mestolocal.paths import DEPLOY, PlatformError
from mestolocal.ports import NAMES, check_free, fixed_ports, free_ports


def test_defaults_are_the_documented_ones() -> None:
    ports = fixed_ports({})
    assert (ports["gateway"], ports["auth-internal"], ports["mailbox"]) == (8080, 18111, 18171)
    assert len(set(ports.numbers.values())) == len(NAMES)


def test_both_settings_move_their_ports() -> None:
    ports = fixed_ports({"MESTO_PORT": "9090", "MESTO_PORT_BASE": "30000"})
    assert (ports["gateway"], ports["postgres"]) == (9090, 30001)


@pytest.mark.parametrize("value", ["http", "80", "70000", "-1", "8080.5"])
def test_a_port_that_is_none_is_refused_by_name(value: str) -> None:
    with pytest.raises(PlatformError, match="MESTO_PORT is "):
        fixed_ports({"MESTO_PORT": value})


def test_a_gateway_inside_the_internal_block_is_refused() -> None:
    with pytest.raises(PlatformError, match="lies inside the block"):
        fixed_ports({"MESTO_PORT": "18101"})


@pytest.mark.parametrize(("name", "setting"), [("gateway", "MESTO_PORT="), ("catalog-public", "MESTO_PORT_BASE=")])
def test_a_taken_port_is_named_with_the_setting_that_moves_it(name: str, setting: str) -> None:
    ports = free_ports()
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", ports[name]))
        squatter.listen()
        with pytest.raises(PlatformError, match=setting) as caught:
            check_free(ports)
    assert f"Port {ports[name]} is already in use" in str(caught.value)
    assert str(caught.value).count("already in use") == 1


def test_ports_that_were_given_are_given_to_nobody_else() -> None:
    """Not in this process, and not in another, though nobody listens there yet."""
    mine = free_ports()
    assert not set(mine.numbers.values()) & set(free_ports().numbers.values())
    ask = f"from mestolocal.ports import _reserve; print(_reserve({mine['etcd']}))"
    asked = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, cwd=DEPLOY)
    assert asked.stdout.strip() == "False"


def test_free_ports_are_free_and_apart() -> None:
    ports = free_ports()
    check_free(ports)
    assert len(set(ports.numbers.values())) == len(NAMES)
