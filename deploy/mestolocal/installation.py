"""Which data belongs to this checkout: an identity in .mesto and in the data folder, whatever their paths are called.

As root the servers' data lies outside the checkout, since their users cannot enter a folder under /root. Both sides
carry the same name and key. So a checkout that was moved finds its data again, and one that was made anew at the path
of an earlier one, whose passwords are gone, is told so before anything starts.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .paths import REPO, STATE, PlatformError
from .secrets import write_private

OUTSIDE = Path("/var/lib/mesto")
_FILE = "installation.json"
_BEGIN_ANEW = "`make clean` deletes what is left of it, then `make up` begins anew"


@dataclass(frozen=True)
class Place:
    """Where the state of one checkout is. `outside` has the data folders of all checkouts; None: data is in `state`."""

    checkout: Path
    state: Path
    outside: Path | None

    @classmethod
    def here(cls) -> Place:
        """This checkout's."""
        return cls(REPO, STATE, OUTSIDE if os.geteuid() == 0 else None)


@dataclass(frozen=True)
class Installation:
    """An installation and the folder of its servers' data. Finding one writes nothing."""

    place: Place
    name: str
    key: str
    data: Path

    def settle(self) -> None:
        """Makes the data folder, and writes down on both sides that they belong together."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o755)
        self.data.chmod(0o755)
        if self.place.outside is None:
            return
        own = {"name": self.name, "key": self.key}
        _write(self.place.state, own)
        _write(self.data, own | {"checkout": str(self.place.checkout)})


def find(place: Place) -> Installation:
    """The installation of this checkout, a new one when there was none.

    Raises PlatformError with one sentence when data of another, or the lack of its own data, stands in the way.
    """
    if place.outside is None:
        return Installation(place, "", "", place.state / "data")
    own = _read(place.state)
    if own is None:
        return _without_identity(place, place.outside)
    found = Installation(place, own["name"], own["key"], place.outside / own["name"])
    theirs = _read(found.data)
    if theirs is None and not _has_data(found.data) and _was_used(place):
        raise PlatformError(
            f"The servers' data of this installation is not in {found.data}, where it belongs, while .mesto has its "
            f"cluster: put it back, or leave it: {_BEGIN_ANEW}."
        )
    if theirs is not None and theirs["key"] != found.key:
        raise PlatformError(
            f"{found.data} has the data of another installation, last used from {theirs['checkout']}: {_BEGIN_ANEW} "
            "(the other's data stays)."
        )
    if theirs is not None and _is_copy(place, theirs):
        raise PlatformError(
            f"This checkout is a copy of {theirs['checkout']} and has its .mesto, whose data is of one of them only: "
            f"`rm -r {place.state}` here, then `make up` begins with data of its own."
        )
    return found


def _without_identity(place: Place, outside: Path) -> Installation:
    """A checkout that was never started, or by an earlier version, which named the folder by the checkout's path."""
    earlier = outside / named_by_path(place.checkout)
    if _has_data(earlier) and _read(earlier) is None and _was_used(place):
        return Installation(place, earlier.name, secrets.token_hex(16), earlier)
    if (stray := next(strays(place), None)) is not None:
        raise PlatformError(
            f"{stray} has the data of an earlier checkout at this path, and the passwords for it went with that "
            f"checkout's .mesto: put that .mesto back, or leave the data: {_BEGIN_ANEW}."
        )
    if _was_used(place):
        raise PlatformError(
            f"This checkout was started before, from another path, and the folder of its data in {outside} was named "
            f"by that path: rename it to {earlier}, or leave it: {_BEGIN_ANEW}."
        )
    name = secrets.token_hex(8)
    return Installation(place, name, secrets.token_hex(16), outside / name)


def strays(place: Place) -> Iterator[Path]:
    """Data folders that a checkout at this path has left behind, and that are not this one's."""
    if place.outside is None or not place.outside.is_dir():
        return
    own = _read(place.state)
    for folder in sorted(place.outside.iterdir()):
        theirs = _read(folder)
        here = (
            folder.name == named_by_path(place.checkout)
            if theirs is None
            else theirs["checkout"] == str(place.checkout)
        )
        if here and _has_data(folder) and (own is None or own["name"] != folder.name):
            yield folder


def leftovers(place: Place) -> list[Path]:
    """All data folders that `make clean` deletes: this installation's, and those left behind at this path."""
    if place.outside is None:
        return [place.state / "data"]
    own = _read(place.state)
    mine: list[Path] = []
    if own is not None:
        folder = place.outside / own["name"]
        theirs = _read(folder)
        if theirs is None or (theirs["key"] == own["key"] and not _is_copy(place, theirs)):
            mine = [folder]
    return [*mine, *strays(place)]


def named_by_path(checkout: Path) -> str:
    """The name that earlier versions gave to the folder."""
    return hashlib.sha256(str(checkout).encode()).hexdigest()[:10]


def _has_data(folder: Path) -> bool:
    return (folder / "postgres" / "data").exists()


def _was_used(place: Place) -> bool:
    return (place.state / "cluster" / "etcd").exists()


def _is_copy(place: Place, theirs: dict[str, str]) -> bool:
    """Whether the checkout that used the data last is still there with the same identity, and is not this one."""
    other = Path(theirs["checkout"])
    if other == place.checkout or (other.exists() and place.checkout.exists() and other.samefile(place.checkout)):
        return False
    known = _read(other / place.state.name)
    return known is not None and known["key"] == theirs["key"]


def _read(folder: Path) -> dict[str, str] | None:
    file = folder / _FILE
    if not file.exists():
        return None
    try:
        found: dict[str, str] = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise PlatformError(f"{file} cannot be read: {error}. Put it back, or delete it.") from error
    return found


def _write(folder: Path, content: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    text = json.dumps(content, indent=1).encode()
    file = folder / _FILE
    if not file.exists() or file.read_bytes() != text:
        write_private(file, text)
