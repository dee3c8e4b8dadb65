"""The one vocabulary of amenities has both languages for every slug that examples, the import and demo data use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from mesto.contracts.amenities import AMENITIES, amenity_label, amenity_labels
from mesto.contracts.fields import Slug
from pydantic import TypeAdapter

REPO = Path(__file__).resolve().parents[3]
SPACES = sorted((REPO / "examples" / "spaces").glob("*.yaml"))


@pytest.mark.parametrize("slug", sorted(AMENITIES))
def test_every_slug_has_a_label_in_both_languages(slug: str) -> None:
    TypeAdapter(Slug).validate_python(slug)
    assert set(AMENITIES[slug]) == {"ru", "en"}
    assert slug in ("wifi",) or re.search("[а-я]", AMENITIES[slug]["ru"])


def test_no_two_slugs_have_the_same_label() -> None:
    for language in ("ru", "en"):
        labels = [words[language] for words in AMENITIES.values()]
        assert len(set(labels)) == len(labels)


def test_what_the_examples_declare_is_known() -> None:
    declared = {
        slug
        for file in SPACES
        for document in yaml.safe_load_all(file.read_text())
        if document and document["kind"] == "CoworkingSpace"
        for slug in document["spec"].get("amenities", [])
    }
    assert declared
    assert declared <= set(AMENITIES)


def test_an_unknown_slug_is_shown_readable() -> None:
    assert amenity_label("roof-garden", "ru") == "Roof garden"
    labels = amenity_labels(["coffee", "roof-garden"], "ru")
    assert [(label.slug, label.label) for label in labels] == [("coffee", "Кофе"), ("roof-garden", "Roof garden")]
