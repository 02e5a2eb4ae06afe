"""One real llama-server for the session."""

import pytest
from real_llama import PLACE, Llama

from extraction.readers.endpoint import Endpoint
from extraction.readers.profiles import Profile, shipped_profiles


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out of `make test`: the server is compiled for them."""
    if "llama" in config.option.markexpr:
        return
    for item in items:
        if "llama" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="a real llama-server is started by `make test-llama` only"))


@pytest.fixture(scope="session")
def llama():
    """A server, up."""
    if not (PLACE / ".ready").exists():
        pytest.skip("llama-server is not built: `make test-llama` does it")
    with Llama(shipped_profiles()["gemma3"].model) as server:
        yield server


@pytest.fixture
def gemma(llama: Llama) -> Profile:
    """The shipped profile, pointed at the server."""
    return shipped_profiles()["gemma3"].model_copy(update={"base_url": llama.base_url})


@pytest.fixture
def llama_endpoint(gemma: Profile) -> Endpoint:
    """What asks the server."""
    return Endpoint(gemma)
