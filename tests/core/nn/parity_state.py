"""The cases of tests/core/nn/parity/state.cpp with torch.nn."""

import torch
from parity_modules import Net


def metadata_of(state):
    return [[path, metadata["version"]] for path, metadata in state._metadata.items()]


def state_dict_keys():
    net = Net()
    return {
        "plain": list(net.state_dict()),
        "prefix": list(net.state_dict(prefix="x.")),
        "metadata": metadata_of(net.state_dict()),
        "metadata with prefix": metadata_of(net.state_dict(prefix="x.")),
    }


def spoil(state):
    del state["w"]
    del state["counter._extra_state"]
    del state["dict.left.bias"]
    state["zero"] = torch.ones(1)
    state["a.fc.other"] = torch.ones(1)
    state["a.shortcut.weight"] = torch.ones(1)
    state["a._extra_state"] = 5
    state["nothing.at.all"] = torch.ones(1)
    state["a.scale"] = torch.ones(2, 3)
    state["seq.0.bias"] = torch.ones(())
    state["list.3.weight"] = torch.ones(1)


def load_errors():
    state = Net().state_dict()
    spoil(state)
    messages = {}
    for name, strict in (("strict", True), ("not strict", False)):
        try:
            Net().load_state_dict(state, strict=strict)
        except RuntimeError as error:
            messages[name] = str(error)
    partial = Net().state_dict()
    del partial["w"]
    partial["zero"] = torch.ones(1)
    keys = Net().load_state_dict(partial, strict=False)
    return messages | {"missing": keys.missing_keys, "unexpected": keys.unexpected_keys}


def state_hook_order():
    net = Net()
    pre, post, load_pre, load_post = [], [], [], []

    def on_pre(module, prefix, keep_vars):
        pre.append(f"{type(module).__name__} {prefix}" + (" vars" if keep_vars else ""))

    def on_post(module, state, prefix, metadata):
        post.append(f"{type(module).__name__} {prefix} {len(state)} {metadata['version']}")

    def on_load_pre(module, state, prefix, metadata, strict, missing, unexpected, errors):
        load_pre.append(f"{type(module).__name__} {prefix} {metadata.get('version', -1)} {len(missing)}")

    def on_load_post(module, keys):
        load_post.append(f"{type(module).__name__} {len(keys.unexpected_keys)}")

    for path in ("", "a", "a.fc", "seq", "seq.0"):
        module = net.get_submodule(path)
        module.register_state_dict_pre_hook(on_pre)
        module.register_state_dict_post_hook(on_post)
        module.register_load_state_dict_pre_hook(on_load_pre)
        module.register_load_state_dict_post_hook(on_load_post)
    net.state_dict(keep_vars=True)
    net.load_state_dict(Net().state_dict())
    return {"pre": pre, "post": post, "load pre": load_pre, "load post": load_post}


NAMES = {torch.float32: "Float", torch.float64: "Double"}


def values_after_loading():
    results = {}
    for assign in (False, True):
        net, other = Net(), Net().double()
        state = other.state_dict()
        value = 0
        for name, entry in state.items():
            if isinstance(entry, torch.Tensor):
                value += 1
                state[name] = torch.full_like(entry, value)
        net.load_state_dict(state, assign=assign)
        results["assign" if assign else "copy"] = [
            [name, tensor.sum().item(), NAMES[tensor.dtype], tensor.requires_grad] for name, tensor in net.named_parameters()
        ]
    return results
