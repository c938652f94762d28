import subprocess
import sys

GROW = """
import threading, sys
from kiosk.arenas import few_arenas
if sys.argv[1] == "few":
    assert few_arenas()
gate = threading.Barrier(17)
def hold():
    held = [bytes(100_000) for _ in range(20)]
    gate.wait()
    gate.wait()
    del held
threads = [threading.Thread(target=hold) for _ in range(16)]
for thread in threads:
    thread.start()
gate.wait()
import re
# Each pool but the first begins at an address divisible by 64 MB, half of it reserved and not yet used.
maps = open("/proc/self/maps").read()
starts = re.findall(r"^([0-9a-f]+)-\\S+ rw-p 00000000 00:00 0 *$", maps, re.M)
print(sum(int(start, 16) % (64 << 20) == 0 for start in starts))
gate.wait()
"""


def pools(how: str) -> int:
    """How many pools sixteen threads have, beside the first."""
    done = subprocess.run([sys.executable, "-c", GROW, how], capture_output=True, text=True, timeout=50, check=True)
    return int(done.stdout)


def test_threads_share_two_pools_of_memory() -> None:
    assert pools("few") <= 1 < pools("many")
