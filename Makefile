# The one door. `make` alone says what there is.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
BENCH  := .venv-bench
SOAK   := .venv-soak
UV_VERSION := 0.13.9
# uv links from its cache where it can; where it cannot, it copies without remark.
export UV_LINK_MODE ?= copy
export UV_NO_PROGRESS = 1
export PYTHONWARNINGS ?=

# These alone must run every branch of the core; the rest runs beside, uncounted, on two cores.
CORE_TESTS := tests/unit/core tests/unit/test_errors.py tests/conformance

.PHONY: help run demo test check cover bench docs soak lock clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	@sh tools/venv $(VENV) requirements.txt $(UV_VERSION) $(PYTHON)
	@touch $@

run: $(READY) ## the Coalition of January 2026: what breaks, and the week, with you at Denmark's desk
	@$(BIN)/comity up

demo: $(READY) ## the week of January 2026 played through on 39 nodes, and its report
	@$(BIN)/comity exercise run january-2026

test: $(READY) ## all that CI runs
	@sh tools/chromium
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m coverage run -m pytest $(CORE_TESTS)
	@$(BIN)/python -m coverage report --include='src/comity/core/*,src/comity/errors.py' --fail-under=100
	@$(BIN)/python -m pytest -n 2 $(addprefix --ignore=,$(CORE_TESTS))

cover: $(READY) ## which lines of everything the tests run, as a report (slow)
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m coverage run -m pytest
	@$(BIN)/python -m coverage report

check: $(READY) ## what is static: style, types, doors, generated pages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/cog --check --verbosity=0 -r $$(git ls-files 'docs/*.md' 'docs/**/*.md' 'README.md' 'spec/*.md')

docs: $(READY) ## write the generated parts of the pages anew, and run every block
	@$(BIN)/cog --verbosity=0 -r $$(git ls-files 'docs/*.md' 'docs/**/*.md' 'README.md' 'spec/*.md')
	@$(BIN)/python -m pytest -q tests/e2e/test_docs.py

bench: $(READY) ## speed, side by side with peers, in one run
	@sh tools/venv $(BENCH) requirements-bench.txt $(UV_VERSION) $(PYTHON)
	@$(BENCH)/bin/python -m tests.bench

soak: $(READY) ## longer fuzzing, simulating and killing than `make test` has time for
	@COMITY_FUZZ=200000 $(BIN)/python -m pytest -q tests/property
	@$(BIN)/python -m tests.simulation --runs 10000
	@COMITY_KILLS=500 $(BIN)/python -m pytest -q tests/e2e/test_kill.py
	@sh tools/venv $(SOAK) requirements-soak.txt $(UV_VERSION) $(PYTHON)
	@$(SOAK)/bin/python -m tests.fuzz --seconds 300

lock: $(READY) ## resolve the locked requirements anew
	@sh tools/lock

clean: ## remove what make made
	rm -rf $(VENV) $(BENCH) $(SOAK) .tools build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
