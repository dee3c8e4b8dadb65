"""Faults are told by the manifest's own paths."""

from __future__ import annotations

import pytest
from mesto.operator.kinds.coworkingspace.plan import parse_spec
from mesto.operator.kinds.coworkingspace.spec import RENAMED
from mesto.operator.paths import manifest_path, service_faults
from support.clients.spaces import space


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("opening_hours.1.close", "spec.openingHours[1].close"),
        ("spec.time_zone", "spec.timeZone"),
        ("owner_email", "spec.owner.email"),
        ("booking.cancellation.0.before_minutes", "spec.booking.cancellation[0].before"),
        ("resources.12.prices.0.per", "spec.resources[12].prices[0].per"),
    ],
)
def test_a_services_field_is_told_by_its_place_in_the_manifest(field: str, path: str) -> None:
    assert service_faults([{"field": field, "message": "Wrong."}], RENAMED) == f"{path}: Wrong."


def test_the_whole_spec_has_a_path_too() -> None:
    assert manifest_path(()) == "spec"


def offered(**changes: object) -> str:
    resource = space("loft", **changes)
    resource["metadata"] |= {"uid": "7f1e0a52-9c1d-4f6a-8a39-1b2c3d4e5f60", "namespace": "moscow", "generation": 1}
    return parse_spec(resource).fault


def test_what_our_models_refuse_is_told_by_its_place() -> None:
    assert offered(photos=[{"url": "https://a.example/x.jpg", "caption": {"ru": "я" * 201}}]).startswith(
        "spec.photos[0].caption"
    )


def test_an_adopt_that_is_no_id_is_told_in_our_words() -> None:
    resource = space("loft")
    resource["metadata"] |= {"uid": "7f1e0a52-9c1d-4f6a-8a39-1b2c3d4e5f60", "namespace": "moscow", "generation": 1}
    resource["metadata"]["annotations"] = {"mesto.dev/adopt": "the old loft"}
    assert parse_spec(resource).fault == (
        'mesto.dev/adopt: write the id of a space that was left; "the old loft" is none.'
    )
