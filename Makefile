# `make app` and `make test` are all a newcomer needs; each sets up what it uses. Python 3.11+, make and git suffice.
PYTHON ?= python3
UV := .tools/bin/uv
RUN := .venv/bin/
export UV_PYTHON_DOWNLOADS = never

.PHONY: app test test-vllm setup lint format typecheck lock clean

app: setup          ## start the dashboard on the built-in reader
	$(RUN)claimsheet serve

test: setup lint typecheck  ## everything that must pass
	$(RUN)python -m pytest

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml scripts/get_uv.py
	$(PYTHON) scripts/get_uv.py
	test -x .venv/bin/python || $(UV) venv --quiet --no-project --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python .venv/bin/python --no-deps --editable .
	touch $@

lint: setup
	$(RUN)ruff check .
	$(RUN)ruff format --check .

format: setup
	$(RUN)ruff check --fix .
	$(RUN)ruff format .

typecheck: setup
	$(RUN)mypy

lock: setup         ## resolve the dependencies anew
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache build *.egg-info
