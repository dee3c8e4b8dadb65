"""The texts of a PlatformConfig against a real API server: what is declared is what auth shows."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from mesto.contracts.platform_texts import text_version
from mestolocal.paths import PlatformError
from support.clients.spaces import conditions
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
Manifest = dict[str, Any]
SOURCE = {"name": "mesto-texts", "ruKey": "terms.ru.md", "enKey": "terms.en.md"}
WORDS = {"terms.ru.md": "# Условия\n", "terms.en.md": "# Terms\n"}
FROM_CONFIG_MAP = {"name": "Terms", "configMap": SOURCE, "requiredToRegister": True}


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    env = {
        "MESTO_OPERATOR_REFUSED_SECONDS": "2",
        "MESTO_OPERATOR_CONFIG_MAP_SECONDS": "1",
        "MESTO_AUDIT_TIME": "",
    }
    return new_platform(*SERVICES, "operator", env=env)


def manifest(*texts: Manifest, name: str = "default") -> Manifest:
    metadata = {"name": name, "namespace": "mesto"}
    return {
        "apiVersion": "mesto.dev/v1alpha1",
        "kind": "PlatformConfig",
        "metadata": metadata,
        "spec": {"texts": list(texts)},
    }


def config_map(words: dict[str, str]) -> Manifest:
    metadata = {"name": "mesto-texts", "namespace": "mesto"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": words}


def published(stage: Platform, status: str, reason: str, say: str = "") -> Manifest:
    """The resource once it says this of its texts."""

    def condition_reached() -> Manifest:
        resource = stage.resource("mpc", "default", "mesto")
        found = conditions(resource).get("Published", {})
        generation = resource["metadata"]["generation"]
        told = (found.get("status"), found.get("reason"), found.get("observedGeneration"))
        assert told == (status, reason, generation), found
        assert say in found["message"], found
        return resource

    return eventually(condition_reached, f"Published is {status} {reason} {say}")


def shown(stage: Platform) -> dict[str, tuple[str, bool]]:
    """The versions that auth shows, and whether they are required."""
    answer = httpx.get(f"{stage.url('auth')}/api/auth/texts", timeout=30, trust_env=False)
    return {text["name"]: (text["version"], text["required_to_register"]) for text in answer.json()["items"]}


def test_what_is_declared_is_shown_follows_its_config_map_and_goes_with_its_declaration(stage: Platform) -> None:
    about = {"name": "About", "en": "# Who we are\n\nMesto Demo."}
    stage.apply("mesto", config_map(WORDS), manifest(FROM_CONFIG_MAP, about))
    resource = published(stage, "True", "Published", "2 texts")
    terms = text_version(*WORDS.values())
    assert shown(stage) == {"terms": (terms, True), "about": (text_version(None, about["en"]), False)}
    assert resource["status"]["texts"][0] == {"name": "Terms", "version": terms, "message": ""}
    assert conditions(resource)["Ready"]["status"] == "True"

    changed = WORDS | {"terms.en.md": "# Terms\n\nAnother edition.\n"}
    stage.apply("mesto", config_map(changed))
    eventually(lambda: shown(stage)["terms"][0] == text_version(*changed.values()), "auth shows what it says now")
    page = httpx.get(
        f"{stage.url('auth')}/api/auth/texts/terms", params={"version": terms}, timeout=30, trust_env=False
    )
    assert page.json()["current"] is False

    stage.apply("mesto", manifest(FROM_CONFIG_MAP))
    eventually(lambda: list(shown(stage)) == ["terms"], "what is declared no more is shown no more")
    stage.delete("mpc", "default", "mesto")
    assert list(shown(stage)) == ["terms"], "a platform whose policy is gone goes on as it was"


def test_a_missing_config_map_or_key_is_told_and_what_was_shown_stays(stage: Platform) -> None:
    stage.apply("mesto", config_map(WORDS), manifest(FROM_CONFIG_MAP))
    published(stage, "True", "Published")
    before = shown(stage)
    stage.apply("mesto", config_map({"terms.ru.md": "# Другие"}))
    found = published(stage, "False", "KeyNotFound", 'has no key "terms.en.md". Its keys: terms.ru.md.')
    assert found["status"]["texts"][0]["version"] == before["terms"][0]
    assert conditions(found)["Ready"]["status"] == "True", "the rest of the policy is applied"
    stage.delete("cm", "mesto-texts", "mesto")
    published(stage, "False", "ConfigMapNotFound", 'there is no ConfigMap "mesto-texts" in the namespace mesto')
    assert shown(stage) == before

    def told() -> bool:
        return any("ConfigMapNotFound" in str(event) for event in stage.resources("events", "mesto"))

    eventually(told, "an Event says it")
    stage.apply("mesto", config_map(WORDS | {"terms.ru.md": "# Другие"}))
    published(stage, "True", "Published")
    assert shown(stage) != before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ({"name": "Imprint", "en": "x"}, "Unsupported value"),
        ({"name": "Terms"}, "write the text either here"),
        ({"name": "Terms", "en": "x", "configMap": SOURCE}, "write the text either here"),
        ({"name": "Terms", "en": " "}, "write the text, or leave the language out"),
        ({"name": "Terms", "configMap": {"name": "a"}}, "write ruKey, enKey or both"),
        ({"name": "Terms", "configMap": {"name": "A b", "enKey": "x"}}, "write the name of a ConfigMap"),
        ({"name": "Help", "en": "x", "requiredToRegister": True}, "only Terms, Privacy and OwnerTerms are agreed to"),
        ({"name": "Terms", "en": "x" * 50_001}, "50000"),
    ],
)
def test_the_api_server_says_what_to_write(stage: Platform, text: Manifest, sentence: str) -> None:
    with pytest.raises(PlatformError, match=re.escape(sentence)):
        stage.apply("mesto", manifest(text, name="wrong"))


def test_no_text_is_declared_twice(stage: Platform) -> None:
    twice = ({"name": "Help", "en": "a"}, {"name": "Help", "en": "b"})
    with pytest.raises(PlatformError, match="duplicate entries for key"):
        stage.apply("mesto", manifest(*twice, name="wrong"))
