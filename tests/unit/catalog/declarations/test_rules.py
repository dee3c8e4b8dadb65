"""Whose row a declaration may write."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from mesto.catalog.declarations.rules import Claim, ClaimRefused, SlugOwner, resolve_claim

ONE, TWO, SPACE, OTHER_SPACE = (UUID(int=number) for number in range(1, 5))
CLAIM = Claim(uid=ONE, namespace="moscow", name="loft", generation=3, slug="loft", adopt=None)
OWN = SlugOwner(id=SPACE, uid=ONE, namespace="moscow", name="loft", generation=3, slug="loft", managed=True)
FOREIGN = replace(OWN, id=OTHER_SPACE, uid=TWO, namespace="berlin", name="attic")
NEIGHBOUR = replace(FOREIGN, namespace="moscow")


def refused(claim: Claim, *rows: SlugOwner) -> ClaimRefused:
    with pytest.raises(ClaimRefused) as error:
        resolve_claim(claim, list(rows))
    return error.value


def test_free_slug_makes_a_new_row() -> None:
    assert resolve_claim(CLAIM, []) is None


def test_the_same_uid_writes_its_row_at_the_same_or_a_higher_generation() -> None:
    assert resolve_claim(CLAIM, [OWN]) is OWN
    assert resolve_claim(replace(CLAIM, generation=4), [OWN]) is OWN


def test_a_lower_generation_is_stale() -> None:
    assert refused(replace(CLAIM, generation=2), OWN).slug == "stale-generation"


def test_a_foreign_slug_is_a_conflict_that_names_its_holder() -> None:
    error = refused(CLAIM, FOREIGN)
    assert (error.slug, error.space_id) == ("slug-conflict", None)
    assert "berlin/attic" in error.detail
    assert refused(CLAIM, NEIGHBOUR).space_id == OTHER_SPACE


def test_adopt_never_takes_a_managed_row() -> None:
    assert refused(replace(CLAIM, adopt=OTHER_SPACE), FOREIGN).slug == "slug-conflict"


def test_a_change_of_slug_is_allowed_only_to_a_free_one() -> None:
    moved = replace(OWN, slug="old-loft")
    assert resolve_claim(CLAIM, [moved]) is moved
    assert refused(CLAIM, moved, FOREIGN).slug == "slug-conflict"
    assert refused(replace(CLAIM, adopt=OTHER_SPACE), moved, replace(FOREIGN, managed=False)).slug == "slug-conflict"


def test_two_that_would_swap_their_slugs_are_told_the_way() -> None:
    moved = replace(OWN, slug="old-loft")
    assert "to get old-loft in return, give it a third slug first" in refused(CLAIM, moved, FOREIGN).detail
    assert "in return" not in refused(CLAIM, FOREIGN).detail


def test_an_id_that_cannot_be_adopted_makes_no_new_space() -> None:
    claim = replace(CLAIM, slug="new-loft", adopt=OTHER_SPACE)
    unknown = refused(claim)
    assert (unknown.slug, unknown.space_id) == ("adopt-unknown", None)
    assert f"no space has the id {OTHER_SPACE}" in unknown.detail
    managed = refused(claim, NEIGHBOUR)
    assert managed.slug == "slug-conflict"
    assert "moscow/attic, a resource that manages it" in managed.detail


def test_a_retained_row_goes_back_to_its_namespace_and_name() -> None:
    retained = replace(OWN, uid=TWO, managed=False, generation=9)
    assert resolve_claim(CLAIM, [retained]) is retained


LEFT = [{"managed": False}, {"missing": True}]
"""Retained, or its resource was lost without the operator seeing it."""


@pytest.mark.parametrize("left", LEFT)
def test_a_row_that_was_left_goes_to_another_of_its_namespace_only_by_its_id(left: dict[str, Any]) -> None:
    row = replace(NEIGHBOUR, **left)
    error = refused(CLAIM, row)
    assert error.slug == "adopt-needed"
    assert str(OTHER_SPACE) in error.detail
    assert refused(replace(CLAIM, adopt=SPACE), row).slug == "adopt-needed"
    assert resolve_claim(replace(CLAIM, adopt=OTHER_SPACE), [row]) is row


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("adopt", [None, OTHER_SPACE])
def test_an_id_proves_nothing_to_another_namespace_and_no_message_shows_it(
    left: dict[str, Any], adopt: UUID | None
) -> None:
    error = refused(replace(CLAIM, adopt=adopt), replace(FOREIGN, **left))
    assert (error.slug, error.space_id) == ("slug-conflict", None)
    assert str(OTHER_SPACE) not in error.detail
    assert "berlin" not in error.detail
    assert "attic" not in error.detail, "it names a resource that is not there"
    assert 'mesto.dev/release-to: "moscow/loft"' in error.detail


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("slug", ["loft", "attic"])
def test_a_row_crosses_namespaces_when_its_side_has_released_it_to_just_this_resource(
    left: dict[str, Any], slug: str
) -> None:
    row = replace(FOREIGN, slug=slug, release_to="moscow/loft", **left)
    assert resolve_claim(CLAIM, [row]) is row
    other = replace(row, release_to="moscow/attic")
    assert refused(replace(CLAIM, adopt=OTHER_SPACE), other).slug == "slug-conflict"


def test_a_release_counts_once_the_row_was_left() -> None:
    assert refused(CLAIM, replace(FOREIGN, release_to="moscow/loft")).slug == "slug-conflict"


def test_a_foreign_row_under_another_slug_is_not_adopted_and_no_second_space_is_made() -> None:
    row = replace(FOREIGN, managed=False, slug="attic")
    error = refused(replace(CLAIM, adopt=OTHER_SPACE), row)
    assert (error.slug, error.space_id) == ("slug-conflict", None)


def test_a_row_that_was_left_can_be_adopted_under_another_slug() -> None:
    retained = replace(NEIGHBOUR, managed=False, slug="attic")
    assert resolve_claim(replace(CLAIM, adopt=OTHER_SPACE), [retained]) is retained
    assert resolve_claim(CLAIM, []) is None
    assert refused(replace(CLAIM, adopt=OTHER_SPACE), retained, replace(FOREIGN, id=SPACE)).slug == "slug-conflict"


def test_a_successor_of_the_same_name_takes_over_from_a_resource_that_cannot_exist_any_more() -> None:
    orphan = replace(OWN, uid=TWO, generation=7)
    assert resolve_claim(CLAIM, [orphan]) is orphan
