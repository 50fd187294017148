"""A multilayer perceptron in NumPy, and what surrounds it: digits, training runs, model files. Nothing here knows a screen."""

from mlp.checkpoint import load_model, save_model
from mlp.config import Augmentation, TrainConfig
from mlp.digits.dataset import Dataset, load_dataset
from mlp.digits.recognizer import Reading, Recognizer
from mlp.network import MLP
from mlp.training import Trainer

__all__ = [
    "MLP",
    "Augmentation",
    "Dataset",
    "Reading",
    "Recognizer",
    "TrainConfig",
    "Trainer",
    "load_dataset",
    "load_model",
    "save_model",
]
