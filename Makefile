# feedsvc: `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than there are processors: half of the tests' time is spent waiting.
AT_ONCE := $(shell n=$$(nproc 2>/dev/null || echo 1); echo $$(( n < 4 ? n + 1 : 5 )))

.DEFAULT_GOAL := help
.PHONY: help setup run test check thorough lint types floors fmt lock bench clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/.runtime: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

setup: $(VENV)/.dev ## Create .venv and install everything, development tools included

run: $(VENV)/.runtime ## Start the service with its demo on http://127.0.0.1:8000
	@exec $(BIN)/python -m feedsvc run

test: $(VENV)/.dev ## Run the tests
	$(BIN)/python -m pytest -n $(AT_ONCE) -m "not thorough"

check: $(VENV)/.dev lint types floors test ## What every change must pass: lint, types, floors, tests

thorough: $(VENV)/.dev ## The slower proofs: kills, fuzz, long runs
	$(BIN)/python -m pytest -m thorough --timeout 1200

lint: $(VENV)/.dev ## Lint and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## Static types
	$(BIN)/mypy

floors: $(VENV)/.dev ## Import floors and walls
	$(BIN)/lint-imports

fmt: $(VENV)/.dev ## Format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev ## Write requirements*.txt anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.txt
	$(BIN)/uv pip compile --group dev --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -c requirements.txt -o requirements-dev.txt

bench: $(VENV)/.dev ## Run the benchmarks; they print ratios measured side by side
	@for each in benchmarks/bench_*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

clean: ## Remove the virtual environment and caches, never data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
