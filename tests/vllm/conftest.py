"""One real vLLM after another, each a session's fixture."""

import pytest
from real_vllm import MODELS, PLACE, Vllm

from extraction.readers.endpoint import Endpoint
from extraction.readers.profiles import Profile, shipped_profiles


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out of `make test`: a server takes a minute to start and 3 GB of memory."""
    if "vllm" in config.option.markexpr:
        return
    for item in items:
        if "vllm" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="a real vLLM is started by `make test-vllm` only"))


@pytest.fixture(scope="session", params=list(MODELS))
def vllm(request: pytest.FixtureRequest):
    """A server of each model, up."""
    if not (PLACE / ".ready").exists():
        pytest.skip("vLLM is not installed: `make test-vllm` does it")
    with Vllm(request.param) as server:
        yield server


@pytest.fixture
def profile(vllm: Vllm) -> Profile:
    """The shipped profile of the model, pointed at the server; patient, for a CPU under load is slow."""
    shipped = shipped_profiles()[vllm.profile]
    bounds = shipped.bounds.model_copy(update={"timeout": 240.0})
    return shipped.model_copy(update={"base_url": vllm.base_url, "bounds": bounds})


@pytest.fixture
def endpoint(profile: Profile) -> Endpoint:
    """What asks the server."""
    return Endpoint(profile)
