import pytest
import torch

from bisque3d.testing import OpTests, random_of, same


def centres(height, width, dtype):
    """x and y in NDC of the pixels' centres, +X left, +Y up; the shorter side spans [-1, 1]."""
    side = min(height, width)
    x, y = ((size - 1 - 2 * torch.arange(size)).to(dtype) / side for size in (width, height))
    return x, y


def brute_force(points, cloud_to_packed_first_idx, num_points_per_cloud, radii, height, width, radius=0.01, points_per_pixel=8):
    """Each point at each pixel, in plain torch."""
    results = [points.new_full((len(num_points_per_cloud), height, width, points_per_pixel), -1) for _ in range(3)]
    if height * width == 0:
        return results[0].long(), *results[1:]
    x, y = centres(height, width, points.dtype)
    for n, (first, count) in enumerate(zip(cloud_to_packed_first_idx.tolist(), num_points_per_cloud.tolist())):
        cloud = points[first : first + count]
        r = torch.full_like(cloud[:, 0], radius) if radii is None else radii[first : first + count]
        dists = (x[None, :, None] - cloud[:, 0]) ** 2 + (y[:, None, None] - cloud[:, 1]) ** 2
        taken = (dists < r * r) & (cloud[:, 2] >= 0) & cloud.isfinite().all(1) & (r > 0)
        z = torch.where(taken, cloud[:, 2], torch.inf)
        order = z.sort(dim=2, stable=True).indices[..., :points_per_pixel]
        found = taken.gather(2, order)
        for result, value in zip(results, (order + first, z.gather(2, order), dists.gather(2, order))):
            result[n, ..., : order.shape[2]] = torch.where(found, value.to(result), -1)
    return results[0].long(), *results[1:]


def clouds(sizes, random, dtype, ahead=2.0):
    """Clouds in and around the picture, some points of which lie behind the camera."""
    points = random(sum(sizes), 3, dtype=dtype) * 0.7
    points[:, 2] += ahead
    counts = torch.tensor(sizes, dtype=torch.int64)
    return dict(points=points, cloud_to_packed_first_idx=counts.cumsum(0) - counts, num_points_per_cloud=counts)


class TestRasterizePoints(OpTests):
    op = "bisque::rasterize_points"
    gradients = ["points"]
    gradcheck_cases = ["few", "radii"]

    def inputs_few(self, dtype, random):
        return clouds([7, 0, 5], random, dtype) | dict(radii=None, height=5, width=4, radius=0.4, points_per_pixel=3)

    def inputs_radii(self, dtype, random):
        inputs = clouds([6, 9], random, dtype)
        radii = torch.rand(15, generator=random.generator, dtype=dtype) * 0.8
        radii[::4] = torch.tensor([0, -0.5, torch.nan, torch.inf], dtype=dtype)
        return inputs | dict(radii=radii, height=4, width=9, radius=0.0, points_per_pixel=2)

    def inputs_many(self, dtype, random):
        """More than a tile both ways, lists that are full, and equal depths."""
        inputs = clouds([700, 900], random, dtype)
        inputs["points"][:, 2] = (inputs["points"][:, 2] * 8).round() / 8
        return inputs | dict(radii=None, height=70, width=41, radius=0.12, points_per_pixel=5)

    def inputs_large(self, dtype, random):
        """Points larger than many tiles among small ones, and a list that does not fit registers."""
        inputs = clouds([60, 40], random, dtype)
        radii = torch.where(torch.arange(100) % 3 == 0, 1.5, 0.05).to(dtype)
        return inputs | dict(radii=radii, height=150, width=130, radius=0.0, points_per_pixel=11)

    def inputs_nearest(self, dtype, random):
        return clouds([50], random, dtype) | dict(radii=None, height=20, width=36, radius=0.3, points_per_pixel=1)

    def inputs_overlap(self, dtype, random):
        """Clouds that share points, as views of one cloud do not."""
        inputs = clouds([30], random, dtype)
        return dict(points=inputs["points"], cloud_to_packed_first_idx=torch.tensor([0, 10, 0]), num_points_per_cloud=torch.tensor([20, 20, 30])) | dict(
            radii=None, height=6, width=6, radius=0.5, points_per_pixel=4
        )

    def inputs_no_points(self, dtype, random):
        return clouds([0, 0], random, dtype) | dict(radii=None, height=3, width=2, radius=0.4, points_per_pixel=3)

    def inputs_no_pixels(self, dtype, random):
        return clouds([4], random, dtype) | dict(radii=None, height=0, width=2, radius=0.4, points_per_pixel=3)

    def inputs_no_clouds(self, dtype, random):
        return clouds([], random, dtype) | dict(radii=None, height=3, width=2, radius=0.4, points_per_pixel=3)

    def reference(self, **inputs):
        return brute_force(**inputs)

    errors = [
        (dict(points_per_pixel=0), "rasterize_points: expected points_per_pixel to be at least 1, but got 0"),
        (dict(radius=-1.0), "rasterize_points: expected radius to be at least 0, but got -1"),
        (dict(radius=float("inf")), "rasterize_points: expected radius to be finite"),
        (dict(height=65537), "rasterize_points: expected height to be at most 65536, but got 65537"),
        (dict(radii=torch.zeros(3)), r"rasterize_points: expected radii to have shape \[P\] = \[12\], but got \[3\]"),
        (dict(num_points_per_cloud=torch.tensor([7, 0, 13])), r"rasterize_points: expected num_points_per_cloud to lie in \[0, 13\), but got 13 at 2"),
        (dict(cloud_to_packed_first_idx=torch.tensor([0, -1, 7])), r"rasterize_points: expected cloud_to_packed_first_idx to lie in \[0, 13\), but got -1 at 1"),
        (dict(cloud_to_packed_first_idx=torch.tensor([0, 7, 8])), r"rasterize_points: expected cloud_to_packed_first_idx to lie in \[0, 8\), but got 8 at 2"),
    ]


def rasterize(points, height=8, width=8, radius=0.2, points_per_pixel=2, radii=None):
    """One cloud."""
    points = torch.as_tensor(points)
    return torch.ops.bisque.rasterize_points(
        points, torch.tensor([0]), torch.tensor([len(points)]), radii, height, width, radius=radius, points_per_pixel=points_per_pixel
    )


def test_x_is_left_and_y_is_up():
    idx, zbuf, dists = rasterize([[0.875, 0.875, 3.0], [-0.875, 0.625, 2.0]], radius=0.1, points_per_pixel=1)
    assert idx[0, 0, 0] == 0 and idx[0, 1, 7] == 1 and (idx >= 0).sum() == 2
    assert zbuf[0, 1, 7] == 2 and dists[0, 1, 7] == 0


def test_the_shorter_side_spans_minus_one_to_one():
    idx, *_ = rasterize([[1.875, 0.0, 1.0], [-1.875, 0.0, 1.0]], height=8, width=16, radius=0.2, points_per_pixel=1)
    assert (idx[0, 3, 0], idx[0, 3, 15]) == (0, 1)
    idx, *_ = rasterize([[0.0, 1.875, 1.0]], height=16, width=8, radius=0.2, points_per_pixel=1)
    assert idx[0, 0, 3] == 0


def test_of_equal_depths_the_lower_index_comes_first():
    idx, *_ = rasterize([[0.0, 0.0, 1.0]] * 5, radius=2.0, points_per_pixel=3)
    assert (idx == torch.tensor([0, 1, 2])).all()


def test_a_distance_equal_to_the_radius_is_outside():
    point = [[0.125, 0.125 + 0.25, 1.0]]  # a pixel above the centre of pixel (3, 3)
    assert (rasterize(point, radius=0.25)[0] >= 0).sum() == 1
    assert (rasterize(point, radius=0.2500001)[0] >= 0).sum() == 5


@pytest.mark.parametrize("z", [-1e-30, -1.0, torch.nan, torch.inf, -torch.inf])
def test_nothing_behind_the_camera_or_without_a_depth_is_drawn(z):
    assert (rasterize([[0.0, 0.0, z], [0.0, 0.0, 0.0]], radius=2.0, points_per_pixel=1)[0] == 1).all()


@pytest.mark.parametrize("x", [torch.nan, torch.inf, -torch.inf, 3e38, -3e38])
@pytest.mark.parametrize("radius", [0.5, 3e38])
def test_a_place_that_no_picture_has(x, radius):
    idx, zbuf, dists = rasterize([[x, 0.0, 1.0], [0.0, x, 1.0], [x, x, x]], radius=radius)
    assert (idx == -1).all() and (zbuf == -1).all() and (dists == -1).all()


def test_a_point_between_the_centres_takes_no_pixel():
    assert (rasterize([[0.0, 0.0, 1.0]], radius=0.1)[0] == -1).all()


def test_a_cloud_alone_is_drawn_as_in_a_batch():
    inputs = TestRasterizePoints().inputs_many(torch.float32, random_of(3))
    whole = torch.ops.bisque.rasterize_points(**inputs)
    for n in range(2):
        first, count = inputs["cloud_to_packed_first_idx"][n].item(), inputs["num_points_per_cloud"][n].item()
        alone = rasterize(inputs["points"][first : first + count], 70, 41, 0.12, 5)
        alone[0][alone[0] >= 0] += first
        assert all(same(a[0], b[n]) for a, b in zip(alone, whole))


def test_views_of_one_cloud_have_a_cloud_each():
    """Positions exist per picture."""
    cloud = torch.rand(20, 3, generator=torch.Generator().manual_seed(0)) + torch.tensor([-0.5, -0.5, 1])
    views = torch.stack([cloud, cloud.flip(1)])
    idx, *_ = torch.ops.bisque.rasterize_points(views.flatten(0, 1), torch.tensor([0, 20]), torch.tensor([20, 20]), None, 9, 9, radius=0.3)
    for n, view in enumerate(views):
        assert same(torch.where(idx[n] >= 0, idx[n] - 20 * n, -1), rasterize(view, 9, 9, 0.3, 8)[0][0])


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
class TestBackward:
    def arguments(self, dtype=torch.float32, device="cpu"):
        inputs = TestRasterizePoints().inputs_few(dtype, random_of(0))
        idx, zbuf, dists = torch.ops.bisque.rasterize_points(**inputs)
        random = random_of(1)
        grads = random(*zbuf.shape, dtype=dtype), random(*zbuf.shape, dtype=dtype)
        return [*grads, inputs["points"], idx], device

    def call(self, arguments, device):
        return torch.ops.bisque._rasterize_points_backward(*(x.to(device) for x in arguments)).cpu()

    @pytest.mark.parametrize("factor", [1e-25, 1e-30, 1e25, 3e-39])
    def test_any_magnitude(self, device, factor):
        arguments, _ = self.arguments()
        expected = self.call([x.double() if x.is_floating_point() else x for x in arguments], "cpu") * factor
        scaled = self.call([arguments[0] * factor, arguments[1] * factor, *arguments[2:]], device)
        torch.testing.assert_close(scaled, expected.float(), rtol=1e-4 if factor > 1e-38 else 1e-2, atol=1e-5 * factor)

    def test_a_gradient_that_is_not_finite_stays_with_its_point(self, device):
        arguments, _ = self.arguments()
        expected = self.call(arguments, "cpu")
        entry = (arguments[3] >= 0).flatten().nonzero()[0]
        arguments[0].view(-1)[entry] = torch.nan
        result = self.call(arguments, device)
        point = arguments[3].flatten()[entry].item()
        assert result[point, 2].isnan()
        result[point, 2] = expected[point, 2]
        torch.testing.assert_close(result, expected)

    def test_entries_without_a_point_have_no_gradient(self, device):
        arguments, _ = self.arguments()
        expected = self.call(arguments, device)
        for grad in arguments[:2]:
            grad[arguments[3] < 0] = torch.nan
        assert same(self.call(arguments, device), expected)

    @pytest.mark.parametrize("index", [12, -2, 2**62, -(2**63)])
    def test_a_bad_index(self, device, index):
        arguments, _ = self.arguments()
        arguments[3][1, 0, 0, 0] = index  # of an empty cloud
        if device == "cpu":
            with pytest.raises(RuntimeError, match=rf"expected idx to lie in \[-1, 12\), but got {index} at \[1, 0, 0, 0\]"):
                self.call(arguments, device)
        else:
            arguments[3][1] = -1
            expected = self.call(arguments, device)
            arguments[3][1, 0, 0, 0] = index
            assert same(self.call(arguments, device), expected)


@pytest.mark.cuda
def test_cuda_gradients_do_not_depend_on_the_order_of_the_entries():
    """The sum of numbers of very different sizes, of which floats would lose some."""
    count = 600
    grad = torch.randn(1, 1, count, 1, generator=torch.Generator().manual_seed(0)) * torch.logspace(-12, 12, count).view(1, 1, -1, 1)
    points, idx = torch.zeros(1, 3, device="cuda"), torch.zeros(1, 1, count, 1, dtype=torch.int64, device="cuda")
    results = []
    for order in (torch.arange(count), torch.arange(count).flip(0), torch.randperm(count, generator=torch.Generator().manual_seed(1))):
        grads = grad[:, :, order].cuda(), torch.zeros(1, 1, count, 1, device="cuda")
        results.append(torch.ops.bisque._rasterize_points_backward(*grads, points, idx).cpu())
    assert same(results[0], results[1]) and same(results[0], results[2])
    torch.testing.assert_close(results[0][0, 2].double(), grad.double().sum(), rtol=1e-6, atol=0)


@pytest.mark.cuda
def test_cuda_finds_what_the_cpu_finds():
    """Bit for bit: the same operations in the same order."""
    for dtype in (torch.float32, torch.float64):
        for case in ("many", "large", "nearest", "radii"):
            inputs = getattr(TestRasterizePoints(), "inputs_" + case)(dtype, random_of(7))
            expected = torch.ops.bisque.rasterize_points(**inputs)
            actual = torch.ops.bisque.rasterize_points(**{name: x.cuda() if isinstance(x, torch.Tensor) else x for name, x in inputs.items()})
            assert all(same(a.cpu(), b) for a, b in zip(actual, expected))


@pytest.mark.cuda
@pytest.mark.parametrize("name, value", [("num_points_per_cloud", 13), ("num_points_per_cloud", -1), ("cloud_to_packed_first_idx", 2**62)])
def test_cuda_raises_a_bad_range(name, value):
    inputs = TestRasterizePoints().inputs_few(torch.float32, random_of(0))
    inputs[name][1] = value
    with pytest.raises(RuntimeError, match=rf"rasterize_points: expected {name} to lie in \[0, 13\), but got {value} at 1"):
        torch.ops.bisque.rasterize_points(**{key: x.cuda() if isinstance(x, torch.Tensor) else x for key, x in inputs.items()})
