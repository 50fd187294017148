"""What this machine can do. stub"""
import time
import numpy as np

def product_rate(hidden: int, batch: int, seconds: float = 0.3) -> float:
    rng = np.random.default_rng(0)
    x, w1, h, w2, d = (
        rng.standard_normal(shape, np.float32)
        for shape in ((batch, 784), (784, hidden), (batch, hidden), (hidden, 10), (batch, 10))
    )
    began = time.perf_counter()
    repeat = 0
    while time.perf_counter() - began < seconds:
        _products = (x @ w1, h @ w2, h.T @ d, d @ w2.T, x.T @ h)
        repeat += 1
    return batch * repeat / (time.perf_counter() - began)
