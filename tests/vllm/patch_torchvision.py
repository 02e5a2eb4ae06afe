"""Let PyPI's torchvision be imported beside a CPU build of torch. Run by the interpreter of the environment to patch.

Its wheel is linked against CUDA, so that its operators cannot be loaded, and `import torchvision` dies with "operator
torchvision::nms does not exist". vLLM and transformers need its transforms only, which are plain torch: to declare the
two operators that it registers in any case is enough. A wheel that is `torchvision+cpu` needs none of this.
"""

import importlib.util
from pathlib import Path

MARK = "# --- shim for torch without CUDA ---"
SHIM = f"""

{MARK}
if not _has_ops():
    for _op in ("nms", "qnms"):
        try:
            torch.library.define(f"torchvision::{{_op}}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        except RuntimeError:
            pass
"""


def main():
    found = importlib.util.find_spec("torchvision")
    assert found and found.submodule_search_locations
    path = Path(found.submodule_search_locations[0]) / "extension.py"
    text = path.read_text(encoding="utf-8")
    if MARK not in text:
        path.write_text(text + SHIM, encoding="utf-8")


if __name__ == "__main__":
    main()
