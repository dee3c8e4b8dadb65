"""What a page costs to open, over the built files' import graph: scripts and styles, compressed; kB of 1,000 bytes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from mestolocal import builds

SEARCH = "src/features/search/pages/SearchPage.vue"
SPACE = "src/features/space/pages/SpacePage.vue"
MAP = "src/ui/MapView.vue"


@pytest.fixture(scope="module")
def built() -> Path:
    return builds.frontend()


@pytest.fixture(scope="module")
def manifest(built: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((built / ".vite/manifest.json").read_text())
    return found


def reached(manifest: dict[str, Any], *chunks: str) -> set[str]:
    """Files that these chunks load before they run: what they import, and what that imports, with the styles."""
    todo, files, seen = list(chunks), set[str](), set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = manifest[name]
        files |= {chunk["file"], *chunk.get("css", [])}
        todo += chunk.get("imports", [])
    return files


def kilobytes(built: Path, files: set[str]) -> float:
    return sum(len(gzip.compress((built / file).read_bytes(), 9)) for file in files) / 1000


@pytest.mark.parametrize(
    ("page", "also", "most"),
    [
        pytest.param(SEARCH, [MAP], 600, id="search-with-its-map"),
        pytest.param(SEARCH, [], 330, id="search-on-a-phone"),
        pytest.param(SPACE, [], 330, id="space-before-the-map"),
    ],
)
def test_a_page_is_no_larger_than_its_budget(
    built: Path, manifest: dict[str, Any], page: str, also: list[str], most: int
) -> None:
    texts = page.rsplit("/", 2)[0] + "/locales/ru.ts"
    size = kilobytes(built, reached(manifest, "index.html", page, texts, *also))
    print(f"{page}: {size:.0f} kB")
    assert size <= most


def test_the_map_is_fetched_by_itself(manifest: dict[str, Any]) -> None:
    for page in ("index.html", SEARCH, SPACE):
        assert manifest[MAP]["file"] not in reached(manifest, page)
