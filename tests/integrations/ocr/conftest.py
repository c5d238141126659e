import pytest

pytest.importorskip("rapidocr", reason="needs the extra: pip install 'forthwith[ocr]'")
