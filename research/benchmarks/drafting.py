"""How fast the bundled model drafts in each precision, beside a plain generate() on the same weights.

    OMP_NUM_THREADS=2 python -m research.benchmarks.drafting [--runs N]

Every precision runs in a process of its own, so that the peak memory is its own. The film is a computed one; the
first draft of each process warms up and is not counted. Nothing else should run beside it.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PRECISIONS = ("auto", "fp32", "bf16", "nf4")
COLUMNS = ("precision", "load s", "first word s", "draft s", "tokens", "tokens/s", "plain generate() s", "peak MiB")


def measure(precision: str, runs: int) -> dict[str, object]:
    """Load the bundled model and draft the same film several times; medians in seconds."""
    import torch

    from clinicalblip.imaging.read import read_radiograph
    from clinicalblip.instructblip.adapter import find_adapter, load_adapter
    from clinicalblip.instructblip.collate import collate
    from clinicalblip.instructblip.named_base import load_named_base
    from clinicalblip.instructblip.reporter import load_reporter
    from clinicalblip.radiology.draft import Draft
    from clinicalblip.radiology.report import ClinicalContext
    from clinicalblip.settings import Settings

    started = time.perf_counter()
    settings = Settings(folder=ROOT)
    settings = settings.model_copy(update={"model": settings.model.model_copy(update={"precision": precision})})
    reporter = load_reporter(settings)
    loaded = time.perf_counter() - started
    film = read_radiograph((ROOT / "assets" / "cases" / "cardiomegaly" / "frontal.png").read_bytes())
    context = ClinicalContext(indication="Shortness of breath")

    first, whole, tokens = [], [], 0
    for _ in range(runs + 1):
        started = time.perf_counter()
        for number, part in enumerate(reporter.stream([film], context)):
            if number == 0:
                first.append(time.perf_counter() - started)
            if isinstance(part, Draft):
                tokens = part.tokens
        whole.append(time.perf_counter() - started)

    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    prompt, shown = reporter.prompt_for([film], context).text, reporter.identity.precision
    del reporter
    base = load_named_base(settings.locate(settings.model.base), precision, settings.model.device)
    model, _ = load_adapter(base, find_adapter(settings.locate(settings.model.adapter)))
    if base.precision == "fp32":
        model.merge_adapter()
    model.eval()
    batch = collate(base, [[film.pixels]], [prompt])
    plain = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        with torch.inference_mode(), base.autocast():
            model.generate(
                **batch,
                do_sample=False,
                max_new_tokens=settings.generation.max_new_tokens,
                eos_token_id=base.eos_token_id,
                pad_token_id=base.pad_token_id,
            )
        plain.append(time.perf_counter() - started)
    draft = statistics.median(whole[1:])
    shown = precision if precision != "auto" else f"auto ({shown})"
    return {
        "precision": shown,
        "load s": round(loaded, 2),
        "first word s": round(statistics.median(first[1:]), 3),
        "draft s": round(draft, 2),
        "tokens": tokens,
        "tokens/s": round(tokens / draft, 1),
        "plain generate() s": round(statistics.median(plain[1:]), 2),
        "peak MiB": peak,
    }


def cpu_name() -> str:
    """What the machine calls its processor."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "")
    widest = next((flag for flag in ("avx512_bf16", "avx512f", "avx2") if flag in flags.split()), "no AVX2")
    return f"{names[0] if names else platform.processor()}, {widest}, {os.cpu_count()} cores"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--precision", choices=PRECISIONS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.precision:
        print(json.dumps(measure(options.precision, options.runs)))
        return
    print(f"{cpu_name()}; OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}; median of {options.runs} runs")
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for precision in PRECISIONS:
        command = [sys.executable, "-m", "research.benchmarks.drafting", "--precision", precision]
        command += ["--runs", str(options.runs)]
        ended = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        row = json.loads(ended.stdout.splitlines()[-1])
        print("| " + " | ".join(str(row[name]) for name in COLUMNS) + " |", flush=True)


if __name__ == "__main__":
    main()
