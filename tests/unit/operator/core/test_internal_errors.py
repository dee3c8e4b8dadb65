"""What nobody has foreseen is told on the resource, with the id under which the log has it, and tried again."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest
from mesto.common.observability import request_context
from mesto.operator.cache import Key, ResourceCache, StateCache
from mesto.operator.controller import Controller, ControllerContext, RemoveFinalizer
from mesto.operator.kinds.coworkingspace.apply import Spaces
from mesto.operator.kinds.geodataset.apply import Datasets
from mesto.operator.kinds.platformconfig.apply import Configs
from mesto.operator.kinds.scrapetarget.apply import Targets
from mesto.operator.queue import WorkQueue

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
Resource = dict[str, Any]


class Stage:
    """A resource in the cache, and an API server that only stores statuses; ``events`` are reason and message."""

    def __init__(self, status: Resource | None = None) -> None:
        self.cache, self.events, self.writes = ResourceCache(), [], 0  # type: ignore[var-annotated]
        self.resource: Resource = {
            "metadata": {
                "uid": str(uuid4()),
                "namespace": "moscow",
                "name": "one",
                "generation": 2,
                "resourceVersion": "1",
                "creationTimestamp": "2026-11-25T12:00:00Z",
            },
            "spec": {},
            "status": status or {},
        }
        self.context = ControllerContext(
            cast(Any, self), self.cache, cast(Any, self), WorkQueue[Key](), now=lambda: NOW
        )

    def key(self, controller: Controller[Any, Any]) -> Key:
        key = Key(controller.kind.plural, "moscow", "one")
        self.cache.update(key.plural, copy.deepcopy(self.resource))
        return key

    async def set_status(self, plural: str, resource: Resource, status: Resource) -> Resource:
        self.writes += 1
        version = str(int(resource["metadata"]["resourceVersion"]) + 1)
        self.resource = resource | {"status": status, "metadata": resource["metadata"] | {"resourceVersion": version}}
        return copy.deepcopy(self.resource)

    def event(self, resource: Resource, kind: str, type_: str, reason: str, message: str, action: str) -> Resource:
        self.events.append((reason, message))
        return {}

    def record(self, name: str, write: Any) -> None: ...

    async def publish_event(self, event: Resource) -> None: ...

    def conditions(self) -> dict[str, tuple[str, str, str]]:
        found = self.resource["status"]["conditions"]
        return {
            condition["type"]: (condition["status"], condition["reason"], condition["message"]) for condition in found
        }


def controllers(context: ControllerContext) -> list[Controller[Any, Any]]:
    nothing = cast(Any, None)
    return [
        Spaces(context, nothing, StateCache(), 120),
        Datasets(context, nothing, 120),
        Configs(context, {}, "mesto", 120, 30),
        Targets(context, nothing, None, 5, 60),
    ]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("where", ["parse", "observe", "plan", "requeue_after", "execute"])
async def test_whatever_fails_in_whatever_kind_the_resource_says_so(
    number: int, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage()
    controller = controllers(stage.context)[number]
    key = stage.key(controller)
    monkeypatch.setattr(controller, "observe", lambda *_: cast(Any, type("O", (), {"force": False})()))
    monkeypatch.setattr(controller, "parse", lambda *_: cast(Any, type("W", (), {"paused": False})()))
    monkeypatch.setattr(controller, "plan", lambda *_: None if where == "requeue_after" else "something")

    def fail(*_: Any) -> Any:
        raise KeyError("topsecret")

    monkeypatch.setattr(controller, where, fail)
    request_context.request_id.set("0123abc")
    for _ in range(3):
        with pytest.raises(KeyError):
            await controller.reconcile(key)
    assert stage.writes == 1  # not once for each attempt
    told = stage.conditions()
    assert {(name, *condition[:2]) for name, condition in told.items()} == {
        ("Ready", "False", "InternalError"),
        ("Synced", "False", "InternalError"),
    }
    assert "0123abc" in told["Ready"][2]
    assert "topsecret" not in str(stage.resource)
    assert [reason for reason, _ in stage.events] == ["InternalError"]


async def test_what_was_applied_stays_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"status": "True", "message": "", "observedGeneration": 2, "lastTransitionTime": "2026-11-25T11:00:00Z"}
    ready, other = known | {"type": "Ready", "reason": "Ready"}, known | {"type": "Bookable", "reason": "Bookable"}
    stage = Stage({"conditions": [ready, other, {"type": "Odd", "status": "odd"}], "slug": "one"})
    controller = controllers(stage.context)[0]
    key = stage.key(controller)

    def fail(*_: Any) -> Any:
        raise KeyError("x")

    monkeypatch.setattr(controller, "parse", fail)
    with pytest.raises(KeyError):
        await controller.reconcile(key)
    told = stage.conditions()
    assert {name: condition[1] for name, condition in told.items()} == {
        "Ready": "Ready",
        "Synced": "InternalError",
        "Bookable": "Bookable",
    }
    assert stage.resource["status"]["slug"] == "one"


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("spec", [{}, None, [], "none", 7, {"startUrls": "x", "source": 1, "geo": []}, KeyError])
def test_a_resource_whose_spec_cannot_be_read_can_be_deleted(number: int, spec: Any) -> None:
    stage = Stage()
    controller = controllers(stage.context)[number]
    stage.resource["spec"] = spec
    if spec is KeyError:
        del stage.resource["spec"]
    ours = getattr(controller, "finalizer", "")
    stage.resource["metadata"] |= {"deletionTimestamp": "2026-11-25T12:00:00Z", "finalizers": [ours] if ours else []}
    desired = controller.parse(stage.resource)
    observed = controller.observe(stage.key(controller), desired, None, False)
    action = controller.plan(desired, observed)
    assert type(action).__name__ == ("Remove" if ours else "NoneType")
    assert not ours or isinstance(controller.plan(desired, replace(observed, removed=True)), RemoveFinalizer)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("error", [OverflowError("topsecret"), TypeError("topsecret"), MemoryError()])
def test_a_check_that_fails_is_a_fault_of_the_spec(
    number: int, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    stage = Stage()
    controller = controllers(stage.context)[number]
    monkeypatch.setattr(controller.kind.spec, "model_validate", fail)
    desired: Any = controller.parse(stage.resource)
    fault = desired.declared.fault if number == 0 else desired.fault
    assert f"cannot be checked ({type(error).__name__})" in fault
    assert "topsecret" not in fault
