from threadpoolctl import threadpool_info, threadpool_limits

from mlp.threads import BLAS_THREADS, limit_blas_threads


def test_matrix_products_use_as_many_threads_everywhere() -> None:
    with threadpool_limits(1, user_api="blas"):  # what it was before comes back behind this block
        limit_blas_threads()
        used = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    assert used == {BLAS_THREADS}
