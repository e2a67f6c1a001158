"""TensorProperties and the conversions of bisque3d.renderer.utils."""

import copy
import math

import numpy as np
import pytest
import torch

from bisque3d.renderer.utils import (
    TensorAccessor,
    TensorProperties,
    convert_to_tensors_and_broadcast,
    format_tensor,
    ndc_grid_sample,
    ndc_to_grid_sample_coords,
    parse_image_size,
    per_picture,
)


class Properties(TensorProperties):
    def __init__(self, x=None, y=None, name=None, device="cpu"):
        super().__init__(device=device, x=x, y=y, name=name)

    def clone(self):
        return super().clone(Properties(device=self.device))


def test_values_become_tensors_of_one_batch():
    properties = Properties(x=10.0, y=(100.0, 200.0), name="two")
    assert len(properties) == 2 and not properties.isempty()
    torch.testing.assert_close(properties.x, torch.tensor([10.0, 10.0]))
    torch.testing.assert_close(properties.y, torch.tensor([100.0, 200.0]))
    assert properties.name == "two" and properties.device == torch.device("cpu")
    torch.testing.assert_close(Properties(x=np.ones((3, 2))).x, torch.ones(3, 2))
    assert Properties().isempty() and Properties(x=None).x is None


def test_numbers_take_the_dtype_of_tensors():
    assert Properties(x=0.1, y=torch.ones(2, dtype=torch.float64)).x.dtype == torch.float64
    assert Properties(x=0.1, y=torch.ones(2, dtype=torch.float16)).x.dtype == torch.float32
    assert Properties(x=torch.tensor([1, 2]), y=0.5).x.dtype == torch.int64


def test_unknown_types_warn_and_sizes_that_do_not_fit_raise():
    with pytest.warns(UserWarning, match="Arg y with type <class 'object'> is not broadcastable"):
        Properties(y=object())
    with pytest.raises(ValueError, match=r"Got non-broadcastable sizes \[2, 3\]"):
        Properties(x=(1.0, 2.0), y=(1.0, 2.0, 3.0))


def test_gradients_arrive_at_the_given_tensor():
    x = torch.tensor([2.0], requires_grad=True)
    (Properties(x=x, y=(1.0, 2.0, 3.0)).x * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.item() == 6


def test_elements_are_read_and_written():
    properties = Properties(x=10.0, y=torch.arange(6.0).view(3, 2))
    assert isinstance(properties[1], TensorAccessor)
    torch.testing.assert_close(properties[1].y, torch.tensor([2.0, 3.0]))
    torch.testing.assert_close(properties[1:].x, torch.tensor([10.0, 10.0]))
    properties[1].x = 5.0  # a broadcast value: the other elements must not change
    torch.testing.assert_close(properties.x, torch.tensor([10.0, 5.0, 10.0]))
    properties[0:2].y = torch.zeros(2, 2)
    torch.testing.assert_close(properties.y, torch.tensor([[0.0, 0.0], [0.0, 0.0], [4.0, 5.0]]))


def test_errors_of_elements():
    properties = Properties(x=(1.0, 2.0), y=torch.ones(2, 3), name="a")
    with pytest.raises(ValueError, match="Expected index of type int or slice; got <class 'str'>"):
        properties["x"]
    with pytest.raises(AttributeError, match="Can only set values on attributes which are tensors; name is of type str"):
        properties[0].name = "b"
    with pytest.raises(ValueError, match=r"Expected value to have shape \(2, 3\); got \(1, 2\)"):
        properties[0:1].y = torch.ones(1, 2)
    with pytest.raises(AttributeError, match="Attribute z not found on Properties"):
        properties[0].z


def test_clone_shares_nothing():
    properties = Properties(x=(1.0, 2.0), y=((1.0, 2.0),), name="a")
    properties.extra = [torch.ones(1)]
    clone = properties.clone()
    assert len(clone) == 2 and clone.name == "a"
    for name in ("x", "y"):
        torch.testing.assert_close(getattr(clone, name), getattr(properties, name))
        assert getattr(clone, name).untyped_storage().data_ptr() != getattr(properties, name).untyped_storage().data_ptr()
    assert clone.extra[0] is not properties.extra[0]
    clone.x[0] = 7
    assert properties.x[0] == 1


def test_clone_copies_parameters_buffers_and_modules():
    properties = Properties(x=(1.0, 2.0))
    properties.weight = torch.nn.Parameter(torch.ones(2))
    properties.register_buffer("offset", torch.ones(2))
    properties.layer = torch.nn.Linear(1, 1)
    clone = properties.clone()
    torch.testing.assert_close(clone.weight, properties.weight)
    torch.testing.assert_close(clone.offset, properties.offset)
    assert clone.layer is not properties.layer
    torch.testing.assert_close(clone.layer.weight, properties.layer.weight)


def test_to_moves_all_tensors_in_place():
    properties = Properties(x=(1.0, 2.0), y=3.0)
    assert properties.to("meta") is properties
    assert properties.x.device.type == properties.y.device.type == properties.device.type == "meta"
    owner = torch.nn.ModuleDict({"properties": Properties(x=1.0)})
    owner.to("meta")
    assert owner["properties"].x.device.type == "meta" and owner["properties"].device.type == "meta"
    assert Properties(x=1.0).double().x.dtype == torch.float64
    assert Properties(x=1.0).cpu().x.device.type == "cpu"


def test_gather_props():
    properties = Properties(x=(1.0, 2.0), y=torch.arange(12.0).view(2, 3, 2))
    index = torch.tensor([1, 1, 0])
    y = properties.y
    assert properties.gather_props(index) is properties
    torch.testing.assert_close(properties.x, torch.tensor([2.0, 2.0, 1.0]))
    torch.testing.assert_close(properties.y, y[index])
    single = Properties(x=5.0, y=((1.0, 2.0),)).gather_props(torch.tensor([0, 0]))
    assert single.x.shape == (1,) and single.y.shape == (1, 2)  # a value for all remains


def test_gather_props_by_elements_and_of_parameters():
    properties = Properties(x=torch.arange(6.0).view(2, 3))
    properties.gather_props(torch.tensor([[1, 0, 1]]))
    torch.testing.assert_close(properties.x, torch.tensor([[3.0, 1.0, 5.0]]))
    properties = Properties(x=(1.0, 2.0))
    properties.weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    properties.gather_props(torch.tensor([1]))
    torch.testing.assert_close(properties.weight, torch.tensor([4.0]))
    with pytest.raises(ValueError, match=r"batch_idx cannot have more dimensions than x: got shape \(1, 1\), and x has shape \(2,\)"):
        Properties(x=(1.0, 2.0)).gather_props(torch.zeros(1, 1, dtype=torch.int64))


def test_deepcopy_and_pickle(tmp_path):
    properties = Properties(x=(1.0, 2.0), name="a")
    torch.testing.assert_close(copy.deepcopy(properties).x, properties.x)
    torch.save(properties, tmp_path / "properties.pt")
    loaded = torch.load(tmp_path / "properties.pt", weights_only=False)
    torch.testing.assert_close(loaded.x, properties.x)
    assert len(loaded) == 2


def test_format_and_broadcast():
    assert format_tensor(1.5).shape == (1,)
    assert format_tensor([1, 2]).dtype == torch.float32
    assert format_tensor(torch.tensor(3, dtype=torch.int32)).dtype == torch.int32
    assert format_tensor(torch.ones(2), device="meta").device.type == "meta"
    a, b, c = convert_to_tensors_and_broadcast(1, torch.ones(4, 2), ((1.0, 2.0, 3.0),), dtype=torch.float64)
    assert (a.shape, b.shape, c.shape) == ((4,), (4, 2), (4, 3)) and c.dtype == torch.float64


@pytest.mark.parametrize("size", [(4, 6), (6, 4), (5, 5)])
def test_ndc_grid_sample_finds_pixels(size):
    height, width = size
    picture = torch.arange(height * width, dtype=torch.float64).view(1, 1, height, width)
    pixel = 2 / min(size)
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    x, y = ((width - 1) / 2 - columns) * pixel, ((height - 1) / 2 - rows) * pixel  # +X left, +Y up
    points = torch.stack((x, y), -1)[None].double()
    torch.testing.assert_close(ndc_grid_sample(picture, points), picture)
    kept = points.clone()
    ndc_to_grid_sample_coords(points, size)
    torch.testing.assert_close(points, kept)


def test_errors_of_ndc_grid_sample():
    picture = torch.zeros(1, 1, 2, 2)
    with pytest.raises(ValueError, match="the same batch size"):
        ndc_grid_sample(picture, torch.zeros(2, 1, 2))
    with pytest.raises(ValueError, match="has to be a 4-dimensional Tensor"):
        ndc_grid_sample(torch.zeros(1, 2, 2), torch.zeros(1, 1, 2))
    with pytest.raises(ValueError, match="last dimension of 'grid_ndc' has to be == 2"):
        ndc_grid_sample(picture, torch.zeros(1, 1, 3))
    with pytest.raises(ValueError, match="2-tuple of positive integers"):
        ndc_to_grid_sample_coords(torch.zeros(1, 2), (0, 2))


def test_parse_image_size():
    assert parse_image_size(7) == (7, 7)
    assert parse_image_size([3, 4]) == (3, 4)
    for size, message in (((1, 2, 3), "can only be a tuple/list"), ((0, 2), "must be greater than 0"), ([2.5, 2], "must be integers")):
        with pytest.raises(ValueError, match=message):
            parse_image_size(size)


def test_per_picture():
    rows = torch.tensor([1.0, 2.0])
    torch.testing.assert_close(per_picture("x", rows, 2), rows)
    torch.testing.assert_close(per_picture("x", rows[:1], 3), torch.ones(3))
    torch.testing.assert_close(per_picture("x", rows, 4), torch.tensor([1.0, 1.0, 2.0, 2.0]))
    with pytest.raises(ValueError, match="Expected x of 1, of each mesh or of each of the 5 pictures, but got a batch of 2"):
        per_picture("x", rows, 5)
    assert math.prod(per_picture("x", torch.ones(1, 3), 0).shape) == 0
