"""How near a token comes to what the machine could do: the share of its memory's bandwidth, what is lost where, and
llama.cpp on the same weights.

    python -m research.benchmarks.limits [--tokens N] [--rounds N] [--precision fp32 bf16 nf4] [--output FILE]

One row is decoded after a prompt of 96 positions, without films, in the main thread. The bandwidth is that of copying
256 MiB, read and written. The profile gives the shares of torch's operators by kind. llama.cpp is run where `llama_cpp`
and `gguf` are installed (`pip install llama-cpp-python gguf`; needed for nothing else): the language model with its
adapter merged, in F16, after a check that it gives the same likeliest tokens as torch in fp32.
"""

import argparse
import ctypes
import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from clinicalblip.instructblip.engine.language_model import BatchedLanguageModel
from clinicalblip.instructblip.loaded_model import LoadedModel, load_model
from research.benchmarks.printed_tables import print_tables
from research.benchmarks.processor import cpu_name
from research.benchmarks.serving import settings_of

PROMPT: Final = 96
COPIED: Final = 256 * 2**20
KINDS: Final = {
    "weights": ("mm", "addmm", "linear", "bmm", "gemv", "gemm", "4bit"),
    "attention": ("scaled_dot_product", "flash", "softmax"),
    "copies, casts and cache": ("index_put", "index", "copy_", "_to_copy", "aten::to"),
}


def copy_bandwidth() -> float:
    """Bytes a second that are read and written while memory is copied."""
    source, target = torch.ones(COPIED, dtype=torch.uint8), torch.empty(COPIED, dtype=torch.uint8)
    target.copy_(source)
    seconds = []
    for _ in range(7):
        began = time.perf_counter()
        target.copy_(source)
        seconds.append(time.perf_counter() - began)
    return 2 * COPIED / statistics.median(seconds)


def weight_bytes(loaded: LoadedModel) -> int:
    """Bytes of weights that a token reads: all of the language model's, its table of embeddings only as the head."""
    language = loaded.model.language_model
    tensors = {tensor.data_ptr(): tensor for tensor in (*language.parameters(), *language.buffers())}
    tied = language.get_output_embeddings().weight.data_ptr() == language.get_input_embeddings().weight.data_ptr()
    unread = 0 if tied else language.get_input_embeddings().weight.nbytes
    return sum(tensor.nbytes for tensor in tensors.values()) - unread


class Decoding:
    """One row of a loaded model, decoded greedily from a prompt of beginnings."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._base = loaded.base
        self._language = BatchedLanguageModel(loaded.base, loaded.model, 1)
        ids = torch.full((1, PROMPT), loaded.base.bos_token_id)
        self._embeds = loaded.model.get_input_embeddings()(ids)

    def run(self, tokens: int) -> tuple[list[int], float]:
        """The tokens written and the seconds that they took, the prompt's left out."""
        with torch.inference_mode():
            with self._base.autocast():
                (logits,) = self._language.join([self._embeds], [tokens + 1])
            written = [int(logits.argmax())]
            began = time.perf_counter()
            for _ in range(tokens):
                with self._base.autocast():
                    logits = self._language.step([written[-1:]])[:, 0]
                self._language.keep(0, 1)
                written.append(int(logits[0].argmax()))
            seconds = time.perf_counter() - began
            self._language.leave(0)
        return written, seconds


def profile_token(decoding: Decoding, tokens: int) -> dict[str, float]:
    """Which share of the time in torch's operators each kind has, and how many operators a token takes.

    The profiler slows what it watches by as much as an operator: shares of many small ones look larger than they are.
    """
    with profile(activities=[ProfilerActivity.CPU]) as found:
        decoding.run(tokens)
    spent = dict.fromkeys((*KINDS, "other"), 0.0)
    events = found.key_averages()
    for event in events:
        kind = next((kind for kind, words in KINDS.items() if any(word in event.key for word in words)), "other")
        spent[kind] += event.self_cpu_time_total
    shares = {kind: microseconds / sum(spent.values()) for kind, microseconds in spent.items()}
    return shares | {"operators": sum(event.count for event in events) / tokens}


def _rotary(weight: Tensor, heads: int) -> Tensor:
    """Rows of a query or key projection in llama.cpp's order: transformers turns halves of a head, it neighbours."""
    rows, columns = weight.shape
    return weight.view(heads, 2, rows // heads // 2, columns).transpose(1, 2).reshape(rows, columns)


def export_gguf(loaded: LoadedModel, path: Path) -> None:
    """Write the language model of an fp32 model as a GGUF file in F16, without a vocabulary."""
    import gguf

    language = loaded.model.language_model
    config = language.config
    merged = {name.replace(".base_layer", ""): tensor for name, tensor in language.state_dict().items()}
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    writer.add_tokenizer_model("no_vocab")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)

    def add(name: str, tensor: Tensor) -> None:
        kind = np.float16 if tensor.ndim > 1 else np.float32
        writer.add_tensor(name, tensor.detach().float().numpy().astype(kind))

    add("token_embd.weight", merged["model.embed_tokens.weight"])
    add("output_norm.weight", merged["model.norm.weight"])
    if not config.tie_word_embeddings:
        add("output.weight", merged["lm_head.weight"])
    for layer in range(config.num_hidden_layers):
        here, there = f"model.layers.{layer}", f"blk.{layer}"
        add(f"{there}.attn_norm.weight", merged[f"{here}.input_layernorm.weight"])
        add(f"{there}.ffn_norm.weight", merged[f"{here}.post_attention_layernorm.weight"])
        for ours, theirs in (("q", "attn_q"), ("k", "attn_k"), ("v", "attn_v"), ("o", "attn_output")):
            weight = merged[f"{here}.self_attn.{ours}_proj.weight"]
            heads = {"q": config.num_attention_heads, "k": config.num_key_value_heads}.get(ours)
            add(f"{there}.{theirs}.weight", _rotary(weight, heads) if heads else weight)
        for part in ("gate", "up", "down"):
            add(f"{there}.ffn_{part}.weight", merged[f"{here}.mlp.{part}_proj.weight"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama_cpp(path: Path, bos: int, threads: int) -> Callable[[int], tuple[list[int], float]]:
    """What `Decoding.run` does, by llama.cpp."""
    import llama_cpp

    @llama_cpp.llama_log_callback
    def silent(*_: Any) -> None:
        """Its log is not ours."""

    llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
    wanted = llama_cpp.llama_context_default_params()
    wanted.n_ctx, wanted.n_threads, wanted.n_threads_batch = 512, threads, threads
    context = llama_cpp.llama_init_from_model(model, wanted)
    vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))

    def decode(ids: list[int]) -> int:
        tokens = (llama_cpp.llama_token * len(ids))(*ids)
        if llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(tokens, len(ids))):
            raise SystemExit("llama.cpp could not decode.")
        logits = llama_cpp.llama_get_logits_ith(context, -1)
        return int(np.ctypeslib.as_array(logits, shape=(vocabulary,)).argmax())

    def run(tokens: int) -> tuple[list[int], float]:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
        written = [decode([bos] * PROMPT)]
        began = time.perf_counter()
        for _ in range(tokens):
            written.append(decode(written[-1:]))
        return written, time.perf_counter() - began

    run.keep = silent  # type: ignore[attr-defined]  # the callback lives as long as what may call it
    return run


def _seconds(run: Callable[[int], tuple[list[int], float]], tokens: int, rounds: int) -> list[float]:
    run(tokens)
    return [run(tokens)[1] / tokens for _ in range(rounds)]


def _milliseconds(seconds: Sequence[float]) -> str:
    return f"{1e3 * statistics.median(seconds):.2f} ({1e3 * min(seconds):.2f} to {1e3 * max(seconds):.2f})"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16", "nf4"])
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    threads, bandwidth = torch.get_num_threads(), copy_bandwidth()
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}; {threads} threads; copying {bandwidth / 1e9:.1f} GB/s", ""]
    lines += ["| precision | a token, ms | MB of weights a token | share of the bandwidth | " + " | ".join(KINDS)]
    lines[-1] += " | other operators | operators a token |"
    lines.append("|---|" + "---|" * (5 + len(KINDS)))
    for precision in options.precision:
        loaded = load_model(settings_of(precision))
        decoding, size = Decoding(loaded), weight_bytes(loaded)
        seconds = _seconds(decoding.run, options.tokens, options.rounds)
        spent = profile_token(decoding, options.tokens)
        cells = [precision, _milliseconds(seconds), f"{size / 1e6:.1f}"]
        cells.append(f"{size / statistics.median(seconds) / bandwidth:.0%}")
        cells += [*(f"{spent[kind]:.0%}" for kind in (*KINDS, "other")), f"{spent['operators']:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    if importlib.util.find_spec("llama_cpp") and importlib.util.find_spec("gguf"):
        loaded = load_model(settings_of("fp32"))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.gguf"
            export_gguf(loaded, path)
            peer = llama_cpp(path, loaded.base.bos_token_id, threads)
            ours, theirs = Decoding(loaded).run(options.tokens)[0], peer(options.tokens)[0]
            same = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b), len(ours))
            timed = _milliseconds(_seconds(peer, options.tokens, options.rounds))
            lines += ["", f"llama.cpp, F16, {path.stat().st_size / 1e6:.1f} MB: {timed} ms a token; the first {same} "]
            lines[-1] += f"of {len(ours)} tokens are those of torch in fp32."
    print_tables("\n".join(lines) + "\n", options.output)


if __name__ == "__main__":
    main()
