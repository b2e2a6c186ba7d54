"""One LoRA adapter over an InstructBLIP base: creating, loading, saving, and freezing it group by group.

An adapter is a folder: `adapter_config.json` and `adapter_model.safetensors` as PEFT writes them, so that a plain
`PeftModel.from_pretrained` loads it, and `adapter.json`, its provenance. The layers and ranks are in
groups.py. Nothing is merged into the base.
"""

import hashlib
import json
import shutil
import warnings
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from peft import LoraConfig, PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from clinicalblip.datasets.files.atomic import make_folder_atomically
from clinicalblip.errors import AdapterError, AdapterMismatch, AdapterNotFound
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.groups import (
    LORA_LAYERS,
    PROJECTION_MODULE,
    TARGET_MODULES,
    Group,
    Ranks,
    group_of,
    is_adapter_weight,
)
from clinicalblip.instructblip.provenance import (
    CONFIG_FILE,
    PROVENANCE_FILE,
    WEIGHTS_FILE,
    AdapterProvenance,
    read_json,
    read_provenance,
)

_NAME = "default"  # PEFT's name for the one adapter of a model
# The fields of a loaded configuration that are read; LoraConfig has others, among them names of modules to import.
_CONFIG_READ = (
    "r",
    "lora_alpha",
    "lora_dropout",
    "target_modules",
    "modules_to_save",
    "rank_pattern",
    "alpha_pattern",
    "use_rslora",
)


def create_adapter(base: Base, ranks: Ranks, seed: int) -> PeftModel:
    """Put a new adapter on the base, initialised from `seed`; before it is trained it changes no output of the base.

    The base's model is wrapped in place and every group of the adapter is trainable. Its weights are float32 on a
    base of any precision.
    """
    _refuse_wrapped(base)
    groups = {LORA_LAYERS[group]: rank for group, rank in ranks.by_group().items()}
    config = LoraConfig(
        r=ranks.language,
        lora_alpha=2 * ranks.language,
        target_modules=TARGET_MODULES,
        rank_pattern=groups,
        alpha_pattern={pattern: 2 * rank for pattern, rank in groups.items()},
        modules_to_save=[PROJECTION_MODULE],
        base_model_name_or_path=base.name,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = _wrap(base, config)
    _make_projection_float32(model)
    return model


def load_adapter(base: Base, folder: Path, trainable: bool = False) -> tuple[PeftModel, str]:
    """Put the adapter of a folder on the base, in place; returns the model and the adapter's digest.

    The digest is SHA-256 in hexadecimal over the adapter's weights and configuration. Only safetensors are read.
    A trainable adapter is float32 throughout and trainable in every group.

    Raises:
        AdapterNotFound: no folder, or a file of the adapter is missing.
        AdapterMismatch: it was made for another base.
        AdapterError: its files are damaged or are not what this project writes.
    """
    provenance = read_provenance(folder)
    if provenance.base_digest != base.digest:
        raise AdapterMismatch(
            f"The adapter was made for the base {provenance.base} ({provenance.base_digest[:12]}), and the base given "
            f"is {base.name} ({base.digest[:12]}); name the base that it was made for, or another adapter."
        )
    _refuse_wrapped(base)
    config = _read_config(folder, base.name)
    weights = _read_weights(folder)
    config.inference_mode = not trainable
    model = _wrap(base, config)
    if trainable:
        _make_projection_float32(model)
    _set_weights(model, weights)
    model.eval()
    return model, digest_adapter(folder)


def load_weights(model: PeftModel, folder: Path) -> None:
    """Set the weights of a model that already carries an adapter to those of a folder. Raises as `load_adapter`."""
    _set_weights(model, _read_weights(folder))


def save_adapter(model: PeftModel, folder: Path, provenance: AdapterProvenance) -> str:
    """Write the adapter to a folder, replacing what is there only once all is written; returns its digest."""
    with make_folder_atomically(folder) as part:
        save_weights(model, part)
        text = json.dumps(asdict(provenance), indent=2, sort_keys=True)
        (part / PROVENANCE_FILE).write_text(text + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
    return digest_adapter(folder)


def save_weights(model: PeftModel, folder: Path) -> None:
    """Write PEFT's two files to an existing folder, without provenance.

    PEFT's own `save_pretrained` would add a card with the path of the base on this machine, and may ask the hub
    whether the base has other embeddings.
    """
    state = get_peft_model_state_dict(model, adapter_name=_NAME, save_embedding_layers=False)
    save_file(
        {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()},
        folder / WEIGHTS_FILE,
        metadata={"format": "pt"},
    )
    config = model.peft_config[_NAME]
    before, config.inference_mode = config.inference_mode, True
    config.save_pretrained(str(folder))
    config.inference_mode = before


def freeze_all_but(model: PeftModel, groups: Collection[Group]) -> int:
    """Make only these groups of the adapter trainable, and nothing of the base; returns how many weights are."""
    trainable = 0
    for name, parameter in model.named_parameters():
        is_trained = is_adapter_weight(name) and group_of(name) in groups
        parameter.requires_grad_(is_trained)
        trainable += parameter.numel() if is_trained else 0
    return trainable


def set_dropout(model: PeftModel, groups: Collection[Group], fraction: float) -> None:
    """Set the dropout before the low-rank matrices to this fraction in these groups, and to none in the others."""
    for name, module in model.named_modules():
        if isinstance(module, LoraLayer):
            dropout = fraction if group_of(name) in groups else 0.0
            module.lora_dropout[_NAME] = nn.Dropout(dropout) if dropout else nn.Identity()


def digest_adapter(folder: Path) -> str:
    """SHA-256 in hexadecimal over the adapter's weights and configuration."""
    digest = hashlib.sha256()
    for name in (WEIGHTS_FILE, CONFIG_FILE):
        content = (folder / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def find_adapter(name: str | Path) -> Path:
    """The folder of an adapter that is named by its folder or by its name on the hub.

    From the hub it is fetched, or taken from the cache. Raises AdapterNotFound.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    try:
        return Path(snapshot_download(str(name), allow_patterns=[CONFIG_FILE, WEIGHTS_FILE, PROVENANCE_FILE]))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise AdapterNotFound(
            "The adapter is neither a folder nor a name that the hub gives from here; check its name, the network "
            f"and the access ({type(error).__name__})."
        ) from error


def _wrap(base: Base, config: LoraConfig) -> PeftModel:
    with warnings.catch_warnings():
        # PEFT calls something that transformers 6 will remove.
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
        return PeftModel(base.model, config)


def _refuse_wrapped(base: Base) -> None:
    if any(isinstance(module, LoraLayer) for module in base.model.modules()):
        raise AdapterError("The base already carries an adapter; load the base again for another one.")


def _read_config(folder: Path, base: str) -> LoraConfig:
    values = read_json(folder, CONFIG_FILE)
    if values.get("peft_type") != "LORA":
        raise AdapterError("The adapter is no LoRA adapter; this project reads only those that it trained.")
    fields = {name: values[name] for name in _CONFIG_READ if name in values}
    try:
        return LoraConfig(**fields, base_model_name_or_path=base)
    except (TypeError, ValueError) as error:
        raise AdapterError(f"{CONFIG_FILE} of the adapter is damaged; fetch or train the adapter again.") from error


def _read_weights(folder: Path) -> dict[str, torch.Tensor]:
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise AdapterNotFound(f"The adapter has no {WEIGHTS_FILE}; weights in any other format are not read.")
    try:
        return dict(load_file(path))
    except SafetensorError as error:
        raise AdapterError(f"{WEIGHTS_FILE} of the adapter is damaged; fetch or train the adapter again.") from error


def _set_weights(model: PeftModel, weights: dict[str, torch.Tensor]) -> None:
    state = get_peft_model_state_dict(model, adapter_name=_NAME, save_embedding_layers=False)
    expected, found = ({name: tuple(t.shape) for name, t in tensors.items()} for tensors in (state, weights))
    if expected != found:
        differing = sum(1 for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        raise AdapterError(
            f"{differing} of the {len(expected)} weights of the adapter are missing, unknown or of another shape; "
            "its files do not belong together. Fetch or train it again."
        )
    set_peft_model_state_dict(model, weights, adapter_name=_NAME)


def _make_projection_float32(model: PeftModel) -> None:
    """PEFT keeps the low-rank matrices in float32, but not the module that is trained in full."""
    for name, parameter in model.named_parameters():
        if is_adapter_weight(name) and parameter.is_floating_point():
            parameter.data = parameter.data.float()
