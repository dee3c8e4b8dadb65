"""What lint says of the shape of the code: how long files may be, how much is typed ``Any``, what is in a room's files.

python deploy/shape.py      # one line for each fault; ends with 1 when there is any
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import rooms

REPO = Path(__file__).resolve().parent.parent
MOST_LINES = 400
SOURCES = (".py", ".ts", ".mts", ".mjs", ".js", ".vue", ".css", ".go", ".sh")
GENERATED = ("frontend/src/api/generated/",)
MOST_ANY = {
    "services/mesto": 4.0,
    "operator/mesto": 6.0,
}
"""How often the name ``Any`` or an ignored fault of types may stand in 1,000 lines of Python, imports aside."""
IGNORED_TYPE = re.compile(r"#\s*type:\s*ignore")


def tracked() -> list[str]:
    """Return the paths of all files that git knows and that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.split("\0") if path and (REPO / path).is_file()]


def long_files(paths: list[str]) -> Iterator[str]:
    """Yield a sentence for each source file that nobody reads in one go."""
    for path in paths:
        if path.endswith(SOURCES) and not path.startswith(GENERATED):
            lines = (REPO / path).read_text().count("\n")
            if lines > MOST_LINES:
                yield f"{path} has {lines} lines: {MOST_LINES} at most, split it along its subjects"


def any_count(source: str) -> int:
    """Return how often the name ``Any`` or ``type: ignore`` stands in Python code; other comments and imports aside."""
    count, importing = 0, False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.string in ("import", "from") and token.start[1] == 0:
            importing = True
        elif token.type == tokenize.NEWLINE:
            importing = False
        elif (token.type == tokenize.NAME and token.string == "Any" and not importing) or (
            token.type == tokenize.COMMENT and IGNORED_TYPE.search(token.string)
        ):
            count += 1
    return count


def untyped(paths: list[str]) -> Iterator[str]:
    """Yield a sentence for each part of the code in which ``Any`` stands too often."""
    for part, most in MOST_ANY.items():
        sources = {path: (REPO / path).read_text() for path in paths if path.startswith(part) and path.endswith(".py")}
        counts = {path: any_count(source) for path, source in sources.items() if "/migrations/" not in path}
        lines = sum(sources[path].count("\n") for path in counts)
        rate = 1000 * sum(counts.values()) / lines
        if rate > most:
            worst = ", ".join(f"{path} {counts[path]}" for path in sorted(counts, key=lambda path: -counts[path])[:5])
            yield f"{part}: Any stands {rate:.1f} times in 1,000 lines, {most:g} at most; most often in {worst}"


def misplaced(paths: list[str]) -> Iterator[str]:
    """Yield a sentence for each thing that stands in a file of a room in which it must not."""
    for path in paths:
        if path.startswith(rooms.PYTHON_PARTS) and path.endswith(".py"):
            yield from rooms.faults(path, (REPO / path).read_text())


def main() -> int:
    """Print what is wrong. Returns the exit code."""
    paths = tracked()
    faults = [*long_files(paths), *untyped(paths), *misplaced(paths)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
