"""One frozen Settings, built once from spaces_config.yaml and the CLINICALBLIP_* variables.

The variable of a setting is CLINICALBLIP_, its section and its name: CLINICALBLIP_MODEL_PRECISION=nf4 overrides
`precision` in the section `model`, and CLINICALBLIP_SERVER_HOSTS=one.example,two.example names several.
A variable beats the file, the file beats the default.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from clinicalblip.asset_folder import ASSETS
from clinicalblip.errors import SettingsError
from clinicalblip.profiles import PROFILES, Profile, choose_profile, fill_from_profile

VARIABLE_PREFIX = "CLINICALBLIP_"
_PROFILE = f"{VARIABLE_PREFIX}PROFILE"
CONFIG = "spaces_config.yaml"

Precision = Literal["auto", "nf4", "int8", "bf16", "fp32"]

BOOK_BESIDE_BASE = "auto"

_HOST = r"^[A-Za-z0-9.-]+$|^\[?[0-9A-Fa-f:]+\]?$"
_ORIGIN = r"^https?://[A-Za-z0-9.-]+(:\d+)?$"
_SHORTEST_SECRET = 16
_BUCKET = r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$|^file:///."
_PREFIX = r"^[A-Za-z0-9][\w.-]*$"
_ACCOUNT = r"^[A-Za-z0-9][\w.-]*$"
_ARGON2 = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,172}"
)
_MOST_HASH_KIBIBYTES = 256 * 1024
ROOT_PATH = re.compile(r"(/[\w.~-]+)+", re.ASCII)
"""Where a proxy serves the page: a path with a slash before it and none after it."""

_FRAME = r"^https?://(\*\.)?[A-Za-z0-9.-]+(:\d+)?$"


def _is_header(secret: SecretStr) -> bool:
    """Whether a secret can be sent in a request's header as it is."""
    return all("!" <= character <= "~" for character in secret.get_secret_value())


def _refuse_guessable(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and not (len(secret.get_secret_value()) >= _SHORTEST_SECRET and _is_header(secret)):
        raise ValueError(
            f"a secret has at least {_SHORTEST_SECRET} letters and digits without spaces; "
            'python -c "import secrets; print(secrets.token_urlsafe(32))" makes one'
        )
    return secret


_Secret = Annotated[SecretStr | None, AfterValidator(_refuse_guessable)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_bool_for_number(cls, value: Any, info: ValidationInfo) -> Any:
        # pydantic takes YAML's `yes` for the number 1: a page on port 1, films of one megapixel.
        if isinstance(value, bool) and info.field_name and cls.model_fields[info.field_name].annotation is not bool:
            raise ValueError("expected another kind of value than yes or no")
        return value


class ModelSettings(_Section):
    """Which model drafts. A base or adapter is a folder (relative to the settings file) or a name on the hub.

    `at`: the address of replicas that `serve-model` serves; with it nothing is loaded here, and what they serve is what
    drafts. `secret`: what they and who asks them share; it is neither printed nor logged.
    `book`: the folder of a book of drafts, with which it takes fewer steps to the same words; `auto` is the folder
    `book` beside the base's, where there is one.
    """

    base: str = "assets/mini/instructblip-mini"
    adapter: str | None = "assets/mini/clinicalblip-mini"
    book: str | None = BOOK_BESIDE_BASE
    precision: Precision = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    at: str | None = None
    secret: _Secret = None


class GenerationSettings(_Section):
    """How the report is generated: greedily without a temperature, otherwise by sampling.

    `max_new_tokens`: the longest report. `top_p`: the probability mass that is sampled from. `repetition_penalty`: 1
    is none. `finding_bias`: nats that words of denial lose; above 0 fewer findings are missed, below 0 fewer are false.
    `timeout_seconds`: the longest wait for one token. `batch_size`: how many drafts are written together.
    """

    max_new_tokens: Annotated[int, Field(ge=8, le=1024)] = 220
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    repetition_penalty: Annotated[float, Field(ge=1, le=2)] = 1.0
    finding_bias: Annotated[float, Field(ge=-10, le=10)] = 0.0
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    timeout_seconds: Annotated[float, Field(gt=0)] = 300.0
    batch_size: Annotated[int, Field(ge=1, le=64)] = 16


class ScoreSettings(_Section):
    """How sure the model is, beside a draft's sentences.

    `shown`: whether the page says it. `likely`: the probability from which the model is said to think a finding is
    there, `unlikely`: below which it is said to doubt it.
    """

    shown: bool = True
    likely: Annotated[float, Field(gt=0, le=1)] = 0.5
    unlikely: Annotated[float, Field(ge=0, lt=1)] = 0.1

    @model_validator(mode="after")
    def _refuse_crossed(self) -> "ScoreSettings":
        if self.unlikely >= self.likely:
            raise ValueError("scores.unlikely has to be below scores.likely")
        return self


class StorageSettings(_Section):
    """Where reviews are kept.

    `reviews`: the path of an SQLite file. Without one it is in the user's data folder, and on a Space in a place that
    does not last, which the page says. `url`: a PostgreSQL database instead of that file; it holds a password, and is
    neither printed nor logged. `bucket`: where each review is put as well, a private bucket of the hub or a folder;
    `prefix`: the folder in it that is this page's own, a Space's name without it.
    """

    reviews: Path | None = None
    url: SecretStr | None = None
    bucket: Annotated[str, Field(pattern=_BUCKET)] | None = None
    prefix: Annotated[str, Field(pattern=_PREFIX)] | None = None


class LimitSettings(_Section):
    """What an upload and a text may be, what all readers may keep waiting and loaded, and what one may ask for.

    `drafts_per_minute`, `uploads_per_minute`, `upload_mebibytes_per_minute`, `sessions_per_reader`: None is no limit.
    An address, where it is known whose it is, has ten readers' minutes, for a clinic may share one.
    """

    file_mebibytes: Annotated[int, Field(ge=1, le=1024)] = 64
    megapixels: Annotated[int, Field(ge=1, le=1000)] = 100
    text_characters: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    waiting_readers: Annotated[int, Field(ge=1, le=1000)] = 20
    reading_seconds: Annotated[float, Field(gt=0, le=600)] = 15.0
    reading_mebibytes: Annotated[int, Field(ge=256, le=65536)] = 2048
    films_mebibytes: Annotated[int, Field(ge=2, le=1_048_576)] = 2048
    drafts_per_minute: Annotated[int, Field(ge=1, le=10_000)] | None = 30
    uploads_per_minute: Annotated[int, Field(ge=1, le=10_000)] | None = 60
    upload_mebibytes_per_minute: Annotated[int, Field(ge=1, le=1_048_576)] | None = 1024
    sessions_per_reader: Annotated[int, Field(ge=1, le=1000)] | None = 20

    @model_validator(mode="after")
    def _refuse_unsendable(self) -> "LimitSettings":
        if self.upload_mebibytes_per_minute is not None and self.upload_mebibytes_per_minute < self.file_mebibytes:
            raise ValueError("limits.upload_mebibytes_per_minute has to be limits.file_mebibytes or more")
        return self


class SessionSettings(_Section):
    """How long a reader's session is theirs: `hours` that the browser keeps the token which names it.

    `journal`: texts, drafts and ratings that are not saved survive a restart, encrypted, as long.
    """

    hours: Annotated[float, Field(gt=0, le=168)] = 12.0
    journal: bool = True


class WorklistSettings(_Section):
    """The studies that readers go through, one after another.

    `studies`: a studies file or a folder of DICOM films, relative to the settings file; the sample cases without it.
    `order`: the list's own, or shuffled, each reader's in an order of their own. `draft_ahead`: how many drafts are
    written ahead of a reader.
    """

    studies: Path | None = None
    order: Literal["file", "shuffled"] = "file"
    draft_ahead: Annotated[int, Field(ge=0, le=1)] = 0


class PrivacySettings(_Section):
    """What may be read, shown or kept although it could show who the patient is."""

    allow_burned_in: bool = False
    find_burned_in: bool = True
    check_texts: bool = True
    show_age_and_sex: bool = False


class ServerSettings(_Section):
    """Where the page is served; unset, GRADIO_SERVER_NAME and GRADIO_SERVER_PORT or Gradio's defaults hold.

    `root_path`: the path under which a proxy serves it ("/clinicalblip"); unset, GRADIO_ROOT_PATH holds.
    `hosts`: further names that it answers to; loopback, `name` and a Space's own name need not be said.
    `origins`: pages elsewhere that may call it ("https://reader.example"); none without.
    `embed_in`: pages that may show it in a frame; none without, on a Space those of the hub.
    `proxies`: addresses or networks of proxies before it, whose X-Forwarded-For is believed.
    `metrics_secret`: who knows it may read `/metrics`, which is not served without one; neither printed nor logged.
    `logs`: how the log is written, `json` as one object a line.
    """

    name: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    root_path: str | None = None
    hosts: tuple[Annotated[str, Field(pattern=_HOST)], ...] = ()
    origins: tuple[Annotated[str, Field(pattern=_ORIGIN)], ...] = ()
    embed_in: tuple[Annotated[str, Field(pattern=_FRAME)], ...] = ()
    proxies: tuple[IPvAnyNetwork, ...] = ()
    metrics_secret: _Secret = None
    logs: Literal["text", "json"] = "text"

    @field_validator("root_path")
    @classmethod
    def _refuse_no_path(cls, root_path: str | None) -> str | None:
        if root_path is not None and not ROOT_PATH.fullmatch(root_path):
            raise ValueError("expected a path such as /clinicalblip, with a slash before it and none after it")
        return root_path


class AccessSettings(_Section):
    """Who may read the page.

    `mode`: everybody, who knows a shared password, or who has an account of Hugging Face; the last on a Space alone.
    `password` and `owner_password` are argon2 hashes, which `clinicalblip access hash` prints; neither is printed nor
    logged. Owners see everybody's reviews: who knows the second, in any mode, and in mode huggingface `owners`, by the
    names of their accounts.
    """

    mode: Literal["open", "password", "huggingface"] = "open"
    password: SecretStr | None = None
    owner_password: SecretStr | None = None
    owners: tuple[Annotated[str, Field(pattern=_ACCOUNT)], ...] = ()

    @field_validator("password", "owner_password")
    @classmethod
    def _refuse_no_hash(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is None:
            return None
        found = _ARGON2.fullmatch(secret.get_secret_value())
        if found is None:
            raise ValueError("expected an argon2 hash, which `clinicalblip access hash` makes of a password")
        memory, passes, lanes = map(int, found.groups())
        if not (8 * lanes <= memory <= _MOST_HASH_KIBIBYTES and 0 < passes <= 20 and 0 < lanes <= 16):
            raise ValueError(
                "expected an argon2 hash of at most 256 MiB and 20 passes, as `clinicalblip access hash` does"
            )
        return secret

    @model_validator(mode="after")
    def _refuse_what_does_not_fit(self) -> "AccessSettings":
        if self.mode == "password" and self.password is None:
            raise ValueError(
                "mode password needs access.password (CLINICALBLIP_ACCESS_PASSWORD), a hash that `clinicalblip access "
                "hash` makes"
            )
        if self.mode == "open" and self.password is not None:
            raise ValueError("there is an access.password, and mode open asks nobody for it; set access.mode")
        if self.owners and self.mode != "huggingface":
            raise ValueError("access.owners are accounts of Hugging Face, which mode huggingface alone knows")
        return self


class WordingSettings(_Section):
    """What the deployer may say on the page besides its own words."""

    title: str = "ClinicalBLIP"
    notice: str = ""


class Settings(_Section):
    """Everything a deployer can set. `folder` is where relative paths start; `profile` the kind of machine."""

    folder: Path = Path()
    profile: Profile = "auto"
    model: ModelSettings = ModelSettings()
    generation: GenerationSettings = GenerationSettings()
    scores: ScoreSettings = ScoreSettings()
    storage: StorageSettings = StorageSettings()
    limits: LimitSettings = LimitSettings()
    session: SessionSettings = SessionSettings()
    worklist: WorklistSettings = WorklistSettings()
    privacy: PrivacySettings = PrivacySettings()
    server: ServerSettings = ServerSettings()
    access: AccessSettings = AccessSettings()
    wording: WordingSettings = WordingSettings()

    @field_validator("folder")
    @classmethod
    def _resolve(cls, folder: Path) -> Path:
        return folder.resolve()

    def locate(self, name: str) -> str | Path:
        """What `model.base`, `.adapter` or `.book` names: a folder, or the name itself where it is one on the hub.

        A folder is looked for beside the settings file; `assets/...` also among the files that come with the package.
        """
        folders = [self.folder / Path(name).expanduser()]
        if Path(name).parts[:1] == (ASSETS.name,):
            folders.append(ASSETS.parent / name)
        return next((folder for folder in folders if folder.is_dir()), name)


def find_config() -> Path:
    """Where the settings file is looked for: beside app.py in a clone, in the working directory once installed."""
    in_clone = ASSETS.parent / CONFIG
    return in_clone if in_clone.is_file() else Path(CONFIG)


def read_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings file and the variables that override it.

    A missing file means the defaults. Raises SettingsError for a file that is no YAML mapping, an unknown
    section, name or variable, and a value of the wrong type or outside its range.
    """
    values = _read_file(path)
    if isinstance(values.get("access"), str):
        values["access"] = {"mode": values["access"]}
    values |= {"profile": environment[_PROFILE]} if _PROFILE in environment else {}
    for variable, text in environment.items():
        if variable.startswith(VARIABLE_PREFIX) and variable != _PROFILE:
            section, name = _parse_variable(variable)
            values.setdefault(section, {})
            if not isinstance(values[section], dict):
                break  # pydantic names the section that is no mapping
            values[section][name] = _parse_value(section, name, text)
    profile = choose_profile(str(values.get("profile", "auto")), environment)
    if profile in PROFILES:  # otherwise pydantic says what is wrong with it
        values = fill_from_profile(values, profile)
    try:
        return Settings(folder=path.parent, **values)
    except ValidationError as error:
        raise SettingsError(_describe(error, path)) from error


_UNSHOWN = (
    *("model", "model.secret", "storage", "storage.url", "server", "server.metrics_secret"),
    *("access", "access.password", "access.owner_password"),
)
"""Settings whose values stand in no message: a section would be shown whole where it is no mapping."""

_YAML_WORDS = {"null", "~", "true", "false"}


def _parse_value(section: str, name: str, text: str) -> Any:
    """A variable's text as the value of its setting; several are separated by commas."""
    if get_origin(_sections()[section].model_fields[name].annotation) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    return yaml.safe_load(text) if text.strip().lower() in _YAML_WORDS else text


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:  # ValueError: no UTF-8, or a date like 2026-99-99
        raise SettingsError(
            f"{path.name} cannot be read as YAML ({type(error).__name__}); check its syntax."
        ) from error
    if values is None:
        return {}
    if not isinstance(values, dict) or "folder" in values:
        raise SettingsError(f"{path.name} must be a mapping of sections ({', '.join(_sections())}).")
    return {str(section): ({} if value is None else value) for section, value in values.items()}


def _sections() -> dict[str, type[_Section]]:
    return {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, _Section)
    }


def _parse_variable(variable: str) -> tuple[str, str]:
    section, _, name = variable.removeprefix(VARIABLE_PREFIX).lower().partition("_")
    known = _sections()
    if section in known and name in known[section].model_fields:
        return section, name
    names = [_PROFILE, *(f"{VARIABLE_PREFIX}{s}_{n}".upper() for s, kind in known.items() for n in kind.model_fields)]
    raise SettingsError(f"The variable {variable} is no setting; known are {', '.join(names)}.")


def _describe(error: ValidationError, path: Path) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        kind = _sections().get(str(first["loc"][0]), Settings) if len(first["loc"]) > 1 else Settings
        known = ", ".join(name for name in kind.model_fields if name != "folder")
        return f"{path.name} or a {VARIABLE_PREFIX}* variable has the unknown setting {place}; known there are {known}."
    found = "what is not shown" if place in _UNSHOWN else repr(first["input"])
    return f"The setting {place} in {path.name} or the environment is wrong: found {found}; {first['msg']}."
