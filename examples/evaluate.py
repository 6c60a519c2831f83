"""Compare three ways to search on a test collection: ``python examples/evaluate.py DATASET [OUTPUT]``."""

import sys
from pathlib import Path

from rag.evaluation import System, evaluate, load_dataset, plain_table, save

dataset = load_dataset(sys.argv[1])
systems = [
    "lexical",
    "hybrid",
    System("mostly-dense", {"mode": "hybrid", "dense_weight": 0.8}),
]
evaluation = evaluate(dataset, systems, measures=["nDCG@10", "RR@10", "R@1"], baseline="hybrid", limit=200, seed=1)

print(plain_table(evaluation))
for name, found in evaluation.differences.items():
    difference = found["nDCG@10"]
    print(f"{name}: {difference.difference:+.4f} nDCG@10 against hybrid, p = {difference.corrected:.4f}")
if len(sys.argv) > 2:
    save(evaluation, Path(sys.argv[2]))
