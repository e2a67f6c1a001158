"""Tests one build of the wheel in several torch versions. `record FILE`, in the tree, writes an input of each op with its results and gradients, from
the test kit's classes. `check FILE`, in a Python with the wheel, runs them on the CPU and, if that torch has CUDA 13, on CUDA, and prints one line per
op. More lines are for a fit, a render with its gradient, a third-party plugin, and a checkpoint that C++ wrote, with values of every kind."""

import importlib
import pathlib
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # for the tests
if sys.argv[1] == "record":
    sys.path.insert(0, str(ROOT / "python"))
import bisque3d  # noqa: E402


def record(path: str) -> None:
    from bisque3d.testing import OpTests

    for folder in ("core/ops", "ops3d"):
        for file in sorted((ROOT / "tests" / folder).glob("*_test.py")):
            importlib.import_module(f"tests.{folder.replace('/', '.')}.{file.stem}")
    cases = {}
    for cls in with_cases(OpTests):
        test = cls()
        inputs = test.inputs((cls.gradcheck_cases or cls.case_names())[0], torch.float32)
        results = test.call(test.with_gradients(inputs))
        weights = test.weights(results)
        cases[f"{cls.op} ({cls.__name__})"] = dict(
            op=cls.op,
            inputs=inputs,
            results=[result.detach() for result in results],
            gradients=list(cls.gradients),
            weights=weights,
            expected=test.gradients_of(inputs, weights) if cls.gradients else [],
            cuda=cls.on_cuda_too,
        )
    torch.save(cases, path)
    record_checkpoint(pathlib.Path(path).parent)


def with_cases(cls: type) -> list[type]:
    """The test classes that have cases; some derive from a common one, without any."""
    below = [test for subclass in cls.__subclasses__() for test in with_cases(subclass)]
    return [cls, *below] if hasattr(cls, "op") and cls.case_names() else below


def record_checkpoint(folder: pathlib.Path) -> None:
    from tests.core.checkpoint.torch_values import DTYPES, OTHERS, PLAIN, some

    torch.ops.load_library(ROOT / "build/tests/libcheckpoint_probe.so")
    tensors = {str(dtype): {"view": some(dtype, 3, 5).t(), "scalar": some(dtype), "empty": some(dtype, 0, 4)} for dtype in DTYPES}
    torch.save({"plain": PLAIN, "tensors": tensors, "others": {name: make() for name, make in OTHERS.items()}}, folder / "compat_theirs.pt")
    torch.ops.bisque_checkpoint_probe.resave(str(folder / "compat_theirs.pt"), str(folder / "compat_ours.pt"), False, "")


def check_checkpoint(folder: pathlib.Path) -> None:
    from tests.core.checkpoint.torch_values import same

    try:
        theirs = torch.load(folder / "compat_theirs.pt", weights_only=False)  # weights_only rejects b"" as Python itself writes it
        # torch 2.15 no longer lists the function of nested tensors as safe, not even for its own files.
        with torch.serialization.safe_globals([torch._utils._rebuild_nested_tensor]):
            for mmap in (False, True):
                same(torch.load(folder / "compat_ours.pt", weights_only=True, mmap=mmap), theirs)
        print(f"torch {torch.__version__}: a checkpoint of C++ passed on the CPU, with and without mmap")
    except Exception as error:
        print(f"torch {torch.__version__}: a checkpoint of C++ FAILED: {error!r}")


def fit() -> None:
    """A sphere is fitted to a larger one by the distance of their points."""
    from bisque3d.loss import chamfer_distance
    from bisque3d.utils import ico_sphere

    target, start = ico_sphere(2).verts_padded(), ico_sphere(2).scale_verts(0.5)
    offsets = torch.zeros_like(start.verts_packed(), requires_grad=True)
    optimizer = torch.optim.Adam([offsets], lr=0.05)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss, _ = chamfer_distance(start.offset_verts(offsets).verts_padded(), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 50, f"from {losses[0]} to {losses[-1]}"


def render() -> None:
    """The gradient of a picture moves the light's colour towards that of another picture."""
    from bisque3d.renderer import FoVPerspectiveCameras, MeshRasterizer, MeshRenderer, PointLights, RasterizationSettings, SoftPhongShader
    from bisque3d.renderer import TexturesVertex, look_at_view_transform
    from bisque3d.utils import ico_sphere

    mesh = ico_sphere(3)
    R, T = look_at_view_transform(dist=2.7, elev=20, azim=30)
    cameras = FoVPerspectiveCameras(R=R, T=T)
    lights = PointLights(location=[[2.0, 2.0, 3.0]])
    renderer = MeshRenderer(MeshRasterizer(cameras, RasterizationSettings(image_size=48)), SoftPhongShader(cameras=cameras, lights=lights))

    def picture(color):
        mesh.textures = TexturesVertex(color.expand(1, mesh.verts_packed().shape[0], 3))
        return renderer(mesh)

    target = picture(torch.tensor([0.2, 0.5, 0.8]))
    color = torch.full((3,), 0.5, requires_grad=True)
    loss = (picture(color) - target).square().mean()
    loss.backward()
    assert target[..., 3].mean() > 0.2 and loss > 0
    assert color.grad[0] > 0 > color.grad[2] and color.grad[1].abs() < 1e-4, color.grad


def plugin() -> None:
    """One binary of a third-party plugin, with its gradient."""
    acme = bisque3d.load_library(ROOT / "build/lib/libacme_ops.so")
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    torch.ops.acme.affine(x)[0].sum().backward()
    assert x.grad.tolist() == [2, 2, 2], x.grad
    acme.close()


def check_programs() -> None:
    for name, program in (("a fit", fit), ("a render with its gradient", render), ("a third-party plugin", plugin)):
        try:
            program()
            print(f"torch {torch.__version__}: {name} passed on the CPU")
        except Exception as error:
            print(f"torch {torch.__version__}: {name} FAILED: {error!r}")


def run(case: dict, device: str) -> None:
    inputs = {name: value.to(device) if isinstance(value, torch.Tensor) else value for name, value in case["inputs"].items()}
    for name in case["gradients"]:
        inputs[name].requires_grad_()
    namespace, name = case["op"].split("::")
    results = getattr(getattr(torch.ops, namespace), name).default(**inputs)
    results = results if isinstance(results, tuple) else (results,)
    for result, expected in zip(results, case["results"]):
        torch.testing.assert_close(result.detach().cpu(), expected, rtol=1e-4, atol=1e-5)
    if case["gradients"]:
        pairs = [(result, weight.to(device)) for result, weight in zip(results, case["weights"]) if weight is not None]
        leaves = [inputs[name] for name in case["gradients"]]
        gradients = torch.autograd.grad([result for result, _ in pairs], leaves, [weight for _, weight in pairs])
        for gradient, expected in zip(gradients, case["expected"]):
            torch.testing.assert_close(gradient.cpu(), expected, rtol=1e-4, atol=1e-4)


def check(path: str) -> None:
    torch.autograd.set_multithreading_enabled(False)  # a thread of autograd may abort the program as it ends: CONTRIBUTING.md
    assert "site-packages" in bisque3d.__file__, f"{bisque3d.__file__} is not the wheel's"
    notes = [loaded.cuda_note for loaded in bisque3d.plugins()]
    with_cuda = torch.cuda.is_available() and not any(notes)
    for name, case in torch.load(path, weights_only=True).items():
        devices = ["cpu", "cuda"] if with_cuda and case["cuda"] else ["cpu"]
        try:
            for device in devices:
                run(case, device)
            print(f"torch {torch.__version__}: {name} passed on {' and '.join(devices)}")
        except (RuntimeError, AssertionError) as error:
            print(f"torch {torch.__version__}: {name} FAILED on {device}: {error}")
    check_programs()
    check_checkpoint(pathlib.Path(path).parent)


{"record": record, "check": check}[sys.argv[1]](sys.argv[2])
