"""RapidOCR with the three models that its wheel carries; one engine per process.

The models are loaded here, since RapidOCR would look for others on the network, and its three
stages are called one by one, so that the picture detection works on may be smaller than the
one the lines are cut from.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2

from forthwith.integrations.ocr.geometry import Corners, Pixels

_MODELS: Final = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
_PARAMETERS: Final = {
    "Global.log_level": "critical",
    "Det.limit_type": "max",
}
_CERTAIN: Final = 0.9  # RapidOCR's own threshold for turning a line


class Reading(NamedTuple):
    """The text of one line and the recogniser's own score, from 0 to 1."""

    text: str
    score: float


class Engine:
    """The detector, the classifier of upside-down lines and the recogniser."""

    def __init__(self, threads: int) -> None:
        logging.getLogger("RapidOCR").disabled = True  # it prints colours to standard error
        from omegaconf import flag_override  # noqa: PLC0415 - a second, and only when read
        from rapidocr import RapidOCR  # noqa: PLC0415
        from rapidocr.ch_ppocr_cls import TextClassifier  # noqa: PLC0415
        from rapidocr.ch_ppocr_det import TextDetector  # noqa: PLC0415
        from rapidocr.ch_ppocr_rec import TextRecognizer  # noqa: PLC0415

        cv2.setNumThreads(1)
        config = RapidOCR(params=_PARAMETERS).cfg
        with flag_override(config, "allow_objects", True):
            for stage, model in _MODELS.items():
                # One picture is searched by all threads; lines are read side by side.
                config[stage].session = _session(model, threads if stage == "Det" else 1)
                config[stage].font_path = None  # for drawings, which nobody asks for
        self._detector: Any = TextDetector(config.Det)
        self._classifier: Any = TextClassifier(config.Cls)
        self._recogniser: Any = TextRecognizer(config.Rec)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ocr")

    def detect(self, image: Pixels, long_side: int) -> list[Corners]:
        """Find the lines of text, looking at the picture scaled to at most `long_side`."""
        self._detector.limit_side_len = long_side
        boxes = self._detector(image).boxes
        return [] if boxes is None else list(boxes)

    def upside_down(self, crops: Sequence[Pixels]) -> list[bool]:
        """Whether each line stands on its head; single lines may be misjudged."""
        return list(self._threads.map(self._is_upside_down, crops))

    def recognise(self, crops: Sequence[Pixels]) -> list[Reading]:
        """Read lines that stand upright.

        Each is read by one thread: a batch takes 170 MB more, and two threads at one line a
        fifth more of the cores' time.
        """
        longest_first = sorted(range(len(crops)), key=lambda index: -_length(crops[index]))
        readings = self._threads.map(self._read, (crops[index] for index in longest_first))
        return [reading for _, reading in sorted(zip(longest_first, readings, strict=True))]

    def _is_upside_down(self, crop: Pixels) -> bool:
        ((label, score),) = self._classifier([crop]).cls_res
        return bool(label == "180" and score > _CERTAIN)

    def _read(self, crop: Pixels) -> Reading:
        from rapidocr.ch_ppocr_rec import TextRecInput  # noqa: PLC0415

        read = self._recogniser(TextRecInput(img=[crop], return_word_box=False))
        return Reading(read.txts[0].strip(), float(read.scores[0]))


def _length(crop: Pixels) -> float:
    """What reading takes: the width of a line over its height."""
    height, width = crop.shape[:2]
    return float(width / height)


def cut_out(image: Pixels, boxes: Sequence[Corners]) -> list[Pixels]:
    """Each line as a picture of its own; one that runs downwards is turned anticlockwise."""
    from rapidocr.utils.process_img import get_rotate_crop_image  # noqa: PLC0415

    return [get_rotate_crop_image(image, box.copy()) for box in boxes]


def _session(model: str, threads: int) -> Any:
    """The model, with threads that sleep while they wait: beside other work that saves a third."""
    import onnxruntime  # noqa: PLC0415
    import rapidocr  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # fatal
    options.enable_cpu_mem_arena = False  # as RapidOCR has it: memory goes back after each picture
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # GELU leaves numbers below 1e-38, with which a core computes a hundred times slower: two
    # layers of the detector took longer than all others. See `whole.in_reading_thread`.
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    path = Path(rapidocr.__file__).parent / "models" / model
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@cache
def engine(threads: int) -> Engine:
    """The engine of this process, built at the first call: 0.6 s and 300 MB."""
    return Engine(threads)
