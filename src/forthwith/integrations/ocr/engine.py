"""RapidOCR with the three models that its wheel carries; one engine per process.

The models' paths are given, since RapidOCR would otherwise look for them on the network, and
its three stages are called one by one, so that the picture detection works on may be smaller
than the one the lines are cut from.
"""

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""Height by width by three colours, blue first, as OpenCV has them."""

Corners = npt.NDArray[np.float32]
"""Four rows of x and y: top left, top right, bottom right, bottom left."""

_MODELS: Final = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}


class Reading(NamedTuple):
    """One line: its text, the recogniser's score, and whether it stood on its head."""

    text: str
    score: float
    upside_down: bool


class Engine:
    """The detector, the 0/180 classifier and the recogniser."""

    def __init__(self, threads: int) -> None:
        logging.getLogger("RapidOCR").disabled = True  # it prints colours to standard error
        from rapidocr import RapidOCR  # noqa: PLC0415 - half a second, and only when read
        from rapidocr.ch_ppocr_cls import TextClassifier  # noqa: PLC0415
        from rapidocr.ch_ppocr_det import TextDetector  # noqa: PLC0415
        from rapidocr.ch_ppocr_rec import TextRecognizer  # noqa: PLC0415

        cv2.setNumThreads(1)
        config = RapidOCR(params=_parameters(threads)).cfg
        for stage in (config.Det, config.Cls, config.Rec):
            stage.engine_cfg = config.EngineConfig.onnxruntime
        config.Rec.font_path = None  # for drawings, which nobody asks for
        self._detector: Any = TextDetector(config.Det)
        self._classifier: Any = TextClassifier(config.Cls)
        self._recogniser: Any = TextRecognizer(config.Rec)

    def detect(self, image: Pixels, long_side: int) -> list[Corners]:
        """Find the lines of text, looking at the picture scaled to at most `long_side`."""
        self._detector.limit_side_len = long_side
        boxes = self._detector(image).boxes
        return [] if boxes is None else list(boxes)

    def recognise(self, image: Pixels, boxes: Sequence[Corners]) -> list[Reading]:
        """Read the lines within `boxes`."""
        from rapidocr.ch_ppocr_rec import TextRecInput  # noqa: PLC0415
        from rapidocr.utils.process_img import get_rotate_crop_image  # noqa: PLC0415

        if not boxes:
            return []
        crops = [get_rotate_crop_image(image, box.copy()) for box in boxes]
        classified = self._classifier(crops)
        read = self._recogniser(TextRecInput(img=classified.img_list, return_word_box=False))
        return [
            Reading(text, float(score), label == "180")
            for text, score, (label, _) in zip(
                read.txts, read.scores, classified.cls_res, strict=True
            )
        ]


def _parameters(threads: int) -> dict[str, Any]:
    import rapidocr  # noqa: PLC0415

    models = Path(rapidocr.__file__).parent / "models"
    return {f"{stage}.model_path": str(models / name) for stage, name in _MODELS.items()} | {
        "Global.log_level": "critical",
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_type": "max",
        "Rec.rec_batch_num": 1,
    }


@cache
def engine(threads: int) -> Engine:
    """The engine of this process, built at the first call: 0.6 s and 300 MB."""
    return Engine(threads)
