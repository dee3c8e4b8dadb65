"""Rows become manifests that the operator's model accepts; bad rows become sentences."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from mesto.cli import manifests
from mesto.cli.main import app
from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceSpec
from mestolocal.paths import REPO
from typer.testing import CliRunner

EXAMPLES = REPO / "examples"
SHARED = Path(os.environ.get("MESTO_SHARED", REPO.parent / "shared")) / "data"
TEMPLATE: dict[str, Any] = {
    "apiVersion": "mesto.dev/v1alpha1",
    "kind": "CoworkingSpace",
    "spec": {
        "city": "new-york",
        "timeZone": "America/New_York",
        "resources": [{"name": "desk", "kind": "HotDesk", "seats": 4}],
    },
}


def run(folder: Path, rows: list[Any] | str, template: Any = None, *options: str) -> Any:
    """The result of `mesto spaces import` on these rows."""
    file = folder / ("rows.csv" if isinstance(rows, str) else "rows.json")
    file.write_text(rows if isinstance(rows, str) else json.dumps(rows))
    pattern = folder / "template.yaml"
    pattern.write_text(yaml.safe_dump(template or TEMPLATE, allow_unicode=True))
    return CliRunner().invoke(app, ["spaces", "import", str(file), "--template", str(pattern), *options])


def row(name: str = "Loft", **changes: Any) -> dict[str, Any]:
    return {"name": name, "address": "1 Main St", "lat": 40.7, "lng": -74.0} | changes


def test_a_bare_row_takes_the_usual_columns(tmp_path: Path) -> None:
    done = run(tmp_path, [row()])
    assert done.exit_code == 0, done.stderr
    manifest = yaml.safe_load(done.stdout)
    assert (manifest["apiVersion"], manifest["kind"]) == ("mesto.dev/v1alpha1", "CoworkingSpace")
    assert manifest["metadata"] == {"name": "loft"}
    assert manifest["spec"] == TEMPLATE["spec"] | {
        "title": {"en": "Loft"},
        "address": "1 Main St",
        "location": {"latitude": 40.7, "longitude": -74.0},
    }


def test_placeholders_are_typed_by_their_field(tmp_path: Path) -> None:
    resource = {
        "name": "desk",
        "kind": "HotDesk",
        "seats": "{seats}",
        "prices": [{"per": "Hour", "amount": "{price}", "currency": "RUB"}],
    }
    spec = TEMPLATE["spec"] | {
        "title": {"ru": "Место {name}", "en": "{english}"},
        "resources": [resource],
        "published": "{open}",
    }
    template = TEMPLATE | {"spec": spec, "metadata": {"name": "msk-{code}", "namespace": "a"}}
    text = "name;address;lat;lon;seats;price;open;english;code\nУют;Тверская, 1;55,7;37,6;12;250,5;yes;;42\n"
    done = run(tmp_path, text, template, "--namespace", "b")
    assert done.exit_code == 0, done.stderr
    manifest = yaml.safe_load(done.stdout)
    assert manifest["metadata"] == {"name": "msk-42", "namespace": "b"}
    assert manifest["spec"]["title"] == {"ru": "Место Уют"}
    assert manifest["spec"]["location"] == {"latitude": 55.7, "longitude": 37.6}
    assert manifest["spec"]["resources"][0]["seats"] == 12
    assert manifest["spec"]["resources"][0]["prices"][0]["amount"] == "250.50"
    assert manifest["spec"]["published"] is True


def test_names_are_slugs_of_titles(tmp_path: Path) -> None:
    rows = [row("The Loft!"), row("Чайная № 5"), row("x" * 200)]
    names = [document["metadata"]["name"] for document in yaml.safe_load_all(run(tmp_path, rows).stdout)]
    assert names == ["the-loft", "chainaia-no-5", "x" * 63]


def test_rows_of_one_name_are_refused_and_never_take_each_others(tmp_path: Path) -> None:
    first, second = row("The Loft!", address="1 Main St"), row("the loft", address="2 Side St", lat=95)
    done = run(tmp_path, [first, row("Other"), second, row("Third")])
    assert [document["metadata"]["name"] for document in yaml.safe_load_all(done.stdout)] == ["other", "third"]
    assert 'row 1: its name would be "the-loft", as that of row 3; tell them apart' in done.stderr
    assert "row 3: the latitude" in done.stderr


def test_names_of_a_column_stay_when_rows_go_or_change_places(tmp_path: Path) -> None:
    rows = [row("The Loft", code=7), row("The Loft", code="B/2"), row("Other", code="c")]

    def names(some: list[Any]) -> dict[str, str]:
        done = run(tmp_path, some, None, "--id", "code")
        assert done.exit_code == 0, done.stderr
        return {
            document["metadata"]["name"]: document["spec"]["title"]["en"]
            for document in yaml.safe_load_all(done.stdout)
        }

    assert names(rows) == {"7": "The Loft", "b-2": "The Loft", "c": "Other"}
    assert names(rows[:0:-1]) == {"c": "Other", "b-2": "The Loft"}
    done = run(tmp_path, rows, None, "--id", "id")
    assert "--id asks for the column id" in done.stderr
    twice = run(tmp_path, [*rows, row("Fourth", code="C"), row("Fifth", code="")], None, "--id", "code")
    assert 'its name would be "c", as that of row 4' in twice.stderr
    assert "row 5: no name can be made of it" in twice.stderr


def test_a_row_with_a_cell_too_many_and_two_equal_headings_are_refused(tmp_path: Path) -> None:
    good = "name,address,lat,lng\nLoft,1 Main St,40.7,-74\n"
    shifted = run(tmp_path, good + "Attic,2 Side St, Floor 2,40.7,-74\n")
    assert shifted.exit_code == 1
    assert "row 2: it has 5 cells, the heading has 4" in shifted.stderr
    doubled = run(tmp_path, "name,address,lat,lng,Name\nLoft,1 Main St,40.7,-74,Attic\n")
    assert doubled.exit_code == 1
    assert "columns 1 and 5 have the same heading" in doubled.stderr


def _priced(folder: Path, cell: Any, currency: str = "RUB", *options: str) -> Any:
    price = {"per": "Hour", "amount": "{price}", "currency": currency}
    resource = {"name": "desk", "kind": "HotDesk", "seats": 4, "prices": [price]}
    return run(folder, [row(price=cell)], TEMPLATE | {"spec": TEMPLATE["spec"] | {"resources": [resource]}}, *options)


@pytest.mark.parametrize(
    ("cell", "currency", "options", "amount"),
    [
        ("1 250,50", "RUB", (), "1250.50"),
        ("1\N{NO-BREAK SPACE}250,50", "RUB", (), "1250.50"),
        ("1\N{NARROW NO-BREAK SPACE}250", "RUB", (), "1250.00"),
        ("1’250.50", "CHF", (), "1250.50"),
        ("1,250", "RUB", ("--decimal", "dot"), "1250.00"),
        ("1.250", "RUB", ("--decimal", "comma"), "1250.00"),
        ("1,250", "KWD", ("--decimal", "comma"), "1.250"),
        ("500", "JPY", (), "500"),
        (1.25, "RUB", (), "1.25"),
        (8.125, "KWD", (), "8.125"),
    ],
)
def test_amounts_are_read_in_the_one_way_that_there_is(
    tmp_path: Path, cell: Any, currency: str, options: tuple[str, ...], amount: str
) -> None:
    done = _priced(tmp_path, cell, currency, *options)
    assert done.exit_code == 0, done.stderr
    assert yaml.safe_load(done.stdout)["spec"]["resources"][0]["prices"][0]["amount"] == amount


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1,250", '"1,250" may be 1250 or 1.250; say which mark begins decimals: --decimal comma or dot'),
        ("1.250", '"1.250" may be 1250 or 1.250'),
        ("0.005", "the amount is 0.005; write one with 2 decimals at most"),
        (8.333, "the amount is 8.333; write one with 2 decimals at most"),
        ("1,2,3", "is not a number"),
        ("1e3", "is not a number"),
        ("250 ₽", "is not a number"),
        ("1 25", "is not a number"),
    ],
)
def test_an_amount_that_may_be_two_is_refused(tmp_path: Path, cell: Any, said: str) -> None:
    done = _priced(tmp_path, cell)
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "it has no name; fill in the column name"),
        ({"address": " "}, "it has no address; fill in the column address"),
        ({"lat": 95}, 'the latitude "95" is not a number between -90 and 90; write degrees'),
        ({"lng": None}, "it has no longitude: a number between -180 and 180; write degrees"),
        ({"name": "!!!"}, "no name can be made of it"),
        ({"address": "x" * 501}, "spec.address: String should have at most 500 characters"),
    ],
)
def test_a_bad_row_has_a_sentence_and_good_ones_are_printed(tmp_path: Path, changes: Any, said: str) -> None:
    done = run(tmp_path, [row("First"), row() | changes, row("Third")])
    assert done.exit_code == 1
    assert "row 2: " in done.stderr
    assert said in done.stderr
    assert [document["metadata"]["name"] for document in yaml.safe_load_all(done.stdout)] == ["first", "third"]
    assert "2 good, 1 bad rows" in done.stderr


@pytest.mark.parametrize(
    ("field", "cell", "said"),
    [("seats", "many", "write a whole number"), ("seats", "-3", "seats"), ("price", "abc", "write a number such as")],
)
def test_a_cell_of_the_wrong_type_says_what_to_write(tmp_path: Path, field: str, cell: str, said: str) -> None:
    price = {"per": "Hour", "amount": "{price}", "currency": "USD"}
    resource = {"name": "desk", "kind": "HotDesk", "seats": "{seats}", "prices": [price]}
    template = TEMPLATE | {"spec": TEMPLATE["spec"] | {"resources": [resource]}}
    done = run(tmp_path, [row(seats=3, price=5) | {field: cell}], template)
    assert done.exit_code == 1
    assert said in done.stderr


def test_what_is_below_nothing_or_empty_names_its_column(tmp_path: Path) -> None:
    price = {"per": "Hour", "amount": "{price}", "currency": "RUB"}
    desk = {"name": "desk", "kind": "HotDesk", "seats": "{seats}", "prices": [price]}
    template = TEMPLATE | {"spec": TEMPLATE["spec"] | {"resources": [desk]}}
    text = "name,address,lat,lon,seats,price\nA,a,55,37,4,-5\nB,b,55,37,,5\nC,c,55,37,4,\nD,d,55,37,4,0\n"
    done = run(tmp_path, text, template)
    assert [document["metadata"]["name"] for document in yaml.safe_load_all(done.stdout)] == ["d"]
    assert done.stderr.splitlines()[:3] == [
        'rows.csv, row 1: the amount "-5" is below 0; write 0, which is free of charge, or more.',
        "rows.csv, row 2: seats is empty; fill it in for spec.resources.0.seats.",
        "rows.csv, row 3: price is empty; fill it in for spec.resources.0.prices.0.amount.",
    ]


def test_a_namespace_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, [row()], None, "--namespace", "Bad NS")
    assert (done.exit_code, done.stdout) == (1, "")
    assert '"Bad NS" cannot be a namespace' in done.stderr


def test_a_dash_reads_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(yaml.safe_dump(TEMPLATE))
    words = ["spaces", "import", "-", "--template", str(tmp_path / "t.yaml")]
    done = CliRunner().invoke(app, words, input="name,address,lat,lon\nLoft,1 Main St,40.7,-74\nB,,40.7,-74\n")
    assert yaml.safe_load(done.stdout)["metadata"] == {"name": "loft"}
    assert "The standard input, row 2: it has no address" in done.stderr


def test_dry_run_prints_no_manifest(tmp_path: Path) -> None:
    done = run(tmp_path, [row()], None, "--dry-run")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "1 good, 0 bad rows" in done.stderr


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"kind": "Deployment", "spec": {}}, "is not one CoworkingSpace"),
        ({"kind": "CoworkingSpace"}, "has no spec"),
        (TEMPLATE | {"spec": TEMPLATE["spec"] | {"address": "{street}"}}, "asks for the column street"),
        (["a"], "is not one CoworkingSpace"),
    ],
)
def test_a_template_that_cannot_be_used_says_why(tmp_path: Path, template: Any, said: str) -> None:
    done = run(tmp_path, [row()], template)
    assert done.exit_code == 1
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_without_a_platform_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MESTO_")]:
        monkeypatch.delenv(name)
    done = CliRunner().invoke(app, ["accounts", "grant", "a@example.org", "moderator"])
    assert done.exit_code == 1
    assert "make up" in done.stderr


def test_every_example_is_valid_and_the_import_samples_too() -> None:
    found = [yaml.safe_load(file.read_text("utf-8")) for file in sorted((EXAMPLES / "spaces").glob("*.yaml"))]
    assert found[0] == {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "moscow"}}
    spaces = found[1:]
    assert len(spaces) == 12
    for space in spaces:
        spec = CoworkingSpaceSpec.model_validate(space["spec"]).to_contract()
        assert spec.title.ru
        assert spec.title.en
        assert space["metadata"]["namespace"] == "moscow"
    folder = EXAMPLES / "import"
    good, bad = manifests.build(folder / "coworkings.csv", folder / "template-moscow.yaml", "")
    assert (len(good), bad) == (4, [])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public data is not beside this checkout")
def test_all_coworkings_of_new_york() -> None:
    template = EXAMPLES / "import" / "template-new-york.yaml"
    good, bad = manifests.build(SHARED / "nyc-coworkings.json", template, "ny")
    assert (len(good), bad) == (65, [])
    assert len({resource["metadata"]["name"] for resource in good}) == 65
