"""The drafts that are written together, token by token: who joins, who is done, and whose failure is whose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from clinicalblip.errors import ClinicalBlipError, ModelError, OutOfMemory
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.book.draft_book import DraftBook
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.engine.generation import Generation
from clinicalblip.instructblip.engine.language_model import MOST_PROPOSED, BatchedLanguageModel
from clinicalblip.instructblip.engine.pass_cost import UNMEASURED, measure_pass_cost
from clinicalblip.instructblip.engine.proposals import Proposal, Proposer
from clinicalblip.instructblip.engine.token_choice import TokenChoice
from clinicalblip.instructblip.generation import processors
from clinicalblip.instructblip.generation.loops import ends_in_loop
from clinicalblip.instructblip.hardware.memory import is_out_of_memory
from clinicalblip.instructblip.language_inputs import embed_studies, may_read_together
from clinicalblip.radiology.draft import GenerationOptions

ADVICE = "use fewer films, a smaller model or the precision nf4"
NOT_A_NUMBER = "The model's output is not a number; draft again, and tell whoever runs this page if it fails again."


@dataclass(eq=False)
class _Row:
    generation: Generation
    prompt_ids: Tensor
    choice: TokenChoice
    proposer: Proposer | None


class DraftBatch:
    """The drafts in the rows of one language model; used in one thread.

    `size`: the most drafts together. It becomes smaller where memory runs out. `beat` is called before each pass
    through the model, so that one that hangs is noticed. `book` proposes tokens, so that a pass may write several.
    """

    def __init__(
        self,
        base: Base,
        model: Any,
        options: GenerationOptions,
        size: int,
        beat: Callable[[], None] = lambda: None,
        *,
        book: DraftBook | None = None,
    ) -> None:
        self._base, self._model, self._options, self._beat = base, model, options, beat
        self._book, self._cost = book, UNMEASURED
        self._language = BatchedLanguageModel(base, model, size)
        self._processors = processors.make_processors(options, base.tokenizer)
        self._rows: list[_Row] = []
        self.size = size

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def generations(self) -> list[Generation]:
        """What is being written."""
        return [row.generation for row in self._rows]

    @property
    def rows(self) -> int:
        """How many drafts have buffers."""
        return self._language.size

    @property
    def room(self) -> int:
        """How many more can join."""
        return max(0, self.size - len(self._rows))

    @property
    def joins(self) -> int:
        """How many of a batch should join at once: films and prompts of four take two thirds of the time of each alone.

        Until then their rows are empty, so that it is a quarter of the rows at most.
        """
        return max(1, min(4, self.size // 4)) if may_read_together(self._base) else 1

    def rehearse(self) -> None:
        """A prompt of nothing and some steps with several rows, to measure with; leaves no trace."""
        width = self._model.get_input_embeddings().weight.shape[1]
        nothing = torch.zeros(1, 96, width, device=self._base.device, dtype=self._base.compute_dtype)
        while True:
            try:
                rows = min(4, self.size)
                with self._base.autocast():
                    for _ in range(rows):
                        self._language.join([nothing], [8])
                    for _ in range(4):
                        self._language.step([[self._base.eos_token_id]] * rows)
                for row in reversed(range(rows)):
                    self._language.leave(row)
            except Exception as error:
                if not is_out_of_memory(error) or self._language.size == 1:
                    raise
                self._shrink()
            else:
                return

    def measure(self) -> None:
        """Measure what passes of several tokens cost, by which it is decided how many are proposed; leaves no trace.

        Call it after `rehearse`, which finds out how many rows fit.
        """
        if self._book is None:
            return
        width = self._model.get_input_embeddings().weight.shape[1]
        nothing = torch.zeros(1, 96, width, device=self._base.device, dtype=self._base.compute_dtype)

        def run(rows: int, tokens: int) -> None:
            with self._base.autocast():
                while len(self._language) < rows:
                    self._language.join([nothing], [MOST_PROPOSED])
                self._language.step([[self._base.eos_token_id] * tokens] * rows).argmax(-1).tolist()

        self._cost = measure_pass_cost(run, self.size)
        for row in reversed(range(len(self._language))):
            self._language.leave(row)

    def join(self, generations: Sequence[Generation]) -> list[Generation]:
        """Begin these drafts, up to the first word of each; gives back those for which memory ran out.

        One that fails is told so, and the others go on.
        """
        rows: list[tuple[_Row, dict[str, Tensor]]] = []
        for generation in generations:
            try:
                study = collate(self._base, [generation.films], [generation.prompt])
                choice = TokenChoice(self._processors, self._options, generation.seed, self._base.device)
                row = _Row(generation, study["input_ids"].to(self._base.device), choice, self._proposer(study))
                rows.append((row, {name: tensor.to(self._base.device) for name, tensor in study.items()}))
            except Exception as error:
                fail(generation, error)
        returned: list[Generation] = []
        joining: list[tuple[_Row, Tensor]] = []
        for (row, _), embeds in zip(rows, self._embed([study for _, study in rows]), strict=True):
            if not isinstance(embeds, Exception):
                joining.append((row, embeds))
            elif is_out_of_memory(embeds) and self._rows:
                returned.append(row.generation)
            else:
                fail(row.generation, embeds)
        together = len(joining) if may_read_together(self._base) else 1
        for start in range(0, len(joining), max(1, together)):
            returned += self._prefill(joining[start : start + together])
        return returned

    def _embed(self, studies: Sequence[dict[str, Tensor]]) -> list[Tensor | Exception]:
        """Of all studies together, or one by one where that fails: then the failure is that study's."""
        self._beat()
        try:
            with self._base.autocast():
                return list(embed_studies(self._base, self._model, studies))
        except Exception as error:
            if len(studies) == 1:
                return [error.with_traceback(None)]
        # Only here, where the traceback of the failure holds its tensors no more.
        return [found for study in studies for found in self._embed([study])]

    def _prefill(self, joining: Sequence[tuple[_Row, Tensor]]) -> list[Generation]:
        """Read prompts, with what was written before memory ran out; gives back those for which it runs out again.

        They are read together, or one by one where that fails: then the failure is that draft's.
        """
        if len(self._rows) + len(joining) > self.size:  # memory ran out for one before them
            return [row.generation for row, _ in joining]
        self._beat()
        try:
            with self._base.autocast():
                embeds = [self._with_written(row.generation, embeds) for row, embeds in joining]
                left = [self._options.max_new_tokens - len(row.generation.written) for row, _ in joining]
                logits = self._language.join(embeds, left)
        except Exception as error:
            if len(joining) == 1:
                return self._refuse(joining[0][0].generation, error)
        else:
            rows = [row for row, _ in joining]
            self._rows += rows
            self._take(logits[:, None], rows, [[] for _ in rows])
            return []
        # Only here, where the traceback of the failure holds its tensors no more.
        return [generation for each in joining for generation in self._prefill([each])]

    def _with_written(self, generation: Generation, embeds: Tensor) -> Tensor:
        if not generation.written:
            return embeds
        ids = torch.tensor([generation.written], device=self._base.device)
        return torch.cat((embeds, self._model.get_input_embeddings()(ids).to(embeds.dtype)), dim=1)

    def _refuse(self, generation: Generation, error: Exception) -> list[Generation]:
        """A draft whose prompt could not be read: it waits for memory, or fails."""
        if is_out_of_memory(error) and (self._rows or self._language.size > 1):
            self._shrink()
            return [generation]
        fail(generation, error)
        return []

    def _shrink(self) -> None:
        """Write fewer together: those that there are, or half as many, where not even the rows of one fit."""
        if self._rows:
            self.size = len(self._rows)
        else:
            self.size = max(1, self._language.size // 2)
            self._language = BatchedLanguageModel(self._base, self._model, self.size)

    def _proposer(self, study: dict[str, Tensor]) -> Proposer | None:
        if self._book is None:
            return None
        return Proposer(self._book, study["input_ids"][0].tolist(), self._base.eos_token_id)

    def step(self) -> list[Generation]:
        """Write a token of each draft, or several that were proposed; gives back those who wait for memory.

        Where a step of several fails, they are given back as well, to be written one at a time, so that the one whose
        failure it is fails alone: then `size` is 1 until those are done.
        """
        self._beat()
        try:
            with self._base.autocast():
                proposals = self._propose()
                logits = self._language.step(
                    [
                        [row.generation.written[-1], *(each.token_id for each in proposed)]
                        for row, proposed in zip(self._rows, proposals, strict=True)
                    ]
                )
            self._take(logits, list(self._rows), proposals, fed=True)
        except Exception as error:
            return self._give_back(error)
        return []

    def _give_back(self, error: Exception) -> list[Generation]:
        if not self._rows:
            return []
        if len(self._rows) == 1:
            fail(self._rows[0].generation, error)
            self._leave(self._rows[0])
            return []
        kept = len(self._rows) // 2 if is_out_of_memory(error) else 0
        self.size = max(1, kept)
        returned = [row.generation for row in self._rows[kept:]]
        for row in self._rows[kept:]:
            self._leave(row)
        return returned

    def _propose(self) -> list[list[Proposal]]:
        """What each row is given beside its last token, as much of it as pays."""
        if self._book is None:
            return [[] for _ in self._rows]
        proposals = []
        for row in self._rows:
            room = self._options.max_new_tokens - len(row.generation.written) - 1
            written = row.generation.written
            proposals.append(row.proposer.propose(written, min(MOST_PROPOSED, room)) if row.proposer else [])
        worth = self._cost.choose([[each.probability for each in row] for row in proposals])
        return [row[:worth] for row in proposals]

    def _take(
        self, logits: Tensor, rows: Sequence[_Row], proposals: Sequence[Sequence[Proposal]], *, fed: bool = False
    ) -> None:
        """Choose the next tokens of each row, tell its reader, and let go of those that are done.

        `logits` are (rows, tokens, vocabulary), those of the first token after what is written, then those after each
        proposal. `fed`: the step has written the row's last token, and not a prompt.
        """
        broken = torch.isnan(logits).any(-1).tolist()
        plain = logits.argmax(-1).tolist() if not self._processors else None
        done = []
        for index, (row, proposed) in enumerate(zip(rows, proposals, strict=True)):
            generation, kept = row.generation, 0
            try:
                while True:
                    if broken[index][kept]:
                        raise ModelError(NOT_A_NUMBER)
                    if plain is not None and row.choice.is_plain:
                        token_id = plain[index][kept]
                    else:
                        token_id = row.choice.choose(logits[index, kept], row.prompt_ids, generation.written)
                    generation.written.append(token_id)
                    looping = ends_in_loop(generation.written)
                    is_done = looping or self._is_full(generation) or token_id == self._base.eos_token_id
                    if is_done or kept == len(proposed) or token_id != proposed[kept].token_id:
                        break
                    kept += 1
                if fed:
                    self._language.keep(self._rows.index(row), kept + 1)
                if row.proposer and proposed:
                    row.proposer.learn(proposed, kept)
                stopped = generation.is_stopped
                is_done = is_done or stopped
                generation.tell(finished=is_done, stopped=stopped, looping=looping and not stopped)
            except Exception as error:
                fail(generation, error)
                is_done = True
            if is_done:
                done.append(row)
        for row in done:
            self._leave(row)

    def _is_full(self, generation: Generation) -> bool:
        return len(generation.written) >= self._options.max_new_tokens

    def _leave(self, row: _Row) -> None:
        index = self._rows.index(row)
        self._language.leave(index)
        last = self._rows.pop()
        if last is not row:
            self._rows[index] = last


def fail(generation: Generation, error: BaseException) -> None:
    """Tell a reader that their draft failed, as an error of the family."""
    generation.events.put(as_model_error(error))


def as_model_error(error: BaseException) -> ClinicalBlipError:
    """An error of the family for what a model raised."""
    if isinstance(error, ClinicalBlipError):
        return type(error)(*error.args)  # one of its own for each reader: a traceback grows with each that raises it
    if is_out_of_memory(error):
        return OutOfMemory(f"The draft did not fit in memory; {ADVICE}.")
    failure = ModelError(
        f"The model failed in the middle of the draft ({type(error).__name__}); draft again, and tell whoever "
        "runs this page if it fails again."
    )
    failure.__cause__ = error.with_traceback(None)
    return failure
