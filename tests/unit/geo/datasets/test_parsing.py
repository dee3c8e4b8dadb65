"""Outlines of districts, as they come."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from mesto.common.errors import Problem
from mesto.geo.datasets.parsing import BadFeature, outline, prepare


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(place) for place in ring]]}


def test_an_outline_over_the_180th_meridian_is_refused_and_one_that_ends_there_is_not() -> None:
    over = polygon((179, -17), (-179, -17), (-179, -16), (179, -16), (179, -17))
    with pytest.raises(BadFeature, match="crosses the 180th meridian"):
        outline(over)
    with pytest.raises(BadFeature, match="crosses the 180th meridian"):
        outline({"type": "MultiPolygon", "coordinates": [over["coordinates"]]})
    area, repaired = outline(polygon((179, -17), (180, -17), (180, -16), (179, -16), (179, -17)))
    assert (area.bounds, repaired) == ((179, -17, 180, -16), False)


@pytest.mark.parametrize("geometry", [{"type": "topsecret"}, {"topsecret": 1}, {"type": "Point", "topsecret": 1}, 7])
def test_no_word_of_a_feature_is_in_its_refusal(geometry: Any) -> None:
    feature = {"name": {"en": "topsecret"}, "geometry": geometry}
    body = {"type": "districts", "city": "moscow", "features": [feature]}
    with pytest.raises(Problem) as refused:
        prepare(orjson.dumps(body))
    assert "topsecret" not in f"{refused.value.detail} {refused.value.errors}"
    assert "feature 1: " in f"{refused.value.detail}"
