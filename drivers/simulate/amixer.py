"""A program in place of ALSA's `amixer`: a jack and a loudspeaker's switch, which stand in files.

Run as `python amixer.py FOLDER ARGUMENT…` by the script that `sound_card` puts into the folder. Its answers have
the form of amixer 1.2.8. Needs nothing but the standard library, because it has to start quickly.
"""

import sys
from pathlib import Path

_MISSING = "amixer: Cannot find the given element from control hw:0"


def main(folder: Path, arguments: list[str]) -> int:
    """Answer `-c CARD cget NAME` or `-c CARD cset NAME on|off`; returns the exit status."""
    _, _, command, name, *value = arguments
    if "name=Headphone Jack" in name and command == "cget":
        state = "on" if (folder / "headphones").exists() else "off"
        sys.stdout.write("numid=20,iface=CARD,name='Headphone Jack'\n  ; type=BOOLEAN,access=r-------,values=1\n")
    elif "name=Speaker Playback Switch" in name:
        if command == "cset":
            (folder / "switch").write_text(value[0], encoding="ascii")
        switch = folder / "switch"
        state = switch.read_text(encoding="ascii") if switch.exists() else "on"
        sys.stdout.write(f"numid=3,{name}\n  ; type=BOOLEAN,access=rw------,values=1\n")
    else:
        sys.stderr.write(f"{_MISSING}\n")
        return 1
    sys.stdout.write(f"  : values={state}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
