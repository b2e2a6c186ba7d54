"""Settings: defaults, file, variables, and one sentence for everything that is wrong."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from clinicalblip.errors import SettingsError
from clinicalblip.settings import Settings, find_config, read_settings

ROOT = Path(__file__).resolve().parents[1]


def _file(folder: Path, text: str) -> Path:
    path = folder / "spaces_config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _refusal(path: Path, environment: dict[str, str] | None = None) -> str:
    """The message of the SettingsError; one line that ends like a sentence."""
    with pytest.raises(SettingsError) as caught:
        read_settings(path, environment or {})
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    """A missing file is no error, and relative paths still start at its folder."""
    settings = read_settings(tmp_path / "none.yaml", {})
    assert settings == Settings(folder=tmp_path)
    assert settings.folder.is_absolute()


@pytest.mark.parametrize("text", ["", "# nothing\n", "model:\nstorage:\n"])
def test_an_empty_file_means_the_defaults(tmp_path: Path, text: str) -> None:
    """So do empty sections."""
    assert read_settings(_file(tmp_path, text), {}) == Settings(folder=tmp_path)


def test_the_file_of_the_repository_means_the_defaults() -> None:
    """What spaces_config.yaml spells out is what holds without it, so the two cannot drift apart."""
    assert read_settings(ROOT / "spaces_config.yaml", {}) == Settings(folder=ROOT)


def test_the_file_of_the_repository_names_every_section() -> None:
    """A deployer finds every section in the one file to edit."""
    text = (ROOT / "spaces_config.yaml").read_text(encoding="utf-8")
    sections = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    assert sections == set(Settings.model_fields) - {"folder"}


def test_the_file_of_a_clone_is_found() -> None:
    """From any working directory."""
    assert find_config() == ROOT / "spaces_config.yaml"


def test_the_bundled_model_is_found_from_any_folder(tmp_path: Path) -> None:
    """Where nothing of that name lies beside the settings file."""
    settings = Settings(folder=tmp_path)
    assert settings.locate(settings.model.base) == ROOT / "assets" / "mini" / "instructblip-mini"
    beside = tmp_path / settings.model.base
    beside.mkdir(parents=True)
    assert settings.locate(settings.model.base) == beside


@pytest.mark.parametrize("name", ["Salesforce/instructblip-vicuna-7b", "docs", "assets/mini/nowhere"])
def test_what_is_no_folder_of_the_settings_stays_a_name(tmp_path: Path, name: str) -> None:
    """Of the repository's folders only the assets come with the package."""
    assert Settings(folder=tmp_path).locate(name) == name


def test_the_file_beats_the_default(tmp_path: Path) -> None:
    """A named setting is taken, the others of its section keep their defaults."""
    settings = read_settings(_file(tmp_path, "model:\n  precision: nf4\nserver: {port: 8000}\n"), {})
    assert (settings.model.precision, settings.model.device, settings.server.port) == ("nf4", "auto", 8000)


def test_a_variable_beats_the_file(tmp_path: Path) -> None:
    """Numbers, words, paths and several words with underscores come from the environment."""
    path = _file(tmp_path, "model: {precision: nf4}\ngeneration: {max_new_tokens: 100}\n")
    settings = read_settings(
        path,
        {
            "CLINICALBLIP_MODEL_PRECISION": "fp32",
            "CLINICALBLIP_GENERATION_MAX_NEW_TOKENS": "50",
            "CLINICALBLIP_STORAGE_REVIEWS": "kept/reviews.sqlite3",
            "CLINICALBLIP_PRIVACY_ALLOW_BURNED_IN": "true",
            "CLINICALBLIP_MODEL_ADAPTER": "null",
            "HOME": "/nowhere",
        },
    )
    assert (settings.model.precision, settings.generation.max_new_tokens) == ("fp32", 50)
    assert settings.storage.reviews == Path("kept/reviews.sqlite3")
    assert settings.privacy.allow_burned_in is True
    assert settings.model.adapter is None


def test_a_title_that_looks_like_yaml_stays_a_text(tmp_path: Path) -> None:
    """A variable is a text unless it is one of YAML's words."""
    settings = read_settings(tmp_path / "none", {"CLINICALBLIP_WORDING_TITLE": "[draft]: 1"})
    assert settings.wording.title == "[draft]: 1"


def test_settings_do_not_change() -> None:
    """Built once: nothing can be set afterwards."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().model.precision = "nf4"


def test_an_unknown_section_is_named_with_the_known_ones(tmp_path: Path) -> None:
    """A misspelt section is not passed over."""
    message = _refusal(_file(tmp_path, "modle: {base: x}\n"))
    assert "modle" in message
    assert "model, generation, scores, storage" in message
    assert "folder" not in message


def test_an_unknown_setting_is_named_with_the_known_ones(tmp_path: Path) -> None:
    """Neither is a misspelt name in a section."""
    message = _refusal(_file(tmp_path, "model: {precison: nf4}\n"))
    assert "model.precison" in message
    assert "base, adapter, book, precision, device" in message
    assert "embed_in" in _refusal(_file(tmp_path, "server: {frames: [https://portal.example]}\n"))


@pytest.mark.parametrize(
    "variable", ["CLINICALBLIP_MODEL_PRECISON", "CLINICALBLIP_MODLE_BASE", "CLINICALBLIP_", "CLINICALBLIP_FOLDER"]
)
def test_an_unknown_variable_is_named_with_the_known_ones(tmp_path: Path, variable: str) -> None:
    """A misspelt variable would otherwise change nothing, unseen."""
    message = _refusal(tmp_path / "none", {variable: "nf4"})
    assert f"The variable {variable} is no setting" in message
    assert "CLINICALBLIP_MODEL_PRECISION" in message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("model: {precision: fp8}", "model.precision"),
        ("generation: {max_new_tokens: many}", "generation.max_new_tokens"),
        ("generation: {max_new_tokens: 0}", "generation.max_new_tokens"),
        ("generation: {temperature: .nan}", "generation.temperature"),
        ("generation: {seed: -1}", "generation.seed"),
        ("limits: {megapixels: 1.5}", "limits.megapixels"),
        ("privacy: {allow_burned_in: perhaps}", "privacy.allow_burned_in"),
        ("storage: {reviews: [a, b]}", "storage.reviews"),
        ("server: {port: 70000}", "server.port"),
        ("server: {port: yes}", "server.port"),
        ("server: {root_path: clinicalblip}", "server.root_path"),
        ("server: {root_path: /clinicalblip/}", "server.root_path"),
        ("server: {root_path: 'https://reader.example/blip'}", "server.root_path"),
        ("server: {embed_in: [portal.example]}", "server.embed_in.0"),
        ("limits: {megapixels: true}", "limits.megapixels"),
        ("generation: {temperature: no}", "generation.temperature"),
        ("wording: {title: 5}", "wording.title"),
        ("model: [a, b]", "model"),
        ("model: text", "model"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, text: str, place: str) -> None:
    """The message says which setting is wrong and what was found."""
    message = _refusal(_file(tmp_path, text))
    assert f"The setting {place} in spaces_config.yaml" in message
    assert "found " in message


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    """A variable is held to the same ranges as the file."""
    message = _refusal(tmp_path / "spaces_config.yaml", {"CLINICALBLIP_SERVER_PORT": "http"})
    assert "server.port" in message
    assert "'http'" in message


@pytest.mark.parametrize("text", ["model: {base: [", "a: b: c", "\tmodel: x", "seed: 2026-99-99", "a: &b [*c]"])
def test_bad_yaml_is_one_sentence(tmp_path: Path, text: str) -> None:
    """Broken syntax, and dates that are none, are told as such."""
    assert "cannot be read as YAML" in _refusal(_file(tmp_path, text))


def test_bytes_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    """A binary file in the place of the settings is no traceback."""
    path = tmp_path / "spaces_config.yaml"
    path.write_bytes(b"\xff\xfe\x00binary")
    assert "cannot be read as YAML" in _refusal(path)


def test_a_folder_in_the_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    """So is a folder."""
    assert "cannot be read" in _refusal(tmp_path)


@pytest.mark.parametrize("text", ["- model\n- server\n", "just words", "5", "folder: /tmp\n"])
def test_a_file_that_is_no_mapping_of_sections_is_refused(tmp_path: Path, text: str) -> None:
    """A list, a word, a number; and the folder is not for the file to set."""
    assert "must be a mapping of sections (model, generation" in _refusal(_file(tmp_path, text))


@given(
    section=st.sampled_from([*Settings.model_fields, "other"]),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
        max_leaves=5,
    ),
)
def test_any_yaml_gives_settings_or_a_settings_error(
    tmp_path_factory: pytest.TempPathFactory, section: str, value: object
) -> None:
    """Whatever a deployer writes, nothing but a SettingsError comes out."""
    path = _file(tmp_path_factory.mktemp("settings"), yaml.safe_dump({section: value}))
    try:
        outcome: object = read_settings(path, {})
    except SettingsError as error:
        outcome = error
    assert isinstance(outcome, Settings) or str(outcome).endswith(".")


@pytest.mark.parametrize("secret", ["short", "with a space in it for sure", "0123456789abcde", "ünprintable-secrets"])
def test_a_secret_that_is_refused_is_not_shown(tmp_path: Path, secret: str) -> None:
    """Neither from the file nor from the environment; the message says how to make one."""
    for path, environment in (
        (_file(tmp_path, f"model: {{secret: '{secret}'}}\n"), {}),
        (tmp_path / "none", {"CLINICALBLIP_MODEL_SECRET": secret}),
    ):
        message = _refusal(path, environment)
        assert "model.secret" in message
        assert "token_urlsafe" in message
        assert secret not in message


def test_a_secret_is_no_number_and_no_section(tmp_path: Path) -> None:
    """Whatever stands there is not shown either."""
    for text in ("model: {secret: 1234567890123456}\n", "model: hidden-secret-hidden\n"):
        message = _refusal(_file(tmp_path, text))
        assert "1234567890123456" not in message
        assert "hidden" not in message


def test_settings_never_print_their_secret(tmp_path: Path) -> None:
    """Nor as text, nor as JSON."""
    secret = "a-secret-of-thirty-two-letters--"
    settings = read_settings(tmp_path / "none", {"CLINICALBLIP_MODEL_SECRET": secret})
    assert settings.model.secret is not None
    assert settings.model.secret.get_secret_value() == secret
    for text in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.model.model_dump())):
        assert secret not in text


@pytest.mark.parametrize("text", ["storage: [Planted]", "storage: {url: [Planted]}", "storage: Planted"])
def test_no_message_holds_what_may_be_a_password(tmp_path: Path, text: str) -> None:
    """Not of an address that is none, nor of a section that is no mapping."""
    assert "Planted" not in _refusal(_file(tmp_path, text))


def test_an_address_with_a_password_is_not_printed(tmp_path: Path) -> None:
    """Whoever prints the settings prints stars."""
    settings = read_settings(tmp_path / "none.yaml", {"CLINICALBLIP_STORAGE_URL": "postgresql://a:Planted@b/c"})
    assert settings.storage.url is not None
    assert "Planted" not in f"{settings} {settings!r} {settings.model_dump_json()}"


HASH = "$argon2id$v=19$m=65536,t=3,p=4$" + "c2FsdHNhbHRzYWx0c2FsdA$" + "a" * 43


def test_one_word_says_the_mode_of_access(tmp_path: Path) -> None:
    """With the hash from a secret, as on a Space; it is shown in no print."""
    environment = {"CLINICALBLIP_ACCESS_PASSWORD": HASH, "CLINICALBLIP_ACCESS_OWNER_PASSWORD": HASH}
    settings = read_settings(_file(tmp_path, "access: password\n"), environment)
    assert (settings.access.mode, settings.access.password) == ("password", SecretStr(HASH))
    assert HASH not in repr(settings) + settings.model_dump_json()
    owners = read_settings(_file(tmp_path, "access: {mode: huggingface}\n"), {"CLINICALBLIP_ACCESS_OWNERS": "one, two"})
    assert owners.access.owners == ("one", "two")


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("access: password\n", {}, "mode password needs access.password (CLINICALBLIP_ACCESS_PASSWORD)"),
        ("access: password\n", {"CLINICALBLIP_ACCESS_PASSWORD": ""}, "expected an argon2 hash"),
        ("access: password\n", {"CLINICALBLIP_ACCESS_PASSWORD": "planted word"}, "`clinicalblip access hash` makes"),
        ("", {"CLINICALBLIP_ACCESS_PASSWORD": HASH}, "mode open asks nobody for it"),
        ("", {"CLINICALBLIP_ACCESS_OWNER_PASSWORD": HASH[:-30]}, "expected an argon2 hash"),
        ("", {"CLINICALBLIP_ACCESS_OWNER_PASSWORD": HASH.replace("65536", "999999")}, "at most 256 MiB"),
        ("", {"CLINICALBLIP_ACCESS_OWNER_PASSWORD": HASH.replace("id", "i")}, "expected an argon2 hash"),
        ("access: {owners: [somebody]}\n", {}, "mode huggingface alone knows"),
        ("access: {mode: huggingface, owners: ['../x']}\n", {}, "access.owners.0"),
        ("access: secret\n", {}, "access.mode"),
        ("access: [planted]\n", {}, "what is not shown"),
    ],
)
def test_access_that_would_not_hold_is_refused(
    tmp_path: Path, text: str, environment: dict[str, str], said: str
) -> None:
    """In a sentence that shows neither password nor hash."""
    message = _refusal(_file(tmp_path, text), environment)
    assert said in message
    for planted in ("planted", HASH[:40]):
        assert planted not in message
