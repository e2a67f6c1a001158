"""rasterize_meshes beside the rasterizer in plain torch, and the functions of the latter."""

import pytest
import torch

from bisque3d.renderer import ClipFrustum, clip_faces, convert_clipped_rasterization_to_original_faces, rasterize_meshes
from bisque3d.renderer.mesh.rasterize_meshes import (
    _RasterizeFaceVerts,
    barycentric_coordinates,
    barycentric_coordinates_clip,
    edge_function,
    non_square_ndc_range,
    pix_to_non_square_ndc,
    point_line_distance,
    point_triangle_distance,
    rasterize_meshes_python,
)
from bisque3d.structures import Meshes

DTYPE = torch.float64
BOTH = pytest.mark.parametrize("rasterize", [rasterize_meshes, rasterize_meshes_python])


def random_meshes(z=(1.0, 2.0), num_faces=(6, 0, 9)):
    generator = torch.Generator().manual_seed(0)
    low, high = torch.tensor([-1.0, -1.0, z[0]]), torch.tensor([1.0, 1.0, z[1]])
    verts = [torch.lerp(low.double(), high.double(), torch.rand(7, 3, dtype=DTYPE, generator=generator)) for _ in num_faces]
    faces = [torch.stack([torch.randperm(7, generator=generator)[:3] for _ in range(n)]) if n else torch.zeros(0, 3).long() for n in num_faces]
    return Meshes(verts, faces)


OPTIONS = [
    dict(),
    dict(perspective_correct=True),
    dict(blur_radius=0.01),
    dict(blur_radius=0.003, clip_barycentric_coords=True, perspective_correct=True),
    dict(cull_backfaces=True),
    dict(perspective_correct=True, z_clip_value=1.4),
    dict(z_clip_value=1.4, blur_radius=1e-3),
]


def compared(options):
    """The plain rasterizer has dists to the diagonal of a quad that it cuts from a face, too."""
    return ("zbuf", "bary") if "z_clip_value" in options else ("zbuf", "bary", "dists")


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("image_size", [(20, 20), (16, 25), (25, 16)])
def test_against_plain_torch(options, image_size):
    options = dict(image_size=image_size, faces_per_pixel=4, **options)
    meshes = random_meshes()
    result = rasterize_meshes(meshes, **options)
    expected = rasterize_meshes_python(meshes, cull_to_frustum=False, **options)
    same = (result[0] == expected[0]).all(-1)
    # Pixel centres near an edge, and faces of equal depth, may differ: the op has verts on a grid.
    assert same.float().mean() > 0.95
    assert (expected[0] >= 0).any(-1).sum() > 30
    for name, a, b in zip(compared(options), result[1:], expected[1:]):
        torch.testing.assert_close(a[same], b[same], rtol=1e-5, atol=1e-6, msg=name)


@pytest.mark.parametrize("options", OPTIONS)
def test_gradients_against_plain_torch(options):
    options = dict(image_size=(8, 11), faces_per_pixel=3, **options)
    both = ((rasterize_meshes, {}), (rasterize_meshes_python, dict(cull_to_frustum=False)))
    faces = [rasterize(random_meshes(), **options, **extra)[0] for rasterize, extra in both]
    same = (faces[0] == faces[1]).all(-1)
    gradients = []
    for rasterize, extra in both:
        meshes = random_meshes()
        leaves = [verts.requires_grad_() for verts in meshes.verts_list()]
        results = rasterize(Meshes(leaves, meshes.faces_list()), **options, **extra)[1:]
        parts = [part[same] for _, part in zip(compared(options), results)]
        total = sum((part * torch.linspace(1, 2, part.numel(), dtype=DTYPE).view_as(part)).sum() for part in parts)
        gradients.append(torch.autograd.grad(total, leaves, allow_unused=True))
    for gradient, expected in zip(*gradients):
        if expected is not None:
            torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-6)


@BOTH
def test_one_face(rasterize):
    """By hand: a right triangle in the upper left of a picture of 4 x 4; +X is left and +Y up."""
    meshes = Meshes([torch.tensor([[1.0, 1, 2], [1, -0.1, 2], [-0.1, 1, 4]])], [torch.tensor([[0, 1, 2]])])
    pix_to_face, zbuf, bary, dists = rasterize(meshes, image_size=4, faces_per_pixel=2)
    expected = torch.full((4, 4), -1)
    expected[0, :2] = expected[1, 0] = 0
    assert torch.equal(pix_to_face[0, :, :, 0], expected)
    assert (pix_to_face[..., 1] == -1).all()
    b2 = (1 - 0.25) / 1.1  # along x, at the second pixel, whose y is 0.75
    torch.testing.assert_close(bary[0, 0, 1, 0], torch.tensor([1 - b2 - 0.25 / 1.1, 0.25 / 1.1, b2]), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(zbuf[0, 0, 1, 0].item(), 2 + 2 * b2, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(dists[0, 0, 0, 0].item(), -(0.25**2), rtol=1e-5, atol=1e-5)
    assert (torch.cat((zbuf[0, 3], dists[0, 3])) == -1).all() and (bary[0, 3] == -1).all()


@BOTH
def test_behind_the_camera(rasterize):
    meshes = Meshes([torch.tensor([[-1.0, -1, -1], [1, -1, -1], [0, 1, -1]])], [torch.tensor([[0, 1, 2]])])
    for part in rasterize(meshes, image_size=5, faces_per_pixel=1):
        assert (part == -1).all()


@BOTH
def test_no_meshes_and_no_faces(rasterize):
    for meshes, n in ((Meshes([], []), 0), (Meshes([torch.zeros(0, 3)], [torch.zeros(0, 3, dtype=torch.int64)]), 1)):
        shapes = [tuple(part.shape) for part in rasterize(meshes, image_size=(3, 4), faces_per_pixel=2)]
        assert shapes == [(n, 3, 4, 2), (n, 3, 4, 2), (n, 3, 4, 2, 3), (n, 3, 4, 2)]


@BOTH
def test_fewer_faces_than_asked_for(rasterize):
    meshes = Meshes([torch.tensor([[-1.0, -1, 1], [1, -1, 1], [0, 1, 1]])], [torch.tensor([[0, 1, 2]])])
    pix_to_face = rasterize(meshes, image_size=4, faces_per_pixel=3)[0]
    assert (pix_to_face[..., 0] >= 0).any() and (pix_to_face[..., 1:] == -1).all()


def test_defaults():
    meshes = random_meshes()
    pix_to_face = rasterize_meshes(meshes)[0]
    assert pix_to_face.shape == (3, 256, 256, 8)
    size = dict(image_size=64, faces_per_pixel=3)
    for bin_size, max_faces_per_bin in ((0, None), (32, 10), (None, 5)):
        other = rasterize_meshes(meshes, **size, bin_size=bin_size, max_faces_per_bin=max_faces_per_bin, cull_to_frustum=True)
        for a, b in zip(other, rasterize_meshes(meshes, **size)):
            assert torch.equal(a, b)


def test_errors():
    meshes = random_meshes()
    with pytest.raises(ValueError, match="bin_size too small, expected fewer than 22 bins along a side; got 64"):
        rasterize_meshes(meshes, image_size=1024, bin_size=16)
    with pytest.raises(ValueError, match="Image size can only be a tuple/list"):
        rasterize_meshes(meshes, image_size=(1, 2, 3))
    with pytest.raises(RuntimeError, match="faces_per_pixel"):
        rasterize_meshes(meshes, faces_per_pixel=0)


def test_culling_leaves_out_faces_beyond_a_side():
    verts = torch.tensor([[1.05, -1, 1], [2, 0, 1], [1.05, 1, 1]])
    meshes = Meshes([verts], [torch.tensor([[0, 1, 2]])])
    options = dict(image_size=4, faces_per_pixel=1, blur_radius=0.5)
    assert (rasterize_meshes_python(meshes, cull_to_frustum=True, **options)[0] == -1).all()
    assert (rasterize_meshes_python(meshes, cull_to_frustum=False, **options)[0] == 0).any()


def test_given_neighbors():
    """Two faces that overlap, of which the nearer to the pixel remains."""
    verts = torch.tensor([[-1.0, -1, 1], [1, -1, 1], [0, 1, 1], [-1.5, -1.5, 2], [1.5, -1.5, 2], [0, 1.5, 2]])
    meshes = Meshes([verts], [torch.tensor([[0, 1, 2], [3, 4, 5]])])
    both = rasterize_meshes_python(meshes, image_size=5, faces_per_pixel=2)[0]
    assert (both >= 0).all(-1).any()
    one = rasterize_meshes_python(meshes, image_size=5, faces_per_pixel=2, clipped_faces_neighbor_idx=torch.tensor([1, 0]))[0]
    assert not (one >= 0).all(-1).any()
    assert torch.equal((one >= 0).any(-1), (both >= 0).any(-1))


def test_geometry():
    v0, v1, v2 = torch.tensor([0.0, 0]), torch.tensor([4.0, 0]), torch.tensor([0.0, 3])
    p = torch.tensor([1.0, 1])
    assert edge_function(v2, v0, v1) == -12
    bary = barycentric_coordinates(p, v0, v1, v2)
    torch.testing.assert_close(sum(w * v for w, v in zip(bary, (v0, v1, v2))), p)
    torch.testing.assert_close(sum(bary), torch.tensor(1.0))
    assert all(w.isfinite() for w in barycentric_coordinates(p, v0, v0, v0))
    assert point_line_distance(torch.tensor([2.0, 2]), v0, v1) == 4
    assert point_line_distance(torch.tensor([-3.0, 4]), v0, v1) == 25
    assert point_line_distance(torch.tensor([3.0, 4]), v0, v0) == 25
    torch.testing.assert_close(point_triangle_distance(p, v0, v1, v2), torch.tensor(1.0))
    clipped = barycentric_coordinates_clip((torch.tensor(-1.0), torch.tensor(1.5), torch.tensor(0.5)))
    assert [w.item() for w in clipped] == [0, 0.75, 0.25]
    for call in (lambda: point_line_distance(torch.zeros(3), v0, v1), lambda: point_triangle_distance(torch.zeros(3), v0, v1, v2)):
        with pytest.raises(ValueError, match="All points must have the same number of coordinates"):
            call()


def test_pixels_in_ndc():
    assert (non_square_ndc_range(4, 8), non_square_ndc_range(8, 4), non_square_ndc_range(5, 5)) == (2.0, 4.0, 2.0)
    assert [pix_to_non_square_ndc(i, 4, 4) for i in range(4)] == [-0.75, -0.25, 0.25, 0.75]
    assert [pix_to_non_square_ndc(i, 4, 2) for i in range(4)] == [-1.5, -0.5, 0.5, 1.5]


@pytest.mark.parametrize("blur_radius", [0.0, 0.003])
def test_clipped_faces(blur_radius):
    """Faces that are cut before, with the nearer of two halves, are those that the op cuts."""
    meshes = random_meshes()
    options = dict(blur_radius=blur_radius, faces_per_pixel=4, perspective_correct=True)
    clipped = clip_faces(
        meshes.verts_packed()[meshes.faces_packed()],
        meshes.mesh_to_faces_packed_first_idx(),
        meshes.num_faces_per_mesh(),
        ClipFrustum(perspective_correct=True, z_clip_value=1.4),
    )
    assert (clipped.clipped_faces_neighbor_idx >= 0).any()
    parts = clipped.face_verts, clipped.mesh_to_face_first_idx, clipped.num_faces_per_mesh, clipped.clipped_faces_neighbor_idx
    pix_to_face, zbuf, bary, dists = _RasterizeFaceVerts.apply(*parts, image_size=(20, 25), **options)
    pix_to_face, bary = convert_clipped_rasterization_to_original_faces(pix_to_face, bary, clipped)
    expected = rasterize_meshes(meshes, image_size=(20, 25), z_clip_value=1.4, **options)
    same = (pix_to_face == expected[0]).all(-1)
    assert pix_to_face.shape == (3, 20, 25, 4) and same.float().mean() > 0.98
    torch.testing.assert_close((zbuf[same], bary[same]), (expected[1][same], expected[2][same]), rtol=1e-5, atol=1e-6)
    assert ((dists < 0) == (expected[3] < 0))[same & (pix_to_face >= 0).all(-1)].all()


def test_numbers_of_numpy():
    import numpy as np

    meshes = random_meshes()
    options = dict(image_size=np.int64(12), blur_radius=np.float64(1e-3), faces_per_pixel=np.int64(2), cull_backfaces=np.bool_(True))
    for result, expected in zip(rasterize_meshes(meshes, **options), rasterize_meshes(meshes, 12, 1e-3, 2, cull_backfaces=True)):
        assert torch.equal(result, expected)
