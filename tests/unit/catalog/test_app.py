"""The OpenAPI of catalog's two applications."""

from __future__ import annotations

from mesto.catalog.app import openapi_apps


def test_openapi_needs_no_environment_and_names_each_operation_once() -> None:
    for app in openapi_apps().values():
        operations = [
            operation["operationId"] for methods in app.openapi()["paths"].values() for operation in methods.values()
        ]
        assert operations
        assert len(operations) == len(set(operations))
