"""Every view state is told in every language, every fixed sentence has a clip, and nothing private goes to the hall."""

import io
import re
import wave

import numpy as np
import pytest

from kiosk.view.common import Language
from kiosk.view.screen import STATES
from kiosk.voice.clips import Clips
from kiosk.voice.reading import Tongue, tongue_of
from kiosk.voice.synthesis import RECIPE
from ui.samples import samples
from ui.voice import TELLERS, phrases, spoken

SAMPLES = samples()
LONGEST = 14
"""Sentences on one screen; more is a lecture."""


def test_every_view_state_is_told() -> None:
    assert set(TELLERS) == set(STATES)


@pytest.mark.parametrize("language", list(Language))
def test_every_sample_has_words_in_its_language(language: Language) -> None:
    wrong = []
    for name, state in SAMPLES.items():
        told = spoken(state, language)
        if not told.sentences or told.language is not language:
            wrong.append(f"{name}: nothing is said")
        for sentence in told.sentences:
            if not re.search(r"[.!?。！？：:；;…]$", sentence.words):
                wrong.append(f"{name}: no end: {sentence.words}")
            if "{" in sentence.words or "}" in sentence.words:
                wrong.append(f"{name}: not filled in: {sentence.words}")
            if language is Language.EN and sentence.fixed and re.search("[一-鿿]", sentence.words):
                wrong.append(f"{name}: Chinese in English: {sentence.words}")
        if len(told.sentences) > LONGEST and "Before" not in name and "Review" not in name:
            wrong.append(f"{name}: {len(told.sentences)} sentences")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", list(Language))
def test_fixed_sentences_are_those_that_clips_are_made_of(language: Language) -> None:
    fixed = {
        sentence.words for state in SAMPLES.values() for sentence in spoken(state, language).sentences if sentence.fixed
    }
    assert fixed <= set(phrases(language))
    assert len(fixed) > 200


def test_names_and_numbers_are_for_headphones_only() -> None:
    """No sample's private value is heard from the loudspeaker: a name, an identity number, an address."""
    secrets = (
        "王*明",
        "欧阳*",
        "王小明",
        "王晓明",
        "19900307",
        "1990 0307",
        "槐树街",
        "91110000600037341L",
        "13800138000",
    )
    for language in Language:
        for name, state in SAMPLES.items():
            if name.startswith("attendant."):
                continue  # staff's own screens are silent by themselves
            heard = " ".join(sentence.words for sentence in spoken(state, language).aloud(private=False))
            for secret in secrets:
                assert secret not in heard, f"{name}: {heard}"


def test_over_headphones_the_check_page_is_read_out() -> None:
    told = spoken(SAMPLES["desk.Review"], Language.ZH_HANS)
    assert "手机号码：138 0013 8000。" in [sentence.words for sentence in told.aloud(private=True)]
    assert "138 0013 8000" not in " ".join(sentence.words for sentence in told.aloud(private=False))


def test_nobody_is_spoken_to_while_nobody_is_there() -> None:
    assert spoken(SAMPLES["gate.Welcome"], Language.ZH_HANS).quiet
    assert spoken(SAMPLES["desk.Start"], Language.ZH_HANS).quiet
    assert not spoken(SAMPLES["gate.Welcome-moved"], Language.ZH_HANS).quiet
    assert not spoken(SAMPLES["common.OutOfService-fire"], Language.ZH_HANS).quiet


def test_the_countdown_is_said_once() -> None:
    from dataclasses import replace

    state = SAMPLES["desk.StillThere"]
    assert spoken(state, Language.EN) == spoken(replace(state, seconds=3), Language.EN)  # type: ignore[call-arg]


@pytest.mark.parametrize("language", list(Language))
def test_every_clip_is_there_and_is_speech(language: Language) -> None:
    """Set-up made them: each is heard, and is as long as what it says."""
    clips = Clips(tongue_of(language, cantonese=True))
    if not clips.there:
        pytest.fail("no clips: run `make setup`, or `python -m kiosk voice-clips`")
    assert clips.recipe() == RECIPE
    wrong = []
    for words in phrases(language):
        sound = clips.get(words)
        if sound is None:
            wrong.append(f"no clip, run `python -m kiosk voice-clips`: {words}")
            continue
        with wave.open(io.BytesIO(sound)) as file:
            samples_ = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)
            seconds = file.getnframes() / file.getframerate()
        if np.sqrt(np.mean(samples_**2)) < 1000 or np.max(np.abs(samples_)) < 20000:
            wrong.append(f"too quiet: {words}")
        signs = len(re.findall(r"[一-鿿]|[0-9]", words)) if language is not Language.EN else len(words) / 3
        if not 0.10 * signs + 0.1 <= seconds <= 0.60 * signs + 2.0:
            wrong.append(f"{seconds:.1f} s for {words}")
    clips.close()
    assert not wrong, "\n".join(wrong)


def test_a_recorded_voice_takes_the_place_of_a_clip(tmp_path: object) -> None:
    import zipfile
    from pathlib import Path

    from kiosk.voice.clips import make_clips, name_of

    folder = Path(str(tmp_path))
    assert make_clips(Tongue.MANDARIN, ["请进。"], folder) == (1, 1)
    assert make_clips(Tongue.MANDARIN, ["请进。", "请稍候。"], folder) == (2, 1)
    made = Clips(Tongue.MANDARIN, folder).get("请进。")
    assert made is not None
    recorded = made[:44] + bytes(len(made) - 44)
    with zipfile.ZipFile(folder / "mandarin.zip", "a") as file:
        file.writestr(name_of("请进。", Tongue.MANDARIN) + ".wav", recorded)
    assert Clips(Tongue.MANDARIN, folder).get("请进。") == recorded
    make_clips(Tongue.MANDARIN, ["请进。"], folder)
    assert Clips(Tongue.MANDARIN, folder).get("请进。") == recorded  # and is kept when clips are made anew
    (folder / "mandarin.zip").write_bytes(b"damaged")
    assert Clips(Tongue.MANDARIN, folder).get("请进。") is None
