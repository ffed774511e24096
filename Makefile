# Everything a newcomer types: `make demo` and `make test`. Needs Python 3.11+ and make only.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test bench-quota bench-rules crash load bench-diagnosis check format lint types imports lock chromium promtool clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@echo "creating $(VENV) and installing the pinned dependencies (once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "agora-bot needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## see it work: simulators, bot and a page that looks like Slack
	@$(BIN)/agora-bot demo

test: $(STAMP) chromium ## run every test, on SQLite and on a real PostgreSQL
	@$(BIN)/python -m pytest -n auto

check: $(STAMP) chromium format lint types imports ## what CI runs: format, lint, types, import contracts, tests with coverage
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term --cov-fail-under=95

format: $(STAMP)
	@$(BIN)/ruff format --check bot tests migrations benchmarks

lint: $(STAMP)
	@$(BIN)/ruff check bot tests migrations benchmarks

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports --no-cache

bench-quota: $(STAMP) ## measure what is seen of the diagnosis feed (takes a quarter of an hour); writes docs/reference/benchmarks.md
	@$(BIN)/python -m benchmarks.quota --write

bench-rules: $(STAMP) promtool ## measure the rule engine beside promtool (five minutes); writes docs/reference/benchmarks-rules.md
	@$(BIN)/python -m benchmarks.rules --write

crash: $(STAMP) ## kill workers 500 times on each kind of database (a quarter of an hour); writes docs/reference/benchmarks-delivery.md
	@$(BIN)/python -m benchmarks.delivery crash --write

load: $(STAMP) ## tell 10,000 incidents at once (a quarter of an hour); writes docs/reference/benchmarks-delivery.md
	@$(BIN)/python -m benchmarks.delivery load --write

bench-diagnosis: $(STAMP) ## find causes in pretend calls, beside simpler ways (two hours); writes docs/reference/diagnosis-benchmark.md
	@$(BIN)/python -m benchmarks.diagnosis --write

promtool:
	@command -v promtool >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "installing Debian's prometheus for promtool"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus >/dev/null; \
	  else echo "promtool is not installed (apt-get install prometheus, as root)"; exit 1; fi; }

# Browser tests use Debian's chromium; where it cannot be installed they are skipped, and say so.
chromium:
	@command -v chromium >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "installing Debian's chromium for the browser tests"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-color-emoji >/dev/null \
	      || echo "chromium could not be installed: the browser tests will be skipped"; \
	  else echo "chromium is not installed (it takes root on Debian): the browser tests will be skipped"; fi; }

lock: ## write requirements.txt and requirements-dev.txt anew, with hashes
	@$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra postgres -o requirements.txt pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra postgres --group dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean: ## remove the environment and what tests left behind
	@rm -rf $(VENV) build dist .coverage .coverage.* htmlcov .mypy_cache .ruff_cache
