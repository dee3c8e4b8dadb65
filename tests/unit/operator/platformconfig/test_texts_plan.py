"""The texts of a PlatformConfig: what they say, what auth is told, and what the resource says of those that fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from mesto.contracts.platform_texts import TextName, TextState, text_version
from mesto.contracts.policy import MODELS, ConfigurationState, fingerprint
from mesto.operator.controller import WriteStatus
from mesto.operator.kinds.platformconfig.plan import SERVICES, Answer, Observed, parse, plan
from mesto.operator.kinds.platformconfig.texts import DeliverText, SeenTexts, TextFault, WithdrawText

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
UID = uuid4()
SOURCE = {"name": "words", "ruKey": "terms.ru", "enKey": "terms.en"}
WORDS = {"terms.ru": "# Условия", "terms.en": "# Terms"}


def resource(*texts: dict[str, Any], status: dict[str, Any] | None = None) -> dict[str, Any]:
    metadata = {"uid": str(UID), "namespace": "mesto", "name": "default", "generation": 2, "resourceVersion": "1"}
    return {"metadata": metadata, "spec": {"texts": list(texts)}} | ({"status": status} if status else {})


def state(name: TextName, version: str, *, required: bool = False, uid: UUID = UID) -> TextState:
    return TextState(name=name, version=version, required_to_register=required, uid=uid, generation=1)


def seen(*shown: TextState, **fields: Any) -> SeenTexts:
    return SeenTexts("mesto", shown={text.name: text for text in shown}, **fields)


def observed(texts: SeenTexts | None) -> Observed:
    """All services run with what is declared."""
    told = {
        name: Answer(ConfigurationState(uid=UID, generation=2, fingerprint=fingerprint(MODELS[name]())))
        for name in SERVICES
    }
    return Observed(answers=told, texts=texts)


def step(declared: dict[str, Any], texts: SeenTexts | None) -> Any:
    return plan(parse(declared, "mesto"), observed(texts), NOW)  # type: ignore[arg-type]


def written(declared: dict[str, Any], texts: SeenTexts) -> tuple[dict[str, Any], dict[str, Any]]:
    """The condition, and the first of the texts, of the status that is written."""
    action = step(declared, texts)
    assert isinstance(action, WriteStatus), action
    conditions = {item["type"]: item for item in action.status["conditions"]}
    assert conditions["Ready"]["status"] == "True"
    return conditions.get("Published", {}), dict((action.status.get("texts") or [{}])[0])  # type: ignore[call-overload]


def test_what_differs_is_told_and_what_does_not_is_left_alone() -> None:
    inline = {"name": "OwnerTerms", "en": "# Terms", "requiredToRegister": True}
    action = step(resource(inline), seen())
    assert isinstance(action, DeliverText)
    assert (action.text.name, action.text.required, action.content.en) == ("owner_terms", True, "# Terms")
    version = text_version(None, "# Terms")
    for shown in (state("owner_terms", version), state("owner_terms", "0" * 12, required=True)):
        assert isinstance(step(resource(inline), seen(shown)), DeliverText)
    condition, text = written(resource(inline), seen(state("owner_terms", version, required=True)))
    assert (condition["status"], condition["reason"]) == ("True", "Published")
    assert text == {"name": "OwnerTerms", "version": version, "message": ""}


def test_a_text_is_read_from_its_config_map() -> None:
    declared = resource({"name": "Terms", "configMap": SOURCE})
    action = step(declared, seen(config_maps={"words": WORDS}))
    assert isinstance(action, DeliverText)
    assert (action.content.ru, action.content.en) == ("# Условия", "# Terms")
    assert action.content.version == text_version("# Условия", "# Terms")
    only_one = resource({"name": "Terms", "configMap": {"name": "words", "enKey": "terms.en"}})
    action = step(only_one, seen(config_maps={"words": WORDS}))
    assert (action.content.ru, action.content.en) == (None, "# Terms")


@pytest.mark.parametrize(
    ("config_map", "reason", "sentence"),
    [
        (None, "ConfigMapNotFound", 'Terms: there is no ConfigMap "words" in the namespace mesto.'),
        ({"terms.ru": "a"}, "KeyNotFound", 'has no key "terms.en". Its keys: terms.ru.'),
        ({}, "KeyNotFound", 'has no key "terms.ru". Its keys: none.'),
        ({"terms.ru": "a" * 50_001, "terms.en": "b"}, "TextTooLong", "the text in Russian is longer than 50000"),
        ({"terms.ru": " ", "terms.en": "\n"}, "TextEmpty", "no words"),
    ],
)
def test_a_text_that_cannot_be_read_is_told_by_a_sentence_and_the_old_one_stays(
    config_map: dict[str, str] | None, reason: str, sentence: str
) -> None:
    declared = resource({"name": "Terms", "configMap": SOURCE}, {"name": "Help", "en": "Help."})
    shown = (state("terms", "0" * 12), state("help", text_version(None, "Help.")))
    condition, text = written(declared, seen(*shown, config_maps={"words": config_map}))
    assert (condition["status"], condition["reason"]) == ("False", reason)
    assert sentence in condition["message"]
    assert condition["message"].endswith("What was shown before stays.")
    assert (text["version"], sentence in text["message"]) == ("0" * 12, True)


def test_one_text_that_fails_hinders_no_other() -> None:
    declared = resource({"name": "Terms", "configMap": SOURCE}, {"name": "Help", "en": "Help."})
    action = step(declared, seen(config_maps={"words": None}))
    assert isinstance(action, DeliverText)
    assert action.text.name == "help"


def test_what_is_declared_no_more_is_withdrawn() -> None:
    assert step(resource(), seen(state("help", "0" * 12))) == WithdrawText("help")
    assert written(resource(), seen()) == ({}, {})


def test_what_auth_refuses_is_told_once_and_named() -> None:
    declared = resource({"name": "Help", "en": "Help."})
    refused = seen(refused={"help": TextFault("TextRefused", "Help: no.")})
    condition, text = written(declared, refused)
    assert (condition["reason"], text["message"]) == ("TextRefused", "Help: no.")
    mute = seen(fault=TextFault("AuthRefused", "auth does not tell."))
    condition, _ = written(declared, mute)
    assert condition["message"] == "auth does not tell. What was shown before stays."


def test_a_resource_that_does_not_count_touches_no_text() -> None:
    for change in ({"name": "second"}, {"annotations": {"mesto.dev/paused": "true"}}):
        declared = resource({"name": "Help", "en": "Help."})
        declared["metadata"] |= change
        assert isinstance(step(declared, seen(state("terms", "0" * 12))), WriteStatus)


def test_while_nothing_is_known_of_texts_their_status_stays() -> None:
    declared = resource({"name": "Help", "en": "Help."})
    version = text_version(None, "Help.")
    first = step(declared, seen(state("help", version)))
    before = resource({"name": "Help", "en": "Help."}, status=first.status)
    assert plan(parse(before, "mesto"), replace(observed(None), unreachable="auth"), NOW) is None  # type: ignore[arg-type]
    assert step(before, None) is None
