"""The Modules of tests/core/nn/parity/modules.h, in Python."""

import torch
from torch import nn


class Affine(nn.Module):
    def __init__(self, inputs, outputs, with_bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(outputs, inputs))
        self.register_parameter("bias", nn.Parameter(torch.zeros(outputs)) if with_bias else None)

    def forward(self, x):
        return nn.functional.linear(x, self.weight, self.bias)

    def extra_repr(self):
        return f"in={self.weight.size(1)}, out={self.weight.size(0)}"


class Act(nn.Module):
    def forward(self, x):
        return x.relu()


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = Affine(2, 2)
        self.register_module("shortcut", None)
        self.register_buffer("scale", torch.ones(1))
        self.register_buffer("scratch", torch.ones(1), persistent=False)
        self.register_buffer("none", None)

    def extra_repr(self):
        return "first line\nsecond line"


class Counter(nn.Module):
    _version = 3

    def __init__(self):
        super().__init__()
        self.count = 0

    def get_extra_state(self):
        return self.count

    def set_extra_state(self, state):
        self.count = state


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(3))
        self.a = Block()
        self.b = self.a
        self.counter = Counter()
        self.seq = nn.Sequential(Affine(2, 3), Act(), Affine(3, 2, False))
        self.list = nn.ModuleList([Affine(2, 2), Affine(2, 2), Affine(2, 2), Act(), Affine(2, 2)])
        self.dict = nn.ModuleDict()
        self.parameters_list = nn.ParameterList()
        self.parameters_dict = nn.ParameterDict()
        self.tied = self.a.fc.weight
        self.dict["left"] = Affine(1, 2)
        self.dict["right"] = Act()
        self.parameters_list.append(torch.ones(2, 3))
        self.parameters_list.append(torch.ones((), dtype=torch.float64))
        self.parameters_dict["gain"] = torch.ones(4)


class Traced(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.full((1,), 2.0))

    def forward(self, x, y):
        return x * self.w + y, y * 3


class Doubled(nn.Module):
    def forward(self, x):
        return x * 2


class Failing(nn.Module):
    def forward(self, x):
        raise RuntimeError("forward failed")
