"""A real PostgreSQL server and a real Dask cluster of two worker processes, started by the tests on this machine."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mlp.runs.processes import PROJECT
from mlp.runs.store import Store

USER = "postgres"  # PostgreSQL refuses to run as root


def missing(what: str) -> None:
    """In CI a test that cannot run is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"needs {what}")


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Postgres:
    """A server with a data folder of its own. url: its one database."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs, self.port = folder, programs, free_port()
        self.data = folder / "data"
        self.account: dict[str, Any] = {"user": USER, "group": USER} if os.geteuid() == 0 else {}
        if self.account:
            shutil.chown(folder, USER, USER)
        self._do("initdb", "--auth=trust", "--no-sync", f"--username={USER}", "--encoding=UTF8")
        self.url = f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/postgres"
        self.start()

    def _do(self, program: str, *arguments: str) -> None:
        command = [self.programs / program, "--pgdata", self.data, *arguments]
        log = (self.folder / "log.txt").open("ab")
        with closing(log):
            subprocess.run(command, check=True, cwd=self.folder, stdout=log, stderr=log, **self.account)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._do("pg_ctl", "start", "--wait", "--options", options)

    def stop(self) -> None:
        """At once, without a word to those that are connected."""
        self._do("pg_ctl", "stop", "--mode=immediate")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    pytest.importorskip("psycopg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = shutil.which("initdb") or (str(found[-1]) if found else "")
    if not program:
        missing("PostgreSQL")
    # Not in pytest's own folder, which is closed to the account that PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="digit-lab-postgres-"))
    server = Postgres(folder, Path(program).resolve().parent)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def store(postgres: Postgres) -> Iterator[Store]:
    """An empty run database in PostgreSQL."""
    with closing(Store(postgres.url)) as database:
        with database.begin() as connection:
            connection.exec_driver_sql("TRUNCATE runs, sweeps, own_digits CASCADE")
        yield database


class Cluster:
    """A scheduler and two worker processes of one thread each, as docs/cluster.md starts them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def _start(self, name: str, *arguments: str, cwd: Path = PROJECT) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "MLP_DATABASE"}
        with closing((self.folder / f"{name}.txt").open("ab")) as log:
            command = [Path(sys.executable).with_name("dask"), *arguments]
            self._processes[name] = subprocess.Popen(command, cwd=cwd, env=environment, stdout=log, stderr=log)

    def start_scheduler(self) -> None:
        self._start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def start_workers(self, cwd: Path = PROJECT) -> None:
        options = ("--nworkers", "2", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
        self._start("workers", "worker", self.address, *options, "--local-directory", str(self.folder), cwd=cwd)

    def stop(self, name: str) -> None:
        process = self._processes.pop(name, None)
        if process:
            process.terminate()
            process.wait(30)

    def worker_pids(self) -> list[int]:
        """Of the worker processes, once both are there."""
        from distributed import Client

        with Client(self.address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            return list(client.run(os.getpid).values())


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    own = Cluster(tmp_path)
    yield own
    for name in ("workers", "scheduler"):
        own.stop(name)


@pytest.fixture
def running_cluster(cluster: Cluster) -> Cluster:
    cluster.start_scheduler()
    cluster.start_workers()
    cluster.worker_pids()
    return cluster
