"""Asks a model server what it can do and has it read a receipt drawn here: what is wrong, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from extraction.degeneration import Guard
from extraction.degeneration.loops import excerpt
from extraction.errors import DegenerateOutputError, ReaderError
from extraction.prompts import prompt, render
from extraction.readers.breaker import breaker_of
from extraction.readers.endpoint import Endpoint
from extraction.readers.known_receipt import drawn_receipt, fact_count, missing_facts
from extraction.readers.picture import prepare
from extraction.readers.probe import PATIENCE, Probe
from extraction.readers.profiles import Profile

_PICTURE = 3000  # tokens, where the profile does not say
_PROMPT = 1600  # the field guide of the longer document type
_ANSWER = 400  # tokens: the receipt has some 100
_MAY_MISS = 1
"""Facts a model may misread of a receipt in large print and still count as one that reads."""
_LOOPS = {
    "numeric_fault": "numeric_fault",
    "script_noise": "gibberish",
    "truncated": "babbles",
    "empty": "says_nothing",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at; its text is `model_doctor.<code>`, or `error.<code>` where an error was met."""

    code: str
    is_well: bool
    parameters: dict[str, str] = field(default_factory=dict)


def diagnose(profile: Profile) -> list[Finding]:
    """Return what was found, in the order of looking; the first that is not well often explains those after it."""
    return list(examine(profile))


def health(profile: Profile) -> Finding:
    """Return the short answer alone: whether the server is there and holds the model."""
    found = list(_server(profile, Endpoint(profile, patience=PATIENCE).probe(is_fresh=True)))
    return next((finding for finding in found if not finding.is_well), found[0])


def examine(profile: Profile) -> Iterator[Finding]:
    """Yield the findings, each as soon as it is known."""
    endpoint = Endpoint(profile, patience=PATIENCE)
    probe = endpoint.probe(is_fresh=True)
    found = list(_server(profile, probe))
    yield from found
    if not all(finding.is_well for finding in found):
        return
    breaker_of(profile.base_url).succeeded()  # it answers again: readers need not wait for their next try
    yield from _room(profile, probe)
    for name in ("images", "response_format"):
        if probe.refusals.get(name) == "no_chat_template":
            yield _ill("no_chat_template", model=profile.model)
            return
    if "images" not in probe.supports:
        code = probe.refusals.get("images", "images_refused")
        yield _ill("text_only" if code == "images_refused" else code, model=profile.model)
        return
    yield Finding("images", True)
    reads = _reads(profile, endpoint)
    yield reads
    if reads.code != "no_chat_template" and profile.strategy != "transcribe":
        yield _schema(profile, probe)


def _server(profile: Profile, probe: Probe) -> Iterator[Finding]:
    error = probe.error
    if error is not None and not probe.reachable:
        yield _of(error)
        return
    if error is not None and error.key == "model_not_found":
        known = ", ".join(probe.models) or "–"
        yield _ill("no_such_model", model=profile.model, known=known)
        return
    if error is not None:
        yield _of(error)
        return
    parameters = {"kind": {"vllm": "vLLM", "llama": "llama-server"}.get(probe.kind, "OpenAI"),
                  "version": probe.version or "", "model": profile.model}  # fmt: skip
    if probe.kind == "llama" and probe.models and profile.model not in probe.models:
        yield Finding("server_one_model", True, {**parameters, "known": ", ".join(probe.models)})
        return
    yield Finding("server", True, parameters)


def _room(profile: Profile, probe: Probe) -> Iterator[Finding]:
    """Whether picture, guide and answer fit together."""
    if probe.context_length is None:
        return
    bounds = profile.bounds
    answer = bounds.transcript_tokens if profile.strategy == "transcribe" else bounds.structure_tokens
    transcript = bounds.transcript_tokens if profile.strategy == "transcribe_then_structure" else 0
    needed = (profile.picture.most_tokens or _PICTURE) + _PROMPT + transcript + answer
    sizes = {"found": str(probe.context_length), "needed": str(needed)}
    is_well = probe.context_length >= needed
    yield Finding("context" if is_well else "context_small", is_well, sizes)


def _reads(profile: Profile, endpoint: Endpoint) -> Finding:
    try:
        completion = _ask(profile, endpoint)
    except DegenerateOutputError as error:
        cause = error.parameters.get("cause", "")
        return _ill(_LOOPS.get(cause, "babbles"), model=profile.model)
    except ReaderError as error:
        return _of(error)
    text = completion.choices[0].message.content or ""
    missing = missing_facts(text)
    right = fact_count() - len(missing)
    if right == 0:
        said = "".join(char if char.isprintable() else " " for char in text)
        return _ill("reads_nothing", model=profile.model, said=excerpt(" ".join(said.split())))
    is_well = len(missing) <= _MAY_MISS
    parameters = {"right": str(right), "total": str(fact_count()), "missing": ", ".join(missing)}
    return Finding("reads" if is_well else "misreads", is_well, parameters)


def _ask(profile: Profile, endpoint: Endpoint) -> Any:  # noqa: ANN401 - openai's ChatCompletion
    try:
        words = render(prompt(profile.prompts.transcribe), "medical_receipt")
    except ValueError as error:
        raise ReaderError("no_prompt", prompt=profile.prompts.transcribe) from error
    picture = prepare(drawn_receipt(), profile.picture, None)
    parts = [{"type": "image_url", "image_url": {"url": picture.data_url}}, {"type": "text", "text": words.strip()}]
    return endpoint.complete([{"role": "user", "content": parts}], max_tokens=_ANSWER, guard=Guard(is_json=False))


def _schema(profile: Profile, probe: Probe) -> Finding:
    """The probe asks for a constant that no model says by itself."""
    if "response_format" in probe.supports:
        return Finding("schema", True)
    if "response_format" in probe.refusals:
        return _ill("schema_refused_by_server", model=profile.model)
    return _ill("schema_ignored", model=profile.model)


def _of(error: ReaderError) -> Finding:
    return Finding(error.key, False, dict(error.parameters))


def _ill(code: str, **parameters: str) -> Finding:
    return Finding(code, False, parameters)
