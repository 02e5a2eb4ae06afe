"""The readers there are: built-in ones in READERS, and one for every profile. A new one is a file and a line."""

from collections.abc import Callable, Mapping, Sequence

from extraction.ocr import OcrEngine
from extraction.readers.base import Reader
from extraction.readers.fake import FakeReader
from extraction.readers.profiles import AD_HOC, Profile, ReaderOptions, ad_hoc_profile, load_profiles
from schemas.reader_choice import is_simple, parse_choice
from settings import SecondReader, Settings

__all__ = ["READERS", "Overrides", "make_readers", "profile_of", "reader_names", "second_policies"]

Overrides = ReaderOptions | Mapping[str, ReaderOptions]
"""What is changed for one run: of all model readers, or by reader."""


def _local(engine: OcrEngine) -> Reader:
    from extraction.readers.local import LocalReader  # its geometry of invoices reads codes, with a module from here

    return LocalReader(engine)


READERS: dict[str, Callable[[OcrEngine], Reader]] = {"local": _local, "fake": lambda _: FakeReader()}
"""The readers that need no server."""


def reader_names(settings: Settings) -> list[str]:
    """Return the names of all readers; ReaderError where the office's file of profiles is broken."""
    return [*READERS, *load_profiles(settings.profiles_file)]


def profile_of(name: str, settings: Settings, options: ReaderOptions | None = None) -> Profile:
    """Return the profile of a reader as it is used; KeyError where there is none of this name.

    A server that was only named by address and model has the profile of that model, where there is one.
    """
    profiles = load_profiles(settings.profiles_file)
    if name == AD_HOC and name not in profiles and options is not None and options.model and options.base_url:
        return ad_hoc_profile(options.model, options.base_url, profiles).with_options(options)
    return profiles[name].with_options(options)


def make_readers(
    names: Sequence[str], settings: Settings, overrides: Overrides | None = None, engine: OcrEngine | None = None
) -> dict[str, Reader]:
    """Return new readers by name; KeyError names one that does not exist. All share the lines of one OCR engine."""
    shared = engine or OcrEngine(settings.ocr.threads)
    return {name: _chosen(name, settings, overrides, shared) for name in names}


def second_policies(
    names: Sequence[str], settings: Settings, overrides: Overrides | None = None
) -> dict[str, SecondReader]:
    """Return when each reader is asked where it is not the first: as the setting, else its profile says.

    The built-in one costs nothing and always is. Of several profiles in one choice, the most willing decides.
    """
    if settings.second_reader is not None:
        return dict.fromkeys(names, settings.second_reader)
    found: dict[str, SecondReader] = {}
    for name in names:
        parts = (name,) if is_simple(name) else parse_choice(name).names
        policies = [_policy(each, settings, _options_of(each, overrides)) for each in parts]
        found[name] = max(policies, key=_WILLINGNESS.index)
    return found


_WILLINGNESS: tuple[SecondReader, ...] = ("never", "when_in_doubt", "always")


def _policy(name: str, settings: Settings, options: ReaderOptions | None) -> SecondReader:
    return "always" if name in READERS else profile_of(name, settings, options).as_second


def _chosen(name: str, settings: Settings, overrides: Overrides | None, engine: OcrEngine) -> Reader:
    if is_simple(name):
        return _reader(name, settings, _options_of(name, overrides), engine)
    from extraction.readers.choosing import ChoosingReader  # reads codes, as the built-in does

    choice = parse_choice(name)
    parts = {each: _reader(each, settings, _options_of(each, overrides), engine) for each in choice.names}
    return ChoosingReader(name, choice, parts, lambda page: engine.read(page.image, page.number))


def _options_of(name: str, overrides: Overrides | None) -> ReaderOptions | None:
    return overrides if overrides is None or isinstance(overrides, ReaderOptions) else overrides.get(name)


def _reader(name: str, settings: Settings, options: ReaderOptions | None, engine: OcrEngine) -> Reader:
    if name in READERS:
        return READERS[name](engine)
    from extraction.readers.vlm import VlmReader  # Instructor and openai take a second, which the built-in needs not

    profile = profile_of(name, settings, options)
    return VlmReader(profile, hint=lambda page: engine.read(page.image, page.number))
