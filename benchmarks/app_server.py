"""The app on a port of its own, for benchmarks that ask it over Streamlit's protocol and measure its memory."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from mlp.runs.store import Store

PROJECT = Path(__file__).resolve().parents[1]
COLLECTING = "import gc, signal; signal.signal(signal.SIGUSR1, lambda *_: gc.collect())"
PROGRAM = f"{COLLECTING}; from streamlit.web.cli import main; main()"


class AppServer:
    """`streamlit run app.py` on a free port of this machine, with a run database of its own. Raises OSError if it does not
    start.

    At SIGUSR1 it collects its garbage, so that memory that only waits for that is not counted.
    """

    def __init__(self, folder: Path) -> None:
        self.store = Store(f"sqlite:///{folder / 'runs.sqlite'}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-c", PROGRAM, "run", "app.py", "--server.port", str(port), "--server.address", "127.0.0.1"]
        command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
        environment = os.environ | {"MLP_DATABASE": self.store.url}
        self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1)
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        raise OSError("The app did not start.")

    def memory(self) -> float:
        """Megabytes in memory (resident set size) after its garbage was collected."""
        os.kill(self.process.pid, signal.SIGUSR1)
        time.sleep(1.5)
        words = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, check=True, text=True)
        return int(words.stdout) / 1024

    def stop(self) -> None:
        """Ends it, and with it the runs that go on."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
