"""Turns the tiny model of `tests/vllm` into GGUF files (model and projector) by the converter of llama.cpp's source.

    LLAMA_CPP=<source tree> python make_tiny_gguf.py <folder of the model> <folder to write>

The converter knows tokenizers by a digest; ours is home-made, so that it is told to take it for Qwen2's.
"""

import os
import sys
from pathlib import Path


def main():
    source = Path(os.environ["LLAMA_CPP"]).resolve()
    sys.path[:0] = [str(source), str(source / "gguf-py")]
    import convert_hf_to_gguf
    import gguf
    from conversion.base import TextModel

    model, folder = (Path(argument).resolve() for argument in sys.argv[1:3])
    names = gguf.get_tensor_name_map  # "merger.mlp.2" is looked up as if it were block 2: a shallow tower has none
    gguf.get_tensor_name_map = lambda kind, blocks: names(kind, max(blocks, 4))
    TextModel.get_vocab_base_pre = lambda *_: "qwen2"
    folder.mkdir(parents=True, exist_ok=True)
    for name, more in {"model.gguf": [], "mmproj.gguf": ["--mmproj"]}.items():
        sys.argv = ["convert", str(model), "--outtype", "f16", "--outfile", str(folder / name), *more]
        convert_hf_to_gguf.main()


if __name__ == "__main__":
    main()
