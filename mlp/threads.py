"""How many threads the matrix products of a training use: one, everywhere.

The number of threads moves the last bits of a sum, so only a fixed one gives the same network from the command line and from
the app. And two threads that share their cores with a browser, a server or another run wait for each other most of the time.
"""

from threadpoolctl import threadpool_limits

BLAS_THREADS = 1


def limit_blas_threads() -> None:
    """For the rest of this process."""
    threadpool_limits(BLAS_THREADS, user_api="blas")
