# Every habit is a target; `make help` explains them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Hundreds of processes start in a run of the tests: without bytecode each would compile all its libraries anew.
unexport PYTHONDONTWRITEBYTECODE
LOCAL := PYTHONPATH=deploy $(PY) -m mestolocal
# How many processes `make check-kills` kills.
KILLS ?= 200
# Minutes of each half of `make check-quiet`.
QUIET ?= 10
# Options for pytest, for example: make test-unit T="-k ports"
T ?=
# Examples for each operation: make check-api EXAMPLES=500
EXAMPLES ?= 100

.PHONY: help up down status logs clean build test test-unit test-integration test-e2e check-kills check-rules check-quiet test-frontend check-api lint fmt gen lock bench bench-operator bootstrap bootstrap-images images

help: ## This list
	@grep -E '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-18s %s\n", $$1, $$2}'

bootstrap: ## Install what is missing: Debian packages, the virtual environment
	@deploy/bootstrap.sh

bootstrap-images:
	@deploy/bootstrap.sh images

up: bootstrap ## Start the platform on this machine; safe to repeat (MESTO_PORT, MESTO_PORT_BASE move its ports)
	@$(LOCAL) up

down: ## Stop the platform; its data stays
	@if [ -e .venv ] || [ -d .mesto ]; then deploy/bootstrap.sh && $(LOCAL) down; else echo "Mesto is not running."; fi

status: ## Each process, its state and whether it is ready
	@if [ -e .venv ]; then deploy/bootstrap.sh && $(LOCAL) status; else echo "Mesto is not installed yet: make up"; exit 1; fi

logs: bootstrap ## The logs of our processes, or of one: make logs S=catalog
	@$(LOCAL) logs $(S)

clean: ## Stop the platform and delete its data (.mesto and the databases)
	@if [ -e .venv ] || [ -d .mesto ]; then deploy/bootstrap.sh && $(LOCAL) clean; else echo "There is nothing to clean."; fi

build: bootstrap ## Build Kubernetes, the front end and the mailbox into the cache
	@$(LOCAL) build

images: bootstrap-images ## Build the container images (MESTO_IMAGE_PREFIX, MESTO_IMAGE_TAG name them, MESTO_IMAGE_PREVIOUS is the gateway before)
	@$(LOCAL) images

test: bootstrap-images ## Everything: lint, unit, integration, front end, end to end; installs and builds what it needs
	@PYTHONPATH=deploy:tests $(PY) -P -m support.run all

test-unit: bootstrap ## Unit tests only, no servers
	@$(PY) -m pytest tests/unit -n 2 $(T)

test-integration: bootstrap-images ## Tests against real servers
	@$(PY) -m pytest tests/integration -n 2 $(T)

test-e2e: bootstrap ## The whole platform, in the browser too
	@$(PY) -m pytest tests/e2e $(T)

check-api: bootstrap ## Every API by schemathesis at length: make check-api EXAMPLES=100
	@MESTO_API_EXAMPLES=$(EXAMPLES) $(PY) -m pytest tests/properties --timeout=1800 $(T)

check-rules: bootstrap ## The rules' property tests with new examples, ten times as many, to find what fails
	@MESTO_EXAMPLES=search $(PY) -m pytest tests/unit -n 2 --timeout=1800 $(T)

check-kills: bootstrap ## kill -9 at every named point under load, KILLS=200 times; then compare with what was acknowledged
	@MESTO_KILLS=$(KILLS) $(PY) -m pytest tests/e2e/kills/test_kills.py -s $(T)

check-quiet: bootstrap ## No alert fires in ten minutes idle and ten of normal use (QUIET=minutes)
	@MESTO_QUIET_MINUTES=$(QUIET) $(PY) -m pytest tests/checks/test_quiet.py -s --timeout=1800 $(T)

test-frontend: bootstrap ## The front end's own tests
	@PYTHONPATH=deploy:tests $(PY) -P -m support.run frontend

lint: bootstrap ## ruff, mypy, import-linter, eslint, prettier, vue-tsc, shellcheck, promtool, squawk, gitleaks
	@PYTHONPATH=deploy:tests $(PY) -P -m support.run lint

fmt: bootstrap ## Format and mend what can be mended
	@$(PY) -m ruff check --fix . && $(PY) -m ruff format . && $(LOCAL) format

gen: bootstrap ## Write all generated files anew: CRDs, OpenAPI, event schemas, the front end's client
	@PYTHONPATH=deploy $(PY) deploy/generate.py

# The images get the versions that the tests ran with.
COMPILE := .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
FOLLOW := --constraint requirements/dev.txt
lock: bootstrap ## Resolve the dependencies of pyproject.toml anew into requirements/ (KEEP=1: only what pyproject.toml changed)
	@$(COMPILE) pyproject.toml --extra dev $(if $(KEEP),,--upgrade) -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --extra service $(FOLLOW) -o requirements/service.txt
	@$(COMPILE) pyproject.toml --extra operator $(FOLLOW) -o requirements/operator.txt
	@$(COMPILE) pyproject.toml --extra spiders $(FOLLOW) -o requirements/spiders.txt
	@$(COMPILE) --group pyproject.toml:node $(FOLLOW) -o requirements/node.txt
	@$(COMPILE) --group pyproject.toml:build $(FOLLOW) $(if $(KEEP),,--upgrade) -o requirements/build.txt

BENCH := PYTHONPATH=deploy:benchmarks $(PY)
bench: bootstrap ## Benchmarks but the operator's, each against its peer in the same run, or one: make bench T=bookings
	@for file in $(or $(T:%=benchmarks/%.py),$(filter-out benchmarks/operators.py,$(sort $(wildcard benchmarks/*.py)))); do \
	  $(BENCH) "$$file" || exit 1; done

bench-operator: bootstrap ## The operator's benchmark: make bench-operator T="--only sync --objects 1000 10000"; --help lists all
	@$(BENCH) benchmarks/operators.py $(or $(T),--objects 1000 10000)
