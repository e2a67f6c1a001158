"""C++ Modules as nn.Modules: each feature beside the same Module in Python."""

import copy
import io
import pickle
import threading
import time

import pytest
import torch


class PythonNet(torch.nn.Module):
    """acme.Net in Python."""

    def __init__(self, inputs=3, outputs=4):
        super().__init__()
        self.fc = torch.nn.Linear(inputs, outputs)
        self.scale = torch.nn.Parameter(torch.ones(outputs))
        self.register_parameter("none", None)
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.register_buffer("noise", torch.zeros(2), persistent=False)
        self.register_buffer("missing", None)
        self.register_buffer("table", torch.arange(3).double())

    def forward(self, x):
        self.calls = self.calls + 1
        if self.training:
            self.noise.add_(1)
        y = self.fc(x).relu() * self.scale
        return y if self.missing is None else y + self.missing


@pytest.fixture
def twin(net):
    python = PythonNet()
    python.load_state_dict(net.state_dict())
    return python


def test_is_an_nn_module_with_the_same_names(net, twin):
    assert isinstance(net, torch.nn.Module)
    for names in ("named_parameters", "named_buffers", "named_modules"):
        assert sorted(name for name, _ in getattr(net, names)()) == sorted(name for name, _ in getattr(twin, names)())
    assert all(type(parameter) is torch.nn.Parameter for parameter in net.parameters())
    assert net.fc.weight.shape == (4, 3)
    assert set(net.state_dict()) == set(twin.state_dict())
    assert "noise" not in net.state_dict()


def test_parameters_and_buffers_may_be_none(net, twin, cpp):
    for module in (net, twin):
        assert module.none is None and module.missing is None
        assert module._parameters["none"] is None and module._buffers["missing"] is None
        assert not {"none", "missing"} & set(module.state_dict())
        assert "missing" not in module._non_persistent_buffers_set
    x = torch.rand(2, 3)
    without = net(x)
    for module in (net, twin):
        module.missing = torch.ones(4)
        assert "missing" in module.state_dict()
    torch.testing.assert_close(net(x), without + 1)
    torch.testing.assert_close(net(x), twin(x))
    copied = copy.deepcopy(net)
    net.missing = None
    torch.testing.assert_close(net(x), without)
    torch.testing.assert_close(copied(x), without + 1)
    assert copy.deepcopy(net).missing is None
    loaded = pickle.loads(pickle.dumps(copied))
    torch.testing.assert_close(loaded(x), without + 1)
    assert net.load_state_dict(cpp.modules.make("acme.Net", inputs=3, outputs=4).state_dict())


def test_forward_and_gradients_are_those_of_python(net, twin):
    x = torch.randn(5, 3)
    a, b = net(x), twin(x)
    torch.testing.assert_close(a, b)
    a.square().sum().backward()
    b.square().sum().backward()
    for name, parameter in net.named_parameters():
        torch.testing.assert_close(parameter.grad, twin.get_parameter(name).grad)


def test_parameters_are_shared(net):
    weight, pointer = net.fc.weight, net.fc.weight.data_ptr()
    x = torch.ones(1, 3)
    with torch.no_grad():
        weight.fill_(2)
        net.fc.bias.zero_()
    assert net(x).eq(6).all() and net.fc.weight is weight and weight.data_ptr() == pointer


def test_an_optimizer_trains(net, twin):
    x, y = torch.randn(20, 3), torch.rand(20, 4)
    losses = []
    for module in (net, twin):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
        for _ in range(30):
            optimizer.zero_grad()
            loss = (module(x) - y).square().mean()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_buffers_that_cpp_replaces_arrive(net):
    net(torch.ones(1, 3))
    net(torch.ones(1, 3))
    assert net.calls == 2 and net.noise.tolist() == [2, 2] and net.state_dict()["calls"] == 2


def test_what_python_assigns_arrives(net):
    net.fc.weight = torch.nn.Parameter(torch.full((4, 3), 3.0))
    net.fc.bias = torch.nn.Parameter(torch.zeros(4))
    net.calls = torch.tensor(10)
    assert net(torch.ones(1, 3)).eq(9).all() and net.calls == 11
    net.scale.requires_grad_(False)
    assert net(torch.ones(1, 3)).sum().backward() is None and net.scale.grad is None


def test_a_child_can_be_replaced_and_called(net, cpp):
    other = cpp.modules.make("acme.Net", inputs=3, outputs=4)
    net.fc = other.fc
    x = torch.rand(1, 3)
    torch.testing.assert_close(net(x), other.fc(x).relu())
    assert net.fc is other.fc


def test_training_mode(net):
    net.eval()
    net(torch.ones(1, 3))
    assert net.noise.tolist() == [0, 0] and not net.fc.training
    net.train()
    net.fc.eval()
    net(torch.ones(1, 3))
    assert net.noise.tolist() == [1, 1] and net.training and not net.fc.training


def test_to_changes_floating_dtypes_but_those_that_cpp_fixes(net):
    identity = net.fc.weight
    net.to(torch.float64)
    assert net.fc.weight is identity and identity.dtype == torch.float64 and net.calls.dtype == torch.int64
    assert net(torch.ones(1, 3, dtype=torch.float64)).dtype == torch.float64
    net.half()
    assert net.scale.dtype == torch.float16 and net.table.dtype == torch.float64 and net.table.tolist() == [0, 1, 2]
    torch.nn.Sequential(net).to(torch.bfloat16)
    assert net.scale.dtype == torch.bfloat16 and net.table.dtype == torch.float64
    net.float()
    assert net(torch.ones(1, 3)).dtype == torch.float32
    assert {tensor.device.type for tensor in net.to("meta").state_dict().values()} == {"meta"}


def test_state_dict_round_trips_through_python(net, cpp, tmp_path):
    x = torch.randn(2, 3)
    net(x)
    torch.save(net.state_dict(), tmp_path / "net.pt")
    other = cpp.modules.make("acme.Net", inputs=3, outputs=4)
    assert other.load_state_dict(torch.load(tmp_path / "net.pt")) == torch.nn.modules.module._IncompatibleKeys([], [])
    torch.testing.assert_close(other(x), net(x))
    assert other.calls == 2
    with pytest.raises(RuntimeError, match="size mismatch for fc.weight"):
        cpp.modules.make("acme.Net", outputs=5).load_state_dict(net.state_dict())
    state = net.state_dict()
    del state["scale"]
    with pytest.raises(RuntimeError, match="Missing key.*scale"):
        other.load_state_dict(state)


def test_a_part_of_a_python_model(net):
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), net)
    assert "1.fc.weight" in model.state_dict() and len(list(model.parameters())) == 5
    model(torch.ones(1, 2)).sum().backward()
    assert model[0].weight.grad.abs().sum() > 0
    assert "Net(" in repr(model)


def test_a_state_without_a_version_keeps_the_childrens_tensors(net, cpp):
    other = cpp.modules.make("acme.Net", inputs=3, outputs=4)
    for model, state in ((other, net.state_dict()), (torch.nn.Sequential(other), torch.nn.Sequential(net).state_dict())):
        assert not any(model.load_state_dict(dict(state)))
        assert all(torch.equal(value, model.state_dict()[name]) for name, value in state.items())


def test_an_older_state_is_upgraded(cpp):
    module = cpp.modules.make("acme.Versioned")
    assert module.state_dict()._metadata[""]["version"] == 2
    old = {"old_weight": torch.tensor([1.0, 2.0]), "_extra_state": "loaded"}
    module.load_state_dict(old)
    assert module.weight.tolist() == [1, 2] and module.state_dict()["_extra_state"] == "loaded"
    model = torch.nn.Sequential(cpp.modules.make("acme.Versioned"))
    model.load_state_dict({f"0.{name}": value for name, value in old.items()})
    assert model[0].weight.tolist() == [1, 2]


def test_keyword_arguments_and_optional_ones(cpp):
    versioned, sleep = cpp.modules.make("acme.Versioned"), cpp.modules.make("acme.Sleep", seconds=0)
    with torch.no_grad():
        versioned.weight.fill_(1)
    assert versioned(torch.zeros(2), a=1, b=2).tolist() == [2, 2]
    x = torch.ones(2)
    assert [value if not isinstance(value, torch.Tensor) else value.tolist() for value in sleep(x)] == [[1, 1], None, 0.0]
    assert sleep(x, None)[1] is None and sleep(x, x)[1] is x


def test_hooks_see_and_change_calls(net):
    x = torch.ones(1, 3)
    seen = []
    pre = net.register_forward_pre_hook(lambda module, args: seen.append((module is net, args[0].tolist())) or (args[0] * 0,))
    post = net.register_forward_hook(lambda module, args, output: output + 10)
    assert (net(x) >= 10).all() and seen == [(True, [[1.0, 1.0, 1.0]])]
    pre.remove()
    post.remove()
    assert len(seen) == 1 and net(x).max() < 10 and len(seen) == 1
    with net.register_forward_hook(lambda *_: seen.append("once")):
        net(x)
    net(x)
    assert seen[1:] == ["once"]


def test_hooks_of_a_child_run_in_the_parents_forward(net):
    order = []
    net.fc.register_forward_hook(lambda module, args, output: order.append(module is net.fc))
    net.register_forward_hook(lambda *_: order.append("net"))
    net.fc.register_forward_pre_hook(lambda *_: order.append("second"))
    net.fc.register_forward_pre_hook(lambda *_: order.append("first"), prepend=True)
    net(torch.ones(1, 3))
    assert order == ["first", "second", True, "net"]


def test_backward_hooks_receive_gradients(net, twin):
    got = []
    for module in (net, twin):
        module.register_full_backward_hook(lambda module, grads, outs: got.append((grads[0], outs[0])))
        module.fc.register_full_backward_pre_hook(lambda module, outs: (outs[0] * 2,))
        x = torch.ones(2, 3, requires_grad=True)
        module(x).sum().backward()
        got.append(x.grad)
    torch.testing.assert_close(got[:2], got[2:])


def test_an_exception_in_a_hook_arrives(net):
    def bad(*_):
        raise KeyError("from the hook")

    handle = net.fc.register_forward_hook(bad)
    with pytest.raises(KeyError, match="from the hook"):
        net(torch.ones(1, 3))
    handle.remove()
    net(torch.ones(1, 3))


def test_with_kwargs_and_always_call(cpp):
    module = cpp.modules.make("acme.Versioned")
    seen = []
    module.register_forward_pre_hook(lambda m, args, kwargs: (args, {}) if seen.append(kwargs) is None else None, with_kwargs=True)
    with torch.no_grad():
        module.weight.fill_(1)
    assert module(torch.zeros(2), a=1).tolist() == [0, 0] and seen == [{"a": 1}]
    net = cpp.modules.make("acme.Net")
    net.register_forward_hook(lambda m, args, output: seen.append(output), always_call=True)
    with pytest.raises(RuntimeError):
        net(torch.ones(3))
    assert seen[-1] is None


def test_deepcopy_has_its_own_tensors(net):
    net.fc.weight.requires_grad_(False)
    net.note = ["python"]
    net.extra = torch.nn.Linear(1, 1)  # Python's own
    net.register_forward_hook(lambda module, args, output: output + 1)
    copied = copy.deepcopy(net)
    x = torch.randn(2, 3)
    torch.testing.assert_close(copied(x), net(x))
    with torch.no_grad():
        copied.fc.weight.zero_()
    assert net.fc.weight.abs().sum() > 0 and copied.note == ["python"] and copied.note is not net.note
    assert copied.extra is not net.extra and torch.equal(copied.extra.weight, net.extra.weight)
    assert not copied.fc.weight.requires_grad and copied.scale.requires_grad
    model = torch.nn.ModuleList([net, torch.nn.ParameterList([net.scale])])
    twice = copy.deepcopy(model)
    assert twice[0].scale is twice[1][0] and twice[0].scale is not net.scale
    with torch.no_grad():
        twice[1][0].zero_()
    assert twice[0](x).eq(1).all()  # the hook's, and the tied scale


def plus_five(module, args, output):
    return output + 5


def test_pickling(net, tmp_path):
    net.register_forward_hook(plus_five)
    net(torch.ones(1, 3))
    net.eval()
    net.note = "kept"
    net.extra = torch.nn.Linear(1, 1)
    loaded = pickle.loads(pickle.dumps(net))
    x = torch.randn(2, 3)
    torch.testing.assert_close(loaded(x), net(x))
    assert loaded.note == "kept" and not loaded.training and loaded.calls == net.calls and loaded.noise.tolist() == [1, 1]
    assert torch.equal(loaded.extra.weight, net.extra.weight)
    buffer = io.BytesIO()
    torch.save(torch.nn.Sequential(net), buffer)
    buffer.seek(0)
    torch.testing.assert_close(torch.load(buffer, weights_only=False)(x), net(x))
    with pytest.raises(pickle.PicklingError, match="Linear: is a child of another C\\+\\+ Module"):
        pickle.dumps(net.fc)


def test_repr_is_that_of_cpp(net, cpp):
    assert repr(net).splitlines()[0] == "Net("
    assert "(fc): Linear(in_features=3, out_features=4, bias=True)" in repr(net)
    assert "inputs=3, outputs=4, activation='relu', weights=[1.0, 0.5], strides=[1, 2], limit=None, most=9.0" in repr(net)
    assert repr(cpp.modules.make("ops3d.KNN", K=4)) == "KNN(K=4, norm=2, return_sorted=True)"
    assert repr(cpp.modules.make("renderer.HarmonicEmbedding")).startswith("HarmonicEmbedding(n_harmonic_functions=6, omega_0=1.0")


def test_errors_are_sentences(net, cpp):
    with pytest.raises(RuntimeError, match=r"^acme.Net: expected x to have shape \[N, D\], but got 1 dimensions\.$"):
        net(torch.ones(3))
    with pytest.raises(RuntimeError, match=r"^Net: argument 0 of forward: expected Tensor, but got str\.$"):
        net("x")
    with pytest.raises(RuntimeError, match=r"^Net: forward cannot be called with 2 arguments, expected 1\.$"):
        net(torch.ones(1, 3), 2)
    with pytest.raises(RuntimeError, match='^Net: expected positional arguments of forward, but got the keyword argument "x".$'):
        net(x=torch.ones(1, 3))
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied") as caught:
        net(torch.ones(1, 2))
    assert "Exception raised from" not in str(caught.value)
    with pytest.raises(TypeError, match="expected None, numbers, strings, bytes, tensors"):
        net(object())
    shader = cpp.modules.make("renderer.HardPhongShader")
    with pytest.raises(RuntimeError, match=r"^HardPhongShader: argument 0 of forward: expected Fragments, but got Tensor\.$"):
        shader(torch.ones(1), torch.ones(1))
    with pytest.raises(RuntimeError, match=r"^Holder: has no forward that takes tensors, so that it cannot be called\.$"):
        cpp.modules.make("acme.Holder")(torch.ones(1))


def test_values_without_a_python_type_pass_between_modules(cpp):
    image = cpp.modules.make("acme.Draw")(torch.ones(2))
    assert isinstance(image, cpp.Object) and repr(image) == "<C++ Image>"
    assert cpp.modules.make("acme.Show")(image).tolist() == [1, 1]


def test_forward_releases_the_gil(cpp):
    sleep = cpp.modules.make("acme.Sleep", seconds=1)
    thread = threading.Thread(target=sleep, args=(torch.ones(1),))
    thread.start()
    steps = 0
    while thread.is_alive():
        steps += 1
        time.sleep(0.01)
    assert steps >= 3, "this thread ran while the other was in C++"
