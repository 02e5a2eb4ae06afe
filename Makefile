# `make app` and `make test` are all a newcomer needs; each sets up what it uses. Python 3.11+, make and git suffice.
PYTHON ?= python3
UV := .tools/bin/uv
RUN := .venv/bin/
export UV_PYTHON_DOWNLOADS = never
# an office proxy's certificate is in the machine's store
export UV_SYSTEM_CERTS = true

.PHONY: app test test-vllm test-llama setup lint format typecheck lock clean

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

# torch's CPU build is no wheel of PyPI: where pip knows a place for it that is used, else see docs/vllm.md
VLLM_FIND_LINKS = $${UV_FIND_LINKS:-$$($(PYTHON) -m pip config get global.find-links 2>/dev/null || true)}

test-vllm: setup .vllm/.ready  ## the whole path on a real vLLM (CPU) with tiny random models; 2.5 GB of disk, some minutes
	$(RUN)python -m pytest -m vllm tests/vllm

.vllm/.ready: tests/vllm/requirements.txt tests/vllm/patch_torchvision.py tests/vllm/make_tiny_model.py .venv/.ready
	test -x .vllm/venv/bin/python || $(UV) venv --quiet --no-project --python $(PYTHON) .vllm/venv
	UV_FIND_LINKS="$(VLLM_FIND_LINKS)" $(UV) pip install --quiet --no-config --python .vllm/venv/bin/python --no-deps \
	  -r tests/vllm/requirements.txt
	.vllm/venv/bin/python tests/vllm/patch_torchvision.py
	.vllm/venv/bin/python tests/vllm/make_tiny_model.py --out .vllm/models
	touch $@

test-llama: setup .llama/.ready  ## the same on a real llama-server, which is compiled (10 minutes of CPU)
	$(RUN)python -m pytest -m llama tests/llama

.llama/.ready: tests/llama/build_server.py tests/llama/make_tiny_gguf.py .vllm/.ready
	$(PYTHON) tests/llama/build_server.py .llama
	LLAMA_CPP=.llama/llama.cpp .vllm/venv/bin/python tests/llama/make_tiny_gguf.py .vllm/models/tiny-rolmocr .llama/model
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
	rm -rf .venv .vllm .llama .tools .mypy_cache .ruff_cache .pytest_cache build *.egg-info
