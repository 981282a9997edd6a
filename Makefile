# `make setup`, `make demo` and `make test` do all the set-up they need on a fresh Debian or Ubuntu machine, and are quick the second time.
.DEFAULT_GOAL := help
PY := .venv/bin/python
BIN := .venv/bin
STAMPS := .setup
PAGE := renderer/player/player.html
PAGE_SOURCES := $(wildcard player_assets/src/*.ts player_assets/src/*/*.ts player_assets/src/*.css player_assets/src/*.html player_assets/*.mjs player_assets/*.json)

.PHONY: help setup player demo test test-trackers check lint types imports page-check protocol openapi sample bench lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(STAMPS)/system $(STAMPS)/python $(STAMPS)/browser player ## system packages, .venv and the player page

$(STAMPS)/system: scripts/setup
	@mkdir -p $(STAMPS)
	scripts/setup
	@touch $@

$(STAMPS)/python: requirements-dev.lock pyproject.toml | $(STAMPS)/system
	@mkdir -p $(STAMPS)
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/browser: scripts/setup | $(STAMPS)/python
	@mkdir -p $(STAMPS)
	scripts/setup browser
	@touch $@

$(STAMPS)/node: player_assets/package-lock.json $(STAMPS)/system
	@mkdir -p $(STAMPS)
	cd player_assets && npm ci --silent --no-audit --no-fund
	@touch $@

$(STAMPS)/recorders: tests/recorders/package-lock.json $(wildcard tests/recorders/src/*.js) $(STAMPS)/system
	@mkdir -p $(STAMPS)
	cd tests/recorders && npm ci --silent --no-audit --no-fund && npm run --silent build
	@touch $@

$(STAMPS)/emulators: tests/emulators/package-lock.json $(STAMPS)/system
	@mkdir -p $(STAMPS)
	cd tests/emulators && npm ci --silent --no-audit --no-fund
	@touch $@

$(PAGE): $(STAMPS)/node $(PAGE_SOURCES)
	cd player_assets && npm run --silent build

player: $(PAGE)

demo: setup ## render the shipped sample session; prints the path of the MP4
	@mkdir -p out
	@$(BIN)/renderer clip examples/chat/session.jsonl.gz --events examples/chat/events.json -o out/demo.mp4
	@echo "$(CURDIR)/out/demo.mp4"

test: setup $(STAMPS)/recorders $(STAMPS)/emulators lint types imports page-check ## everything that CI runs
	$(BIN)/pytest -q -n 2 --dist loadfile

test-trackers: setup ## deliver to real Redmine and Request Tracker, which it installs (Debian 12)
	scripts/setup trackers
	RENDERER_TEST_TRACKERS=1 $(BIN)/pytest -q --timeout 300 tests/trackers

check: lint types imports ## the quick ring, for every save
	$(BIN)/pytest -q tests/unit -m "not slow" -x -n 2 --dist loadfile

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports --no-cache

page-check: $(PAGE)
	cd player_assets && npm run --silent check

protocol: $(STAMPS)/python ## write the TypeScript side of renderer/player/protocol.py
	$(PY) -m scripts.protocol_types > player_assets/src/protocol.gen.ts

openapi: $(STAMPS)/python ## write docs/openapi.json from renderer/api
	$(PY) -m scripts.openapi > docs/openapi.json

sample: setup ## record the sample session again
	cd examples/chat && npm ci --silent --no-audit --no-fund && ../../$(PY) record.py

bench: setup ## measure against one screenshot per tick
	$(PY) -m scripts.bench

COMPILE := $(BIN)/uv pip compile --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 --universal

lock: ## resolve the three requirements*.lock again: runtime, build, and the two with what tests need
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --group build -c requirements.lock -o requirements-build.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements.lock -c requirements-build.lock -o requirements-dev.lock

clean:
	rm -rf .setup .venv out $(PAGE) player_assets/node_modules examples/chat/node_modules tests/recorders/node_modules tests/recorders/dist tests/emulators/node_modules
