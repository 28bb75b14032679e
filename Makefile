# Each target is what a person could type. `make demo` and `make test` do everything on a fresh machine
# that has Python 3.11+ (with venv), git and make.
PYTHON ?= python3
UV := .venvs/uv/bin/uv
RUN := .venv/bin/
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: setup demo fmt lint types imports unit check contract differential replay e2e crash bench docs wheel test clean

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

setup: .venv/dev.stamp ## everything a developer needs

demo: .venv/runtime.stamp ## the main job, from nothing
	$(RUN)wherry demo

fmt: setup
	$(RUN)ruff format
	$(RUN)ruff check --fix

lint: setup
	$(RUN)ruff check
	$(RUN)ruff format --check
	$(RUN)typos

types: setup
	$(RUN)mypy

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

crash: setup ## kill -9, many times
	$(RUN)pytest -q tests/e2e -m crash

docs: setup
	$(RUN)pytest -q tests/docs

bench: setup ## beside the floor and the peers
	$(RUN)python bench/run.py

wheel: setup
	$(UV) build --quiet --wheel --out-dir dist

test: lint types imports ## all of it: what CI runs
	$(RUN)pytest -q

clean:
	rm -rf .venv .venvs dist .wherry
