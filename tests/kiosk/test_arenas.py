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


MAPPED = """
import ctypes, sys
from kiosk.arenas import few_arenas
if sys.argv[1] == "few":
    assert few_arenas()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.malloc.argtypes = [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
class Counts(ctypes.Structure):  # struct mallinfo2 of malloc.h; hblks is the number of mappings
    NAMES = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in NAMES.split()]
library.mallinfo2.restype = Counts
library.free(library.malloc(8 << 20))
before = library.mallinfo2().hblks
library.malloc(2 << 20)
print(library.mallinfo2().hblks - before)
"""


def test_pictures_stay_out_of_the_pools_also_after_the_first_was_freed() -> None:
    def mappings(how: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", MAPPED, how], capture_output=True, text=True, timeout=50, check=True
        )
        return int(done.stdout)

    assert mappings("few") == 1
    assert mappings("many") == 0
