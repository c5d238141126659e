"""The local voice, as it is: espeak-ng in its own process, encoded by FFmpeg's libraries."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest

from forthwith.integrations.speech import espeak, recording
from forthwith.integrations.speech.recording import VoiceFailed
from forthwith.integrations.speech.speaking import RATES, Speech, speak, warm_up
from forthwith.integrations.speech.vendors import vendors
from forthwith.platform.errors import Unavailable, Unprocessable
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import in_memory
from forthwith.platform.upstream.upstreams import Upstreams

SUMMARY = "您好，訂單號碼 0427。牛肉麵 x2、雞胸肉便當 x1，總共 NT$1,280，下午 2:30 取餐，謝謝。"
PHONEMES = Path(__file__).with_name("phonemes.py")


@pytest.fixture
def upstreams() -> Upstreams:
    return Upstreams(vendors(), in_memory())


def samples_of(speech: Speech) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    with av.open(io.BytesIO(speech.audio), "r") as file:
        frames = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
    return np.concatenate(frames)


async def test_a_recording_is_what_line_plays(pool: ProcessPool, upstreams: Upstreams) -> None:
    """m4a: AAC, one channel, about 64 kbit/s, the index before the sound."""
    speech = await speak(pool, upstreams, SUMMARY)

    with av.open(io.BytesIO(speech.audio)) as file:
        (stream,) = file.streams
        assert isinstance(stream, av.AudioStream)
        assert (stream.codec_context.name, stream.codec_context.channels) == ("aac", 1)
        assert stream.bit_rate == pytest.approx(64_000, rel=0.2)
    assert speech.audio[4:11] == b"ftypM4A"
    assert speech.audio.index(b"moov") < speech.audio.index(b"mdat")
    assert speech.provider == "espeak"


async def test_its_length_is_that_of_its_sound(pool: ProcessPool, upstreams: Upstreams) -> None:
    speech = await speak(pool, upstreams, SUMMARY)

    seconds = len(samples_of(speech)) / 22_050
    assert speech.milliseconds == pytest.approx(seconds * 1_000, abs=60)


async def test_slower_takes_longer(pool: ProcessPool, upstreams: Upstreams) -> None:
    slow, usual, fast = [
        (await speak(pool, upstreams, SUMMARY, rate=rate)).milliseconds for rate in RATES
    ]

    assert slow / usual == pytest.approx(1 / 0.7, rel=0.2)
    assert usual / fast == pytest.approx(1.3, rel=0.2)


@pytest.mark.parametrize("rate", RATES)
async def test_it_is_loud_and_not_clipped(
    pool: ProcessPool, upstreams: Upstreams, rate: float
) -> None:
    samples = samples_of(await speak(pool, upstreams, SUMMARY, rate=rate))

    assert 0.5 < np.abs(samples).max() < 0.95
    assert 20 * np.log10(np.sqrt((samples**2).mean())) == pytest.approx(-22, abs=4)  # dBFS


async def test_an_equal_text_is_spoken_once(pool: ProcessPool, upstreams: Upstreams) -> None:
    first = await speak(pool, upstreams, "兩碗牛肉麵")
    await pool.aclose()
    second = await speak(pool, upstreams, " 2碗牛肉麵 ")

    assert second is first


async def test_another_rate_is_another_recording(pool: ProcessPool, upstreams: Upstreams) -> None:
    first = await speak(pool, upstreams, "兩碗牛肉麵")
    await pool.aclose()

    with pytest.raises(Unavailable):
        await speak(pool, upstreams, "兩碗牛肉麵", rate=0.7)
    assert first.milliseconds > 0


@pytest.mark.parametrize("text", ["", " \n\t", "。。。", "🙏", "<speak></speak>", "\x00\x07"])
async def test_nothing_to_say_is_told(pool: ProcessPool, upstreams: Upstreams, text: str) -> None:
    with pytest.raises(Unprocessable, match="nothing to say"):
        await speak(pool, upstreams, text)


@pytest.mark.parametrize("text", ["湯" * 10_000, "1" * 999 + "元" * 2, "$9,999,999 " * 80])
async def test_too_long_a_text_is_told(pool: ProcessPool, upstreams: Upstreams, text: str) -> None:
    """Also one that is short in digits, and long in words."""
    with pytest.raises(Unprocessable, match=r"shorten it to 1,000"):
        await speak(pool, upstreams, text)


async def test_an_unknown_rate_is_told(pool: ProcessPool, upstreams: Upstreams) -> None:
    with pytest.raises(Unprocessable, match=r"0\.7, 1\.0, 1\.3"):
        await speak(pool, upstreams, "湯", rate=9.0)


async def test_markup_does_not_steer_the_voice(pool: ProcessPool, upstreams: Upstreams) -> None:
    """Not SSML's break of nine seconds, not espeak-ng's own phonemes."""
    plain = await speak(pool, upstreams, "你好")
    hostile = await speak(pool, upstreams, '你好<break time="9s"/>')

    assert hostile.milliseconds < plain.milliseconds + 500


def test_phonemes_are_ours_alone() -> None:
    assert espeak._pronounced("[[h@l'oU]]雞胸") == " h@l'oU 雞[[S;j'ong55]]"


@pytest.mark.slow
async def test_the_longest_text_is_spoken(pool: ProcessPool, upstreams: Upstreams) -> None:
    speech = await speak(pool, upstreams, "牛肉麵兩碗，" * 166, rate=1.3)

    assert speech.milliseconds > 60_000


async def test_warming_up_speaks_in_every_process(pool: ProcessPool) -> None:
    await warm_up(pool)


def test_no_common_character_is_spelt_in_english() -> None:
    """What the dictionary lacks is exactly what is put in its place."""
    done = subprocess.run(
        [sys.executable, str(PHONEMES)], capture_output=True, check=True, timeout=30
    )
    lacking = set(done.stdout.decode())

    assert lacking
    assert lacking <= set(espeak._MISSING)


PROGRAMS = {
    "crashes": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "hangs": "import time; time.sleep(60)",
    "is silent": "",
    "babbles": "print('this is no sound')",
    "complains": "import sys; sys.exit('no Mandarin voice')",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_voice_that_fails_is_told(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "espeak.py"
    broken.write_text(program)
    monkeypatch.setattr(recording, "_PROGRAM", broken)
    began = time.monotonic()

    with pytest.raises(VoiceFailed):
        recording.recorded("你好", 1.0, 2.0)
    assert time.monotonic() - began < 10


def test_a_voice_does_not_outlive_who_started_it() -> None:
    """A worker that is killed leaves no process behind, also when the voice hangs."""
    starter = (
        "import subprocess, sys, time\n"
        f"voice = subprocess.Popen([sys.executable, '-I', {str(recording._PROGRAM)!r}],"
        " stdin=subprocess.PIPE)\n"
        "print(voice.pid, flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        voice = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.kill()
    deadline = time.monotonic() + 5
    while _is_alive(voice) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not _is_alive(voice)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{pid}/status").read_text()


def test_a_voice_that_eats_the_machine_is_ended() -> None:
    """Whatever a text makes of it: its share of time and memory is small."""
    code = (
        "import runpy, resource, sys\n"
        f"voice = runpy.run_path({str(recording._PROGRAM)!r})\n"
        "voice['_limit_to_its_share']()\n"
        "bytearray(1 << 30)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert b"MemoryError" in done.stderr
    assert done.returncode not in {0, -signal.SIGKILL}
