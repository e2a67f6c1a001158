from harness import WORK, peer


@peer("open_model_ict", "safetensors load_file")
def load_file():
    from safetensors.torch import load_file

    return lambda: load_file(WORK / "ict.safetensors")
