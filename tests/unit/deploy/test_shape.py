"""What lint says of the shape of the code is said of what is there, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import shape


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shape, "REPO", tmp_path)
    for part in shape.MOST_ANY:
        (tmp_path / part).mkdir(parents=True)
    return tmp_path


def write(tree: Path, path: str, text: str) -> list[str]:
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(text)
    return [path]


def test_any_is_counted_where_it_types_something() -> None:
    source = (
        "from typing import (\n    Any,\n    cast,\n)\nimport typing\n\n"
        "# Any comment\ny: int = ''  # type: ignore[assignment]\n"
        "x: dict[str, Any] = {}\n\n\ndef f(a: Any) -> Any:\n    'Any text'\n    return cast(Any, a)\n"
    )
    assert shape.any_count(source) == 5


def test_a_long_file_is_named_unless_it_is_generated(tree: Path) -> None:
    paths = write(tree, "services/mesto/long.py", "x = 1\n" * 401) + write(tree, "frontend/src/a.vue", "\n" * 400)
    paths += write(tree, "frontend/src/api/generated/types.gen.ts", "\n" * 5000) + write(tree, "README.md", "\n" * 900)
    paths += write(tree, "services/mesto/auth/passwords/long.py", "x = 1\n" * 401)
    paths += write(tree, "frontend/long.css", "\n" * 401) + write(tree, "frontend/long.mjs", "\n" * 401)
    named = [fault.split()[0] for fault in shape.long_files(paths)]
    assert named == [
        "services/mesto/long.py",
        "services/mesto/auth/passwords/long.py",
        "frontend/long.css",
        "frontend/long.mjs",
    ]


def test_what_stands_in_the_wrong_file_of_a_room_is_named(tree: Path) -> None:
    (fault,) = shape.misplaced(write(tree, "services/mesto/booking/pricing/rules.py", "import os\n"))
    assert fault.startswith("services/mesto/booking/pricing/rules.py:1 imports os")


def test_too_much_any_is_named_with_where_it_stands(tree: Path) -> None:
    plain = write(tree, "services/mesto/plain.py", "x = 1\n" * 300)
    few = write(tree, "operator/mesto/few.py", "x = 1\n" * 300)
    assert list(shape.untyped(plain + few)) == []
    loose = write(tree, "services/mesto/loose.py", "from typing import Any\n" + "x: Any = 1\n" * 100)
    (fault,) = shape.untyped(plain + few + loose)
    assert "services/mesto/loose.py 100" in fault


def test_what_is_tracked_here_is_looked_through() -> None:
    paths = shape.tracked()
    assert "deploy/shape.py" in paths
    assert len(paths) > 500
