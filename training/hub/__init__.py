"""Makes the hub-format folder of the bundled model, which only tests, benchmarks and training need."""

from training.hub.folder import hub_folder

__all__ = ["hub_folder"]
