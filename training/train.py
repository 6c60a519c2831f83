"""Trains the reader on SQuAD-style files: ``python -m training.train --help``.

The run can be stopped at any time; the same command goes on from its last checkpoint. Afterwards
``python -m training.export`` makes the file that ships.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from rag.models.bundled import bundled_folder
from rag.models.encoder import fastest_precision
from rag.reader.input import ReaderTokenizer
from rag.reader.network import Network
from rag.settings import Settings
from training.batches import GroupSampler, Sampler, Sampling
from training.checkpoints import load_checkpoint
from training.data import load_squad, read_mined, rivalries, split_by_article, tokenize
from training.evaluate import reading_figures
from training.languages import split
from training.memory import keep_freed_memory
from training.mixture import Mixing, Mixture, ParallelSampler, WrittenSampler, kept_back
from training.network import ReaderNetwork
from training.start import load_shipped, network_from_encoder
from training.trainer import RunOptions, Schedule, Trainer
from training.written import read_written

logger = logging.getLogger(__name__)

FIGURES = "held_out.json"
"""Figures on the held-out articles, written when a run has come to its end."""
FINAL_SAMPLE = 1000
"""Held-out questions they are measured on."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, then print the figures on the held-out articles."""
    options = parse(arguments)
    keep_freed_memory()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    encoder = options.encoder or bundled_folder(Settings.load().model, Settings.load().cache_dir)
    train, held_out = split_by_article(load_squad(options.data), options.held_out, options.seed)
    tokenizer = ReaderTokenizer(encoder)
    train_tokens, held_out_tokens = tokenize(train, tokenizer), tokenize(held_out, tokenizer)
    logger.info("%d questions to train on, %d held out", len(train.questions), len(held_out.questions))
    mined = read_mined(options.mined, train)
    held_out_found = rivalries(mined, held_out)

    network, words = network_from_encoder(encoder, options.seed)
    if options.start_from and options.start_from.is_dir():
        load_shipped(options.start_from, network)
    elif options.start_from:
        load_checkpoint(options.start_from, network)
    sampling, schedule, run, mixing = (_chosen(kind, options) for kind in (Sampling, Schedule, RunOptions, Mixing))
    paragraph_of = [question.paragraph for question in train.questions]
    samplers: list[Sampler] = [
        GroupSampler(train_tokens, paragraph_of, rivalries(mined, train), sampling, options.seed)
    ]
    if options.written:
        written = kept_back(read_written(options.written), held_out=False)
        logger.info("%d written questions", len(written))
        samplers.insert(0, WrittenSampler(written, tokenizer, mixing, options.seed))
    if options.parallel:
        samplers.append(ParallelSampler(split(options.parallel)[0], tokenizer, mixing, options.seed))
    sampler = Mixture(samplers)

    def evaluate(network: ReaderNetwork, most: int | None = 250) -> dict[str, float]:
        reader = Network(network.shape, network.arrays(), words.numpy(), fastest_precision())
        return reading_figures(reader, held_out, held_out_tokens, held_out_found, most=most)

    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "options.json").write_text(
        json.dumps(vars(options), indent=2, default=str) + "\n", encoding="utf-8"
    )
    trainer = Trainer(
        network, words, sampler, options.output, sampling=sampling, schedule=schedule, options=run, evaluate=evaluate
    )
    position = trainer.run()
    if options.stop_after is None:
        figures = evaluate(network, FINAL_SAMPLE)
        facts = {"held_out": figures, "held_out_articles": options.held_out}
        (options.output / FIGURES).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        logger.info("Held out after %s: %s", position, figures)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; every field of Sampling, Schedule, RunOptions and Mixing is an option of the same name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="SQuAD-style file, or folder of them")
    parser.add_argument("--mined", type=Path, required=True, help="file written by training.mine")
    parser.add_argument("--output", type=Path, required=True, help="folder for checkpoint, log, figures")
    parser.add_argument("--encoder", type=Path, help="folder of the encoder to start from; default: the bundled model")
    parser.add_argument("--start-from", type=Path, help="checkpoint or reader's folder to start from")
    parser.add_argument("--written", type=Path, help="file written by training.written")
    parser.add_argument("--parallel", type=Path, help="JSON Lines: the same paragraphs in Japanese and English")
    parser.add_argument("--held-out", type=int, default=35, help="articles kept back to choose by")
    parser.add_argument("--seed", type=int, default=0)
    for kind in (Sampling, Schedule, RunOptions, Mixing):
        hints = get_type_hints(kind)
        for field in fields(kind):
            of = next(
                t for t in (int, float) if t is hints[field.name] or t in getattr(hints[field.name], "__args__", ())
            )
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=of, default=field.default)
    return parser.parse_args(arguments)


def _chosen(kind: type[Any], options: argparse.Namespace) -> Any:
    return kind(**{field.name: getattr(options, field.name) for field in fields(kind)})


if __name__ == "__main__":
    main()
