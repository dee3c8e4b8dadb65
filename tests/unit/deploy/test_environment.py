"""What each process is told, and the secrets of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest
from mestolocal.cache import cached
from mestolocal.ports import SERVICES, fixed_ports
from mestolocal.postgres import role_names
from mestolocal.secrets import CALLERS, Secrets
from mestolocal.services import Wiring, migration_environment, service_environment
from mestolocal.sessions import service_urls
from mestolocal.up import demo_document


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    secrets = Secrets(tmp_path / "secrets")
    passwords = {role: secrets.password(role) for service in SERVICES for role in role_names(service)}
    return Wiring(
        state=tmp_path,
        ports=fixed_ports({}),
        secrets=secrets,
        database_urls=service_urls(5432, "mesto", passwords),
        broker_urls={name: f"amqp://{name}:p@127.0.0.1:5672/mesto" for name in SERVICES},
        platform_config=tmp_path / "platformconfig.yaml",
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_knows_its_own_secrets_only(wiring: Wiring, service: str) -> None:
    environment = service_environment(wiring, service)
    own = wiring.database_urls[service]["database"]
    assert environment[f"MESTO_{service.upper()}_DATABASE_URL"] == own
    text = "\n".join(environment.values())
    for role in (role for other in SERVICES for role in role_names(other) if role != f"mesto_{service}"):
        assert wiring.secrets.password(role) not in text
    keys = Path(environment["MESTO_INTERNAL_KEY_DIR"])
    assert [file.name for file in keys.iterdir()] == [f"{service}.key.pem"]
    assert ("MESTO_AUTH_KEY_DIR" in environment) == (service == "auth")


def test_migrations_run_as_the_owners(wiring: Wiring) -> None:
    environment = migration_environment(wiring)
    for service in SERVICES:
        assert f"//mesto_{service}_owner:" in environment[f"MESTO_{service.upper()}_MIGRATION_URL"]


def test_secrets_stay_the_same_and_are_private(tmp_path: Path) -> None:
    first = Secrets(tmp_path / "s")
    password, keys = first.password("postgres"), first.public_keys()
    assert Secrets(tmp_path / "s").password("postgres") == password
    assert sorted(file.name for file in keys.iterdir()) == sorted(f"{caller}.pub.pem" for caller in CALLERS)
    files = [file for file in (tmp_path / "s").rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_a_build_that_breaks_off_leaves_nothing_that_looks_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls: list[Path] = []

    def build(target: Path) -> None:
        calls.append(target)
        (target / "file").write_text("half")
        if len(calls) == 1:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        cached("thing", "key", build)
    assert (cached("thing", "key", build) / "file").read_text() == "half"
    cached("thing", "key", build)
    assert len(calls) == 2


def test_the_demo_file_says_where_everything_is_that_a_visitor_opens() -> None:
    accounts = {"renter": {"email": "renter@mesto.example.org", "password": "p"}}
    document = demo_document(fixed_ports({"MESTO_PORT": "8099", "MESTO_PORT_BASE": "19100"}), accounts)
    assert document == {
        "gateway": "http://127.0.0.1:8099",
        "mailbox": "http://127.0.0.1:19171",
        "prometheus": "http://127.0.0.1:19172",
        "accounts": accounts,
    }
