import os
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.faces import FaceEngine
from kiosk.vision.wlt import (
    BLOCK_BYTES,
    HEADER,
    NoDecoder,
    SimulatedPhoto,
    Unreadable,
    VendorLibrary,
    encode_synthetic,
    open_decoder,
)

REAL = (HEADER[:11] + bytes(range(256)) * 4)[:BLOCK_BYTES]
"""A block as a real card has it: the same header, then something that is not ours."""


def test_a_simulated_card_s_photo_is_as_long_as_a_real_one_and_is_marked(block: bytes) -> None:
    assert len(block) == 1024
    assert block[:11] == bytes.fromhex("574C66007E00320000FF85")  # devices.md 1.8, public captures
    assert int.from_bytes(block[2:4], "little") == 102
    assert int.from_bytes(block[4:6], "little") == 126
    assert block[14:23] == b"SYNTHETIC"


def test_the_photo_survives_and_still_matches_other_photographs(
    block: bytes, people: dict[str, list[Path]], sface: FaceEngine
) -> None:
    portrait = SimulatedPhoto().decode(block)
    assert portrait.shape == (126, 102, 3)
    card = sface.embed(portrait, sface.detect(portrait)[0])

    def to(path: Path) -> float:
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        return sface.similarity(card, sface.embed(image, sface.detect(image)[0]))

    assert to(people["person-1"][1]) >= 0.5
    assert to(people["person-1"][2]) >= 0.5
    assert to(people["person-2"][0]) < 0.33
    assert to(people["person-3"][0]) < 0.33


def test_noise_fits_too() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 200, 3), np.uint8)
    assert SimulatedPhoto().decode(encode_synthetic(noise)).shape == (126, 102, 3)


def test_the_simulated_decoder_refuses_a_real_card() -> None:
    with pytest.raises(NoDecoder, match="a real card: configure the vendor's library"):
        SimulatedPhoto().decode(REAL)


def test_damaged_blocks_are_unreadable(block: bytes) -> None:
    decoder = SimulatedPhoto()
    for damaged in (block[:-1], b"", block[:25].ljust(1024, b"\0"), block[:23] + b"\xff\xff" + bytes(999)):
        with pytest.raises(Unreadable):
            decoder.decode(damaged)
    rng = np.random.default_rng(4)
    for _ in range(50):
        at, value = int(rng.integers(23, 1024)), int(rng.integers(0, 256))
        flipped = block[:at] + bytes([value]) + block[at + 1 :]
        try:
            assert decoder.decode(flipped).shape == (126, 102, 3)
        except Unreadable:
            continue


def test_without_a_decoder_nothing_is_decoded(block: bytes) -> None:
    with pytest.raises(NoDecoder, match="no photo decoder"):
        open_decoder("none").decode(block)
    with pytest.raises(NoDecoder, match="is called 'magic'"):
        open_decoder("magic")


def test_a_missing_or_wrong_vendor_library_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoDecoder, match=r"libwlt2bmp\.so' is missing"):
        open_decoder(f"vendor-library:{tmp_path}/libwlt2bmp.so")
    wrong = tmp_path / "libwlt2bmp.so"
    wrong.write_bytes(b"no library")
    with pytest.raises(NoDecoder, match="cannot be loaded"):
        open_decoder(f"vendor-library:{wrong}").decode(REAL)


def test_the_vendor_s_library_is_never_given_a_simulated_card(tmp_path: Path, block: bytes) -> None:
    library = tmp_path / "libwlt2bmp.so"
    library.write_bytes(b"")
    with pytest.raises(NoDecoder, match="a simulated card"):
        VendorLibrary(library).decode(block)


GREY_BMP = """
#include <string.h>
int unpack(char *src, char *dst, int save) {
    static const unsigned char head[54] = {'B','M',0xCE,0x97,0,0,0,0,0,0,54,0,0,0,40,0,0,0,102,0,0,0,126,0,0,0,1,0,24};
    if (src[0] != 'W' || save) return 0;
    if ((unsigned char)src[20] == 0xAA) { volatile char *nowhere = 0; *nowhere = 1; }
    memcpy(dst, head, 54);
    memset(dst + 54, (unsigned char)src[21], 126 * 308);
    return 1;
}
"""


def test_the_vendor_s_interface_is_called_as_its_headers_say_and_may_crash(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no C compiler: the vendor's interface cannot be tried")
        pytest.skip("no C compiler to build a stand-in for the vendor's library")
    source, library = tmp_path / "stand_in.c", tmp_path / "libwlt2bmp.so"
    source.write_text(GREY_BMP, encoding="ascii")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    decoder = open_decoder(f"vendor-library:{library}")
    good = bytearray(REAL)
    good[20:22] = b"\x00\x5a"
    portrait = decoder.decode(bytes(good))
    assert portrait.shape == (126, 102, 3)
    assert (portrait == 0x5A).all()
    with pytest.raises(Unreadable, match="no picture"):
        decoder.decode(bytes(1024))
    good[20] = 0xAA
    with pytest.raises(Unreadable, match="ended with -11"):
        decoder.decode(bytes(good))
