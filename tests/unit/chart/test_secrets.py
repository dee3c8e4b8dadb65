"""Secrets of the chart: who has which, and what is generated."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from mesto.auth.keys.service import SigningKeys
from mesto.common.identity.signing import CallerAuth
from mesto.common.identity.tokens import InternalVerifier
from mesto.common.messaging import broker_rights
from mesto.common.settings import CommonSettings
from mestolocal.ports import SERVICES
from mestolocal.secrets import CALLERS
from support.chart import (
    CHART,
    PRODUCTION,
    TRIAL,
    Manifest,
    containers,
    environment,
    of_kind,
    pods,
    render,
    template,
)


def test_no_secret_is_a_literal(trial: list[Manifest]) -> None:
    passwords = [
        b64decode(value).decode()
        for secret in of_kind(trial, "Secret").values()
        for key, value in secret["data"].items()
        if key.endswith("password")
    ]
    assert len(passwords) == 2 * len(SERVICES) + 3
    assert len(set(passwords)) == len(passwords)
    others = yaml.safe_dump_all([manifest for manifest in trial if manifest["kind"] != "Secret"])
    assert not any(password in others for password in passwords)


def test_a_process_has_its_own_database_role_and_private_key_only(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        service = pod["metadata"]["labels"].get("mesto.dev/service", "")
        process = pod["metadata"]["labels"]["mesto.dev/process"]
        if process in ("migrate", "postgresql", "rabbitmq"):
            continue
        keys = {key for container in containers(pod) for _, key in filter(_is_pair, environment(container).values())}
        urls = {key for key in keys if key.endswith("-url")}
        assert urls == ({f"{service}-url"} if process in ("api", "worker") else set()), name
        mounted = [item["path"] for volume in pod["spec"]["volumes"] for item in _items(volume)]
        private = [path for path in mounted if path.endswith(".key.pem")]
        signing = ("api", "worker", "operator", "scrapyd", "toolbox")
        assert private == ([f"{service}.key.pem"] if process in signing else [])
        assert ("auth-keys" in [volume["name"] for volume in pod["spec"]["volumes"]]) == (name == "mesto-auth")


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple)


def _items(volume: Manifest) -> list[dict[str, str]]:
    items: list[dict[str, str]] = volume.get("secret", {}).get("items", [])
    return items


def test_generated_keys_are_pairs_and_sign_calls(trial: list[Manifest], tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    for key, value in of_kind(trial, "Secret")["mesto-internal-keys"]["data"].items():
        (folder / key).write_bytes(b64decode(value))
    verifier = InternalVerifier(folder, "catalog")
    for caller in CALLERS:
        auth = CallerAuth(CommonSettings(internal_key_dir=folder), caller, "catalog")
        assert verifier.caller(auth.token("GET", "/internal/x"), "GET", "/internal/x") == caller
    (tmp_path / "0001.pem").write_bytes(b64decode(of_kind(trial, "Secret")["mesto-auth-keys"]["data"]["0001.pem"]))
    assert isinstance(load_pem_private_key((tmp_path / "0001.pem").read_bytes(), None), Ed25519PrivateKey)
    assert SigningKeys(tmp_path).current == "0001"


def test_each_service_has_a_user_of_its_own_at_the_bundled_broker(trial: list[Manifest]) -> None:
    secret = {key: b64decode(value).decode() for key, value in of_kind(trial, "Secret")["mesto-broker"]["data"].items()}
    document = json.loads(secret["definitions.json"])
    administrator = {"name": "mesto", "password": secret["password"], "tags": "administrator"}
    assert administrator in document["users"]
    passwords = {service: secret[f"password-{service}"] for service in SERVICES}
    assert len({*passwords.values(), secret["password"]}) == len(SERVICES) + 1
    expected = broker_rights.definitions("mesto", passwords)
    document["users"].remove(administrator)
    mine = [permission for permission in document["permissions"] if permission["user"] == "mesto"]
    document["permissions"] = [permission for permission in document["permissions"] if permission["user"] != "mesto"]
    assert (document, len(mine)) == (expected, 1)
    for service in SERVICES:
        assert secret[f"url-{service}"] == f"amqp://mesto_{service}:{passwords[service]}@mesto-rabbitmq:5672/mesto"
    told = {
        name: environment(container)["MESTO_BROKER_URL"]
        for name, pod in pods(trial).items()
        for container in containers(pod)
        if "MESTO_BROKER_URL" in environment(container)
    }
    assert told == {name: ("mesto-broker", f"url-{name.split('-')[1]}") for name in told}
    (broker,) = of_kind(trial, "StatefulSet")["mesto-rabbitmq"]["spec"]["template"]["spec"]["containers"]
    assert {"/etc/rabbitmq/mesto", "/etc/rabbitmq/conf.d/90-mesto.conf"} <= {
        mount["mountPath"] for mount in broker["volumeMounts"]
    }


def test_a_brokers_secret_of_ones_own_may_have_a_url_for_all_or_one_each() -> None:
    for own, key in (("false", "url"), ("true", "url-geo")):
        manifests = render(*PRODUCTION, "--set", f"broker.perService={own}")
        (geo,) = pods(manifests)["mesto-geo"]["spec"]["containers"]
        assert environment(geo)["MESTO_BROKER_URL"] == ("mq", key)


def test_existing_secrets_are_used_and_nothing_is_generated() -> None:
    chosen = "database.existingSecret=a,broker.existingSecret=b,internalKeys.existingSecret=c,authKeys.existingSecret=d"
    chosen += ",scrapyd.existingSecret=e"
    manifests = render(*TRIAL, "--set", chosen)
    assert not of_kind(manifests, "Secret")
    used = set()
    for pod in pods(manifests).values():
        used |= {
            value[0] for container in containers(pod) for value in environment(container).values() if _is_pair(value)
        }
        used |= {volume["secret"]["secretName"] for volume in pod["spec"]["volumes"] if "secret" in volume}
    assert used == {"a", "b", "c", "d", "e"}


def test_without_a_cluster_nothing_is_generated_silently() -> None:
    done = template(*TRIAL)
    assert done.returncode != 0
    assert "so secrets that exist cannot be kept" in done.stderr
    assert template(*TRIAL, "--set", "secrets.generate=false").returncode == 0


def test_an_external_database_with_an_administrator_gets_its_roles_from_the_job() -> None:
    manifests = render(
        *("-f", str(CHART / "values-production.yaml"), "--set", "ingress.host=m.example.org"),
        *("--set", "database.host=db.example.org,database.adminSecret=admin,broker.existingSecret=mq"),
    )
    (roles,) = pods(manifests)["mesto-migrate-1"]["spec"]["initContainers"]
    assert environment(roles)["MESTO_ADMIN_DATABASE_URL"] == ("admin", "admin-url")
    assert environment(roles)["PGSSLMODE"] == "verify-full"
    url = b64decode(of_kind(manifests, "Secret")["mesto-database"]["data"]["geo-url"]).decode()
    assert url.startswith("postgresql+asyncpg://mesto_geo:")
    assert url.endswith("@db.example.org:5432/mesto")


def test_mails_go_out_by_tls_with_user_and_password_of_a_secret() -> None:
    told = "mail.smtp.existingSecret=smtp,mail.smtp.caSecret=smtp-ca,mail.smtp.usernameKey=user"
    found = pods(render(*PRODUCTION, "--set", told))
    (worker,) = found["mesto-notifications-worker"]["spec"]["containers"]
    given = environment(worker)
    assert given["MESTO_NOTIFICATIONS_SMTP_USERNAME"] == ("smtp", "user")
    assert given["MESTO_NOTIFICATIONS_SMTP_PASSWORD"] == ("smtp", "password")
    assert (given["MESTO_NOTIFICATIONS_SMTP_TLS"], given["MESTO_NOTIFICATIONS_SMTP_PORT"]) == ("starttls", "587")
    ca = given["MESTO_NOTIFICATIONS_SMTP_CA"]
    mounted = {mount["name"]: mount["mountPath"] for mount in worker["volumeMounts"]}
    assert ca == f"{mounted['mail-ca']}/ca.crt"
    # Only the worker sends; nobody else gets the password.
    others = [
        environment(container)
        for name, pod in found.items()
        if "notifications-worker" not in name
        for container in containers(pod)
    ]
    assert not any("MESTO_NOTIFICATIONS_SMTP_PASSWORD" in variables for variables in others)


def test_a_password_for_mails_needs_tls() -> None:
    done = template(
        *TRIAL, "--set", "secrets.offline=true,mail.smtp.host=smtp,mail.smtp.existingSecret=smtp,mail.smtp.tls=none"
    )
    assert done.returncode != 0
    assert "set mail.smtp.tls to starttls or implicit" in done.stderr


def test_the_toolbox_has_the_key_of_the_command_and_no_other_and_rests(manifests: list[Manifest]) -> None:
    toolbox = of_kind(manifests, "Deployment")["mesto-toolbox"]
    assert toolbox["spec"]["replicas"] == 0
    pod = toolbox["spec"]["template"]
    (keys,) = [volume["secret"] for volume in pod["spec"]["volumes"] if volume["name"] == "keys"]
    assert [item["key"] for item in keys["items"] if item["key"].endswith(".key.pem")] == ["cli.key.pem"]
    (container,) = containers(pod)
    told = {variable["name"] for variable in container["env"]}
    assert {f"MESTO_{service.upper()}_INTERNAL_URL" for service in SERVICES} <= told
    assert not [name for name in told if "DATABASE" in name or "BROKER" in name]
