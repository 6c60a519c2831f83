from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from rag.errors import ModelError
from rag.models.encoder import EncoderShape, Precision
from rag.reader.calibration import ReadingWeights
from rag.reader.input import pair_batch
from rag.reader.model import Reader
from rag.reader.network import Network
from rag.reader.weights import read_reader, write_reader
from training import train
from training.__main__ import main
from training.average import average
from training.checkpoints import Position, load_checkpoint, save_checkpoint
from training.export import export
from training.network import ReaderNetwork
from training.start import network_from_encoder
from training.trainer import CHECKPOINT, LOG, Schedule, make_optimizer


def test_the_network_starts_as_the_encoder_it_comes_from(encoder: Path) -> None:
    from transformers import BertModel

    network, words = network_from_encoder(encoder, seed=0)
    bert = BertModel.from_pretrained(encoder)
    ids = torch.tensor([[0, 7, 8, 9, 2, 2, 11, 12, 2], [0, 7, 2, 2, 12, 2, 1, 1, 1]])
    lengths = torch.tensor([9, 6])
    zeros = torch.zeros_like(ids)

    with torch.inference_mode():
        ours = network.encode(words[ids], zeros, zeros, lengths)
        theirs = bert(input_ids=ids, attention_mask=torch.arange(9) < lengths[:, None]).last_hidden_state

    for row, length in enumerate(lengths):
        torch.testing.assert_close(ours[row, :length], theirs[row, :length], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("int8", 0.05)])
def test_what_ships_computes_what_was_trained(encoder: Path, precision: Precision, tolerance: float) -> None:
    network, words = network_from_encoder(encoder, seed=0)
    for parameter in network.head_parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    pairs = [(np.array([7, 8, 9]), np.array([11, 8, 13, 14])), (np.array([7]), np.array([12, 9]))]
    batch = pair_batch(pairs)

    with torch.inference_mode():
        trained = network.read(words, batch)
    readings = Network(network.shape, network.arrays(), words.numpy(), precision).read(pairs)

    for row, (reading, (_, passage)) in enumerate(zip(readings, pairs, strict=True)):
        inside = slice(int(batch.offsets[row]), int(batch.offsets[row]) + len(passage))
        close = partial(np.testing.assert_allclose, rtol=tolerance, atol=tolerance)
        close(reading.relevance, trained.relevance[row])
        close(reading.logits.start, trained.start[row, inside])
        close(reading.logits.end, trained.end[row, inside])
        close(reading.logits.start_trim, trained.start_trim[row, inside])
        close(reading.logits.end_trim, trained.end_trim[row, inside])


def _arguments(data: Path, mined: Path, encoder: Path, output: Path) -> list[str]:
    named = {
        "--data": data,
        "--mined": mined,
        "--encoder": encoder,
        "--output": output,
        "--held-out": 1,
        "--questions": 8,
        "--epochs": 2,
        "--body-rate": 2e-3,
        "--head-rate": 5e-3,
        "--micro-batch-tokens": 256,
    }
    return [str(part) for pair in named.items() for part in pair]


def test_a_run_that_was_stopped_ends_like_one_that_was_not(
    data_file: Path, mined_file: Path, encoder: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train.main(_arguments(data_file, mined_file, encoder, whole))
    for _ in range(2):
        train.main([*_arguments(data_file, mined_file, encoder, parts), "--stop-after", "4"])
    train.main(_arguments(data_file, mined_file, encoder, parts))

    once, resumed = load_file(whole / CHECKPOINT), load_file(parts / CHECKPOINT)
    assert once.keys() == resumed.keys()
    for name, tensor in once.items():
        torch.testing.assert_close(tensor, resumed[name], rtol=1e-4, atol=1e-6, msg=name)
    steps = [json.loads(line)["step"] for line in (parts / LOG).read_text(encoding="utf-8").splitlines()]
    assert steps == list(range(1, 11))


def test_one_command_goes_from_a_data_file_to_a_reader_that_works(
    data_file: Path, mined_file: Path, encoder: Path, tmp_path: Path
) -> None:
    work, output = tmp_path / "work", tmp_path / "output"
    work.mkdir()
    (work / "mined.jsonl").write_bytes(mined_file.read_bytes())
    folders = ["--data", str(data_file), "--dev", str(data_file), "--work", str(work), "--output", str(output)]
    numbers = ["--held-out", "1", "--questions", "8", "--epochs", "12", "--body-rate", "3e-3", "--head-rate", "1e-2"]

    main([*folders, "--encoder", str(encoder), *numbers])

    log = [json.loads(line) for line in (work / "run" / LOG).read_text(encoding="utf-8").splitlines()]
    losses = [record["total"] for record in log if record["event"] == "step"]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    assert (work / "run" / "curves.svg").stat().st_size > 1000
    assert "CC BY-SA" in (output / "README.md").read_text(encoding="utf-8")

    reader = Reader.load(encoder, folder=output, precision="float32")
    weights = ReadingWeights.of(reader.facts)
    assert 0 < weights.threshold < 1
    assert reader.facts["dev"]["questions"] == 48
    text = "佐藤は大阪の生まれた人。田中は京都の生まれた人。"
    (reading,) = reader.read("田中はどこで生まれた?", [text])
    assert all(0 <= span.start < span.end <= len(text) for span in reading.spans)


def test_a_finished_stage_is_not_done_again(data_file: Path, mined_file: Path, encoder: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    arguments = _arguments(data_file, mined_file, encoder, output)
    train.main(arguments)
    before = (output / LOG).read_text(encoding="utf-8")

    train.main(arguments)

    assert (output / LOG).read_text(encoding="utf-8") == before


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT
    path.write_bytes(b"nothing")

    with pytest.raises(ModelError, match=CHECKPOINT):
        load_checkpoint(path, _network())


def _network() -> ReaderNetwork:
    torch.manual_seed(1)
    return ReaderNetwork(EncoderShape(layers=1, heads=2, hidden=32, intermediate=64, positions=40))


def test_the_mean_of_checkpoints_is_a_checkpoint(tmp_path: Path) -> None:
    networks = [_network(), _network()]
    for number, network in enumerate(networks, 1):
        with torch.no_grad():
            network.segment.weight.fill_(number)
        optimizer = make_optimizer(network, Schedule())
        save_checkpoint(tmp_path / str(number), network, optimizer, Position(step=10 * number), {})

    average([tmp_path / "1", tmp_path / "2"], tmp_path / "mean")
    mean = _network()

    assert load_checkpoint(tmp_path / "mean", mean).step == 20
    assert torch.all(mean.segment.weight == 1.5)
    for name, parameter in mean.named_parameters():
        both = torch.stack([dict(network.named_parameters())[name] for network in networks])
        torch.testing.assert_close(parameter, both.mean(dim=0))


def test_of_a_mean_each_network_has_its_share_and_one_as_it_ships_may_be_in_it(tmp_path: Path) -> None:
    first, second = _network(), _network()
    with torch.no_grad():
        first.segment.weight.fill_(1.0)
        second.segment.weight.fill_(5.0)
    save_checkpoint(tmp_path / "checkpoint", second, None, Position(step=7), {})
    weights = {name: value.detach().numpy() for name, value in first.state_dict().items()}
    write_reader(tmp_path / "shipped", first.shape, weights, {"run": {"step": 3}})

    average([tmp_path / "shipped", tmp_path / "checkpoint"], tmp_path / "mean", [3, 1])
    mean = _network()

    assert load_checkpoint(tmp_path / "mean", mean).step == 7
    torch.testing.assert_close(mean.segment.weight, torch.full_like(mean.segment.weight, 2.0), rtol=0.01, atol=0.01)
    average([tmp_path / "checkpoint", tmp_path / "shipped"], tmp_path / "other")
    assert load_checkpoint(tmp_path / "other", mean).step == 3


def test_checkpoints_of_unlike_networks_have_no_mean(tmp_path: Path) -> None:
    for number, layers in enumerate((1, 2)):
        network = ReaderNetwork(EncoderShape(layers=layers, heads=2, hidden=8, intermediate=16, positions=16))
        save_checkpoint(tmp_path / str(number), network, make_optimizer(network, Schedule()), Position(), {})

    with pytest.raises(ModelError, match="another network"):
        average([tmp_path / "0", tmp_path / "1"], tmp_path / "mean")


def test_eight_bits_change_the_weights_by_less_than_one_in_a_hundred(
    data_file: Path, mined_file: Path, encoder: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    train.main([*_arguments(data_file, mined_file, encoder, run), "--stop-after", "1"])

    error = export(run / CHECKPOINT, tmp_path / "out", {"encoder": "tiny", "data": "none", "licence": "none"})

    assert 0 < error < 0.01


def test_weights_that_were_changed_after_sealing_are_refused(tmp_path: Path) -> None:
    path = write_reader(tmp_path, _network().shape, _network().arrays(), {})
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    with pytest.raises(ModelError, match="checksum"):
        read_reader(tmp_path)


def test_facts_come_back_as_they_were_written(tmp_path: Path) -> None:
    network = _network()
    write_reader(tmp_path, network.shape, network.arrays(), {"reading": {"relevance": 0.25}, "data": "日本語"})

    shape, weights, facts = read_reader(tmp_path)

    assert facts == {"reading": {"relevance": 0.25}, "data": "日本語"}
    assert shape == network.shape
    assert weights.keys() == network.arrays().keys()


def test_the_rates_rise_then_fall_to_zero() -> None:
    schedule = Schedule(warmup=0.1, decay=0.4)

    assert schedule.factor(0.0) == 0.0
    assert schedule.factor(0.05) == pytest.approx(0.5)
    assert schedule.factor(0.1) == pytest.approx(1.0)
    assert schedule.factor(0.55) == pytest.approx(1.0)
    assert schedule.factor(0.8) == pytest.approx(0.5)
    assert schedule.factor(1.0) == 0.0
