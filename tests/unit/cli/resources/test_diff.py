"""What `mesto diff` says of a change."""

from __future__ import annotations

from typing import Any

from mesto.cli import diff


def space(spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    known = {"name": "loft", "namespace": "moscow", "uid": "1", "generation": 3} | metadata
    return {"kind": "CoworkingSpace", "metadata": known, "spec": spec, "status": {"slug": "loft"}}


def test_each_field_that_differs_is_named_by_its_path() -> None:
    before = space(
        {"city": "moscow", "title": {"ru": "Лофт"}, "resources": [{"name": "desk", "seats": 3}, {"name": "b"}]}
    )
    after = space(
        {"city": "moscow", "title": {"ru": "Лофт", "en": "Loft"}, "resources": [{"name": "desk", "seats": 2}]}
    )
    assert diff.changes(before, after) == [
        'spec.title.en: + "Loft"',
        "spec.resources[0].seats: 3 → 2",
        'spec.resources[1]: - {"name": "b"}',
    ]


def test_what_the_servers_write_is_no_difference() -> None:
    own = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    before, after = space({"city": "moscow"}), space({"city": "moscow"}, generation=4, annotations=own)
    assert diff.changes(before, after | {"status": {}}) == []
    paused = space({"city": "moscow"}, annotations={"mesto.dev/paused": "true"})
    assert diff.changes(before, paused) == ['metadata.annotations.mesto.dev/paused: + "true"']


def test_stranded_bookings_are_counted_and_the_first_named() -> None:
    booking = {
        "booking_id": "7",
        "resource": "desk",
        "seats": 1,
        "start": "19:00",
        "end": "21:00",
        "status": "confirmed",
    }
    found = {"kind": "CoworkingSpace", "namespace": "moscow", "name": "loft", "action": "change", "changes": ["spec.a"]}
    assert list(diff.lines(found | {"affected": {"affected": 2, "bookings": [booking], "seconds": 60}})) == [
        "CoworkingSpace moscow/loft would change",
        "  spec.a",
        "  It would wait for its acceptance: bookings stranded, 2:",
        "    7 desk, seats 1, 19:00 – 21:00, confirmed",
        "    …",
    ]
    assert list(diff.lines(found | {"affected": {"affected": 0, "bookings": [], "seconds": None}}))[-1] == (
        "  It would strand no booking."
    )
    assert "not known: Away." in list(diff.lines(found | {"affected": {"unknown": "Away."}}))[-1]
