"""How many threads the matrix products of a training use: the same number everywhere, since it can move the last bits."""

import os

from threadpoolctl import threadpool_limits

BLAS_THREADS = 1


def limit_blas_threads() -> None:
    """For the rest of this process. A training gives the same numbers to the bit only with the same number of threads."""
    threadpool_limits(BLAS_THREADS, user_api="blas")
