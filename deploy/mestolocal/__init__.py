"""The local platform: one package that starts the same servers for `make up` and for the tests."""
