"""The training loop: steps, schedule, checkpoints, log."""

from __future__ import annotations

import functools
import json
import logging
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.batches import Group, Sampler, Sampling, micro_batches, split_evenly
from training.checkpoints import Position, load_checkpoint, save_checkpoint
from training.losses import Losses, group_losses
from training.network import ReaderNetwork

logger = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.safetensors"
BEFORE_DECAY = "before_decay.safetensors"
LOG = "log.jsonl"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long to train, and how fast.

    Attributes:
        epochs: passes over the questions. Ignored if ``hours`` is given.
        hours: wall time to train for, pauses not counted; the learning rate falls with time, so the run ends decayed
            whatever else the machine does. Such a run cannot be repeated bit by bit.
        body_rate, head_rate: highest learning rates of the encoder and of the new parameters.
        warmup: share of the run over which the rates rise from zero.
        decay: share of the run, at its end, over which they fall to zero in a straight line; between the two they stay
            (warm-up, stable, decay: Hu et al., MiniCPM, 2024). The checkpoint before the fall is kept as well, so that
            a longer run can go on from there.
        weight_decay: AdamW's, for matrices only.
        clip: longest gradient.
    """

    epochs: float = 2.0
    hours: float | None = None
    body_rate: float = 1.5e-4
    head_rate: float = 1e-3
    warmup: float = 0.04
    decay: float = 0.35
    weight_decay: float = 0.01
    clip: float = 1.0

    def progress(self, position: Position, steps_per_epoch: int) -> float:
        """Share of the run that is done, in [0, 1]."""
        if self.hours is not None:
            return min(1.0, position.hours / self.hours)
        return min(1.0, position.step / max(1, round(self.epochs * steps_per_epoch)))

    def factor(self, progress: float) -> float:
        """What the highest learning rates are multiplied with."""
        rising = progress / self.warmup if self.warmup else 1.0
        falling = (1.0 - progress) / self.decay if self.decay else 1.0
        return min(1.0, rising, falling)

    def is_falling(self, progress: float) -> bool:
        """Whether the rates are on their way to zero."""
        return progress > 1.0 - self.decay


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run uses the machine.

    Attributes:
        workers: micro-batches computed at once, each on one core. Unlike threads within one matrix product they do not
            wait for each other when the machine has other work.
        checkpoint_minutes: wall time between checkpoints.
        evaluate_minutes: wall time between evaluations on held-out questions.
        stop_after: stop after this many steps of this call, as if interrupted.
        bfloat16: 1 to compute matrix products in bfloat16, which AMX and AVX512-BF16 do two to three times as fast;
            weights, sums and the heads' losses stay in float32.
    """

    workers: int = 2
    checkpoint_minutes: float = 4.0
    evaluate_minutes: float = 30.0
    stop_after: int | None = None
    bfloat16: int = 0


def make_optimizer(network: ReaderNetwork, schedule: Schedule) -> torch.optim.Optimizer:
    """AdamW with rates of their own for encoder and heads; no decay on vectors."""
    heads = {id(parameter) for parameter in network.head_parameters()}
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for parameter in network.parameters():
        groups.setdefault((id(parameter) in heads, parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "weight_decay": schedule.weight_decay if is_matrix else 0.0,
                "highest_rate": schedule.head_rate if is_head else schedule.body_rate,
            }
            for (is_head, is_matrix), parameters in groups.items()
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


def _sum(old: Tensor | None, new: Tensor | None) -> Tensor | None:
    return new if old is None else old if new is None else old.add_(new)


class Trainer:
    """One run in one folder; ``run`` goes on from the folder's checkpoint if there is one."""

    def __init__(
        self,
        network: ReaderNetwork,
        words: Tensor,
        sampler: Sampler,
        folder: Path,
        *,
        sampling: Sampling,
        schedule: Schedule,
        options: RunOptions,
        evaluate: Callable[[ReaderNetwork], dict[str, float]] | None = None,
    ) -> None:
        self.network = network
        self.position = Position()
        self._words = words
        self._sampler = sampler
        self._folder = folder
        self._sampling = sampling
        self._schedule = schedule
        self._options = options
        self._evaluate = evaluate
        self._optimizer = make_optimizer(network, schedule)
        self._parameters = list(network.parameters())

    def run(self) -> Position:
        """Train to the end of the schedule, or to ``stop_after``; leaves a checkpoint either way."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if (self._folder / CHECKPOINT).exists():
            self.position = load_checkpoint(self._folder / CHECKPOINT, self.network, self._optimizer)
            logger.info("Going on from %s", self.position)
        stop_at = None if self._options.stop_after is None else self.position.step + self._options.stop_after
        saved = evaluated = time.monotonic()
        with ThreadPoolExecutor(self._options.workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            while self._progress() < 1.0 and self.position.step != stop_at:
                self._keep_before_decay()
                self._step(pool)
                if time.monotonic() - saved > 60 * self._options.checkpoint_minutes:
                    self._save()
                    saved = time.monotonic()
                if self._evaluate and time.monotonic() - evaluated > 60 * self._options.evaluate_minutes:
                    self._log({"event": "evaluation", **self._evaluate(self.network)})
                    evaluated = time.monotonic()
        self._save()
        return self.position

    def _progress(self) -> float:
        return self._schedule.progress(self.position, self._sampler.steps_per_epoch)

    def _step(self, pool: ThreadPoolExecutor) -> None:
        began = time.monotonic()
        progress = self._progress()
        groups = self._sampler.step(self.position.step, progress)
        shares = split_evenly(list(micro_batches(groups, self._sampling.micro_batch_tokens)), self._options.workers)
        # Summed in the order of the shares, not of their completion: resumed runs must add up alike.
        results = list(pool.map(self._gradients, shares))
        for index, parameter in enumerate(self._parameters):
            parts = [part for _, gradients in results if (part := gradients[index]) is not None]
            parameter.grad = functools.reduce(Tensor.add_, parts).div_(len(groups)) if parts else None
        norm = torch.nn.utils.clip_grad_norm_(self._parameters, self._schedule.clip)
        factor = self._schedule.factor(progress)
        for group in self._optimizer.param_groups:
            group["lr"] = factor * group["highest_rate"]
        if math.isfinite(norm):
            self._optimizer.step()
        else:
            logger.warning("Step %d left out: its gradient is not finite", self.position.step)
        self._optimizer.zero_grad(set_to_none=True)
        self._advance(groups, time.monotonic() - began)
        losses = torch.stack([torch.stack(losses) for losses, _ in results]).sum(0) / len(groups)
        self._log(
            {"event": "step", "progress": progress, "norm": float(norm), "seconds": time.monotonic() - began}
            | dict(zip(Losses._fields, losses.tolist(), strict=True))
        )

    def _gradients(self, share: Sequence[Sequence[Group]]) -> tuple[tuple[Tensor, ...], list[Tensor | None]]:
        """Sums of losses and gradients over one worker's micro-batches."""
        sums: list[Tensor | None] = [None] * len(self._parameters)
        losses = tuple(torch.zeros(()) for _ in Losses._fields)
        for groups in share:
            with torch.autocast("cpu", torch.bfloat16, enabled=bool(self._options.bfloat16)):
                found = group_losses(self.network, self._words, groups)
            gradients = torch.autograd.grad(found.total, self._parameters, allow_unused=True)
            sums = [_sum(old, new) for old, new in zip(sums, gradients, strict=True)]
            losses = tuple(old + new.detach() for old, new in zip(losses, found, strict=True))
        return losses, sums

    def _advance(self, groups: Sequence[Group], seconds: float) -> None:
        self.position = replace(
            self.position,
            step=self.position.step + 1,
            hours=self.position.hours + seconds / 3600,
            questions=self.position.questions + len(groups),
            pairs=self.position.pairs + sum(len(group.passages) for group in groups),
            tokens=self.position.tokens + sum(len(g.question) + len(p) for g in groups for p in g.passages),
        )

    def _keep_before_decay(self) -> None:
        if self._schedule.is_falling(self._progress()) and not (self._folder / BEFORE_DECAY).exists():
            self._save(BEFORE_DECAY)

    def _save(self, name: str = CHECKPOINT) -> None:
        options = asdict(self._sampling) | asdict(self._schedule)
        save_checkpoint(self._folder / name, self.network, self._optimizer, self.position, options)

    def _log(self, record: dict[str, Any]) -> None:
        line = asdict(self.position) | {k: round(v, 5) if isinstance(v, float) else v for k, v in record.items()}
        with (self._folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
