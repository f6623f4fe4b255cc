# Every command is tools/bootstrap.py's, which makes .venv first where it is missing or out of date.
ifeq ($(OS),Windows_NT)
PYTHON ?= py -3
else
PYTHON ?= $(or $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell command -v $(name) 2>/dev/null))),python3)
endif

.DEFAULT_GOAL := help
.PHONY: help course test test-backends lab site doctor lock

help:
	@echo "make course         run every notebook, print what held, build the site"
	@echo "make lab            open JupyterLab on the course"
	@echo "make site           build the site from the notebooks as they are stored"
	@echo "make doctor         check this machine: OK or what to do, a line for each need"
	@echo "make test           every check: style, library on two backends, every notebook"
	@echo "make test-backends  the library's tests on tensorflow, jax and torch"
	@echo "make lock           renew locks/*.txt from pyproject.toml (needs uv)"

course test test-backends lab site doctor lock:
	@$(PYTHON) tools/bootstrap.py $@ $(OPTIONS)
