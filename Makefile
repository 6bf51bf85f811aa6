# The two commands of the README. On a machine without make: python tools/bootstrap.py study|test
PYTHON ?= python3
SHELL := /bin/sh
.PHONY: study test setup lint lock help

help:
	@echo "make study   set up and run the main job on the embedded example"
	@echo "make test    set up and pass the tests"
	@echo "make lint    style, types, import order, dependencies (after make test)"
	@echo "make lock    renew the lock files and environment.yml from pyproject.toml"

study:
	@$(PYTHON) tools/bootstrap.py study

test:
	@$(PYTHON) tools/bootstrap.py test

setup:
	@$(PYTHON) tools/bootstrap.py setup --development

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/deptry .

lock: setup
	.venv/bin/python tools/lock.py
