import sys
from importlib.util import find_spec
from pathlib import Path

# The examples are no installed package: they run from the root of the repository.
sys.path.insert(0, str(Path(__file__).parents[2]))

# The generator draws with what the extra `ocr` brings; without it there is nothing to test.
collect_ignore_glob = ["test_*.py"] if find_spec("cv2") is None else []
