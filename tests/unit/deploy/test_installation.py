"""Which data a checkout finds: after a move, after a new clone at the same path, beside a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from mestolocal.installation import Installation, Place, find, leftovers, named_by_path
from mestolocal.paths import PlatformError


def place(root: Path, name: str = "mesto") -> Place:
    return Place(root / name, root / name / ".mesto", root / "lib")


def started(here: Place) -> Installation:
    """As after `make up`."""
    found = find(here)
    found.settle()
    (found.data / "postgres" / "data").mkdir(parents=True, exist_ok=True)
    (here.state / "cluster" / "etcd").mkdir(parents=True, exist_ok=True)
    return found


def test_an_installation_finds_its_data_again_and_finding_writes_nothing(tmp_path: Path) -> None:
    here = place(tmp_path)
    find(here)
    assert list(tmp_path.iterdir()) == []
    first = started(here)
    assert find(here) == first
    assert started(place(tmp_path, "other")).data != first.data
    files = [first.data / "installation.json", here.state / "installation.json"]
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_a_moved_checkout_finds_its_data(tmp_path: Path) -> None:
    before = started(place(tmp_path))
    (tmp_path / "mesto").rename(tmp_path / "renamed")
    there = place(tmp_path, "renamed")
    assert started(there).data == before.data
    assert leftovers(there) == [before.data]
    # What is cloned at the old path later has nothing to do with it.
    assert find(place(tmp_path)).data != before.data
    assert leftovers(place(tmp_path)) == []


def test_a_new_clone_at_the_same_path_is_told_at_once_and_make_clean_is_the_way_on(tmp_path: Path) -> None:
    here = place(tmp_path)
    before = started(here)
    shutil.rmtree(here.checkout)
    here.checkout.mkdir()
    with pytest.raises(PlatformError, match=r"earlier checkout at this path.*`make clean`") as told:
        find(here)
    assert str(before.data) in str(told.value)
    assert leftovers(here) == [before.data]
    for folder in leftovers(here):
        shutil.rmtree(folder)
    assert find(here).data != before.data


def test_a_cluster_never_meets_an_empty_database(tmp_path: Path) -> None:
    here = place(tmp_path)
    shutil.rmtree(started(here).data)
    with pytest.raises(PlatformError, match="where it belongs"):
        find(here)


def test_a_copy_does_not_share_the_datas_of_the_checkout_it_was_made_from(tmp_path: Path) -> None:
    original = started(place(tmp_path))
    shutil.copytree(tmp_path / "mesto", tmp_path / "copy")
    copy = place(tmp_path, "copy")
    with pytest.raises(PlatformError, match=r"a copy of .*mesto and has its \.mesto"):
        find(copy)
    assert leftovers(copy) == []
    assert find(place(tmp_path)) == original
    shutil.rmtree(copy.state)
    assert find(copy).data != original.data


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    here = place(tmp_path)
    found = started(here)
    file = found.data / "installation.json"
    file.write_text(file.read_text().replace(found.key, "another"))
    with pytest.raises(PlatformError, match="another installation"):
        find(here)
    assert leftovers(here) == []


def test_a_folder_named_by_the_path_is_taken_over_once(tmp_path: Path) -> None:
    """As versions before the identity called it."""
    here = place(tmp_path)
    earlier = tmp_path / "lib" / named_by_path(here.checkout)
    (earlier / "postgres" / "data").mkdir(parents=True)
    (here.state / "cluster" / "etcd").mkdir(parents=True)
    assert started(here).data == earlier
    (tmp_path / "mesto").rename(tmp_path / "renamed")
    assert started(place(tmp_path, "renamed")).data == earlier


def test_a_folder_named_by_the_path_of_before_a_move_is_asked_for(tmp_path: Path) -> None:
    here = place(tmp_path)
    (here.state / "cluster" / "etcd").mkdir(parents=True)
    with pytest.raises(PlatformError, match=f"rename it to .*{named_by_path(here.checkout)}"):
        find(here)


def test_who_is_not_root_has_the_data_inside(tmp_path: Path) -> None:
    here = Place(tmp_path, tmp_path / ".mesto", None)
    assert find(here).data == tmp_path / ".mesto" / "data"
    assert leftovers(here) == [tmp_path / ".mesto" / "data"]
