# Each target is what a person could type. `make demo` and `make test` do everything on a fresh machine
# that has Python 3.11+ (with venv), git and make.
PYTHON ?= python3
UV := .venvs/uv/bin/uv
RUN := .venv/bin/
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: setup web web-check demo fmt lint types imports unit check contract differential replay e2e browser screenshots crash bench docs wheel container container-base test clean

$(UV):
	$(PYTHON) -m venv .venvs/uv
	.venvs/uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9,<0.14'

# What `wherry demo` needs, and no more; keeps what a developer has installed beside it.
.venv/runtime.stamp: $(UV) uv.lock pyproject.toml
	$(UV) sync --quiet --frozen --inexact --no-default-groups --python $(PYTHON)
	@touch $@

.venv/dev.stamp: $(UV) uv.lock pyproject.toml
	$(UV) sync --quiet --frozen --all-groups --extra testing --python $(PYTHON)
	@touch $@ .venv/runtime.stamp

# The interface is made from web/ and from the API's description, which is made from these.
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/src/api/openapi.json' -not -path 'web/src/api/schema.d.ts') \
	$(shell find src/wherry/api src/wherry/server/routes -name '*.py')

src/wherry/server/static/index.html: .venv/runtime.stamp $(WEB_SOURCES)
	PYTHON=$(PYTHON) web/build

web: src/wherry/server/static/index.html ## the web interface, with the machine's node or PyPI's

setup: .venv/dev.stamp web ## everything a developer needs

demo: .venv/runtime.stamp web ## the main job, from nothing
	$(RUN)wherry demo --no-serve

fmt: setup
	$(RUN)ruff format
	$(RUN)ruff check --fix

lint: setup
	$(RUN)ruff check
	$(RUN)ruff format --check
	$(RUN)typos

types: setup
	$(RUN)mypy

web-check: setup ## ESLint and component tests
	web/check

imports: setup
	$(RUN)lint-imports

unit: setup
	$(RUN)pytest -q tests/unit

check: lint types imports unit ## under a minute

contract: setup ## every adapter of every port, on real parts
	$(RUN)pytest -q tests/contract

differential: setup ## against kfp itself
	$(RUN)pytest -q tests/differential

replay: setup
	$(RUN)pytest -q tests/replay

e2e: setup ## the command, real processes, real files
	$(RUN)pytest -q tests/e2e -m "not crash"

browser: setup ## Chromium on a real server
	$(RUN)pytest -q tests/browser

screenshots: setup ## docs/screenshots, from a real server
	PYTHONPATH=tests/e2e:tests/browser $(RUN)python tests/browser/take_screenshots.py

crash: setup ## kill -9, many times
	$(RUN)pytest -q tests/e2e -m crash

docs: setup
	$(RUN)pytest -q tests/docs

bench: setup ## beside the floor and the peers
	$(RUN)python bench/run.py

wheel: web
	$(UV) build --quiet --wheel --out-dir dist

container: wheel ## the server's image, on BASE=<image>
	UV=$(UV) deploy/container/build

container-base: ## a base for it out of Debian packages, where no registry can be reached; needs root and debootstrap
	deploy/container/base

test: lint types imports web-check ## all of it: what CI runs
	$(RUN)pytest -q -n auto --maxprocesses 4 --dist loadfile --ignore tests/browser --durations 15
	$(RUN)pytest -q tests/browser --durations 5

clean:
	rm -rf .venv .venvs dist .wherry web/node_modules src/wherry/server/static
