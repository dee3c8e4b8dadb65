"""Rows of catalog become manifests that make just these rows again."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from mesto.cli import export
from mesto.contracts.spaces import StoredSpace
from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceSpec, minutes
from mestolocal.paths import REPO
from support.clients.spaces import SPACE
from support.servers.catalog import spec_of

EXAMPLES = sorted((REPO / "examples" / "spaces").glob("*.yaml"))
ID = UUID(int=7)


def row(declared: dict[str, Any], **facts: Any) -> StoredSpace:
    known = {"space_id": ID, "namespace": "moscow", "name": "loft", "slug": "loft", "managed": True}
    return StoredSpace.model_validate(known | facts | {"spec": declared})


def of(resource: dict[str, Any]) -> StoredSpace:
    """The row that catalog makes of a resource."""
    declared = CoworkingSpaceSpec.model_validate(resource["spec"]).to_contract().model_dump(mode="json")
    metadata = resource["metadata"]
    name = metadata["name"]
    return row(declared, name=name, slug=resource["spec"].get("slug", name))


def again(space: StoredSpace) -> dict[str, Any]:
    """What catalog would be told by the exported manifest."""
    spec = CoworkingSpaceSpec.model_validate(export.manifest(space, adopt=False)["spec"])
    return spec.to_contract().model_dump(mode="json")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_exported_example_makes_the_same_row(file: Path) -> None:
    for resource in yaml.safe_load_all(file.read_text("utf-8")):
        if resource["kind"] == "CoworkingSpace":
            space = of(resource)
            assert again(space) == space.spec


def test_everything_that_may_be_declared_comes_back() -> None:
    resource = copy.deepcopy(SPACE)
    resource["spec"] |= {
        "slug": "another-slug",
        "description": {},
        "exceptions": [
            {"date": "2027-01-01", "closed": True},
            {"date": "2026-12-31", "open": "10:00", "close": "16:00"},
        ],
        "photos": [{"url": "https://images.example.org/loft.jpg", "caption": {"en": "Main room"}}],
        "contacts": {"phone": "+74951234567", "website": "https://loft.example.org"},
        "owner": {"email": "owner@example.org"},
        "booking": {
            "approval": "Owner",
            "cancellation": [
                {"before": "26h30m", "refundPercent": 100},
                {"before": "2h", "refundPercent": 50},
                {"before": "45m", "refundPercent": 10},
                {"before": "0m", "refundPercent": 0},
            ],
        },
        "published": False,
    }
    kinds = ("HotDesk", "DedicatedDesk", "MeetingRoom", "Office", "EventSpace")
    resource["spec"]["resources"] = [
        {
            "name": f"part-{number}",
            "kind": kind,
            "seats": 2,
            "prices": [{"per": per, "amount": "10.50", "currency": "RUB"} for per in ("Hour", "Day", "Month")],
            "slotMinutes": 15,
            "bufferMinutes": 5,
            "minNoticeMinutes": 10,
            "maxAdvanceDays": 30,
        }
        for number, kind in enumerate(kinds)
    ]
    space = of(resource)
    assert again(space) == space.spec
    found = export.manifest(space, adopt=False)
    assert {"description", "slug", "owner"} < set(found["spec"])
    assert found["spec"]["booking"] == resource["spec"]["booking"]
    assert found["spec"]["resources"] == resource["spec"]["resources"]


def test_an_empty_policy_is_not_a_policy_that_is_left_out() -> None:
    for booking in (None, {}, {"cancellation": []}):
        space = row(spec_of(booking=booking))
        assert export.manifest(space, adopt=False)["spec"].get("booking") == booking


@pytest.mark.parametrize("count", [0, 1, 59, 60, 61, 24 * 60, 525_600])
def test_durations_are_written_as_they_are_read(count: int) -> None:
    assert minutes(export.duration(count)) == count


def test_only_what_nobody_manages_is_annotated_for_its_adoption() -> None:
    left = row(spec_of(published=False), managed=False)
    assert export.manifest(left, adopt=True)["metadata"]["annotations"] == {"mesto.dev/adopt": str(ID)}
    assert "annotations" not in export.manifest(left, adopt=False)["metadata"]
    assert "annotations" not in export.manifest(row(spec_of()), adopt=True)["metadata"]


def test_a_row_that_no_resource_can_declare_is_named_and_left_out() -> None:
    spaces = [
        row(spec_of(), name="b"),
        row(spec_of(location={"latitude": 95, "longitude": 0}), name="c"),
        row(spec_of(), name="a"),
        row(spec_of(city="Moscow!"), name="d"),
    ]
    good, bad = export.manifests_of(spaces, adopt=False)
    assert [resource["metadata"]["name"] for resource in good] == ["a", "b"]
    assert [line.split(" ")[0] for line in bad] == ["moscow/c", "moscow/d"]
    assert "location.latitude" in bad[0]
