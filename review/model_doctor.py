"""What the doctor of model readers found, in words."""

from collections.abc import Iterable, Iterator

from extraction.errors import ReaderError
from extraction.readers.profiles import load_profiles
from review.doctor import Finding
from review.i18n import Catalog
from review.messages import error_message
from settings import Settings


def finding_text(texts: Catalog, code: str, parameters: dict[str, str]) -> str:
    """Return what was found and what to do about it."""
    key = f"model_doctor.{code}"
    return texts(key, **parameters) if texts.has(key) else error_message(texts, code, parameters)


def examine_readers(names: Iterable[str], settings: Settings, texts: Catalog) -> Iterator[Finding]:
    """Yield the findings about the model readers named, each as soon as it is known."""
    try:
        profiles = load_profiles(settings.profiles_file)
    except ReaderError as error:
        yield Finding(error_message(texts, error.key, error.parameters), is_well=False)
        return
    for name in names:
        if name == "local":
            yield Finding(texts("cli.doctor_local"), is_well=True)
            continue
        if name not in profiles:
            yield Finding(texts("cli.no_reader", name=name, known=", ".join(profiles)), is_well=False)
            continue
        from extraction.readers.doctor import examine  # openai takes a second

        for finding in examine(profiles[name]):
            yield Finding(f"{name}: {finding_text(texts, finding.code, finding.parameters)}", finding.is_well)
