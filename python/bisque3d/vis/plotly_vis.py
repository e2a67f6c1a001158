"""Figures of meshes, clouds, cameras and rays with plotly: plot_scene says what is drawn where, plot_batch_individually draws batches."""

import warnings
from typing import NamedTuple

import torch

try:
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots
except ModuleNotFoundError as error:
    if not (error.name or "").startswith("plotly"):
        raise
    raise ImportError("bisque3d.vis.plotly_vis needs plotly: pip install plotly.", name="plotly") from None

from ..renderer import HeterogeneousRayBundle, RayBundle, TexturesAtlas, TexturesVertex, ray_bundle_to_ray_points
from ..renderer.camera_utils import camera_to_eye_at_up
from ..renderer.cameras import CamerasBase
from ..structures import Meshes, Pointclouds, join_meshes_as_scene

Struct = CamerasBase | Meshes | Pointclouds | RayBundle | HeterogeneousRayBundle

_RAY_TENSORS = ("origins", "directions", "lengths", "xys")


class AxisArgs(NamedTuple):
    """How plotly draws the three axes.

    >>> AxisArgs(showgrid=True).showgrid
    True
    """

    showgrid: bool = False
    zeroline: bool = False
    showline: bool = False
    ticks: str = ""
    showticklabels: bool = False
    backgroundcolor: str = "#fff"
    showaxeslabels: bool = False


class Lighting(NamedTuple):
    """How plotly lights meshes.

    >>> Lighting().ambient
    0.8
    """

    ambient: float = 0.8
    diffuse: float = 1.0
    fresnel: float = 0.0
    specular: float = 0.0
    roughness: float = 0.5
    facenormalsepsilon: float = 1e-6
    vertexnormalsepsilon: float = 1e-12


def get_camera_wireframe(scale: float = 0.3) -> torch.Tensor:
    """The corners of one line that draws a camera in view space, [15, 3]: a pyramid with a mark on its upper side.

    >>> get_camera_wireframe().shape
    torch.Size([15, 3])
    """
    left, right = torch.tensor([-2.0, 1.5, 4.0]), torch.tensor([2.0, 1.5, 4.0])
    lower_left, lower_right = torch.tensor([-2.0, -1.5, 4.0]), torch.tensor([2.0, -1.5, 4.0])
    middle, mark = torch.tensor([0.0, 1.5, 4.0]), torch.tensor([0.0, 2.0, 4.0])
    center, ahead = torch.zeros(3), torch.tensor([0.0, 0.0, 6.0])
    corners = [left, middle, mark, middle, right, lower_right, lower_left, left, center, right, lower_right, center, lower_left, center, ahead]
    return torch.stack(corners) * (scale / 2)


@torch.no_grad()
def plot_scene(
    plots: dict[str, dict[str, Struct]],
    *,
    viewpoint_cameras: CamerasBase | None = None,
    ncols: int = 1,
    camera_scale: float = 0.3,
    pointcloud_max_points: int = 20000,
    pointcloud_marker_size: int = 1,
    raybundle_max_rays: int = 20000,
    raybundle_max_points_per_ray: int = 1000,
    raybundle_ray_point_marker_size: int = 1,
    raybundle_ray_line_width: int = 1,
    **kwargs,
) -> "go.Figure":
    """A figure of subplots by title, each of Meshes, Pointclouds, cameras or rays by name: plot_scene({"title": {"name": mesh}}).

    A batch is one trace. Verts have the colors of TexturesVertex, faces those of a TexturesAtlas of size 1. `viewpoint_cameras`, one or as
    many as subplots, say from where they are seen; another number is a warning. Points and rays beyond the greatest number are left out at
    random. Other arguments: `lighting`, a Lighting; `axis_args`, an AxisArgs; `xaxis`, `yaxis` and `zaxis`, dicts for plotly. Raises
    ValueError for anything else to draw.
    """
    figure = _gen_fig_with_subplots(len(plots), ncols, list(plots))
    lighting = kwargs.get("lighting", Lighting())._asdict()
    axis_args = kwargs.get("axis_args", AxisArgs())._asdict()
    viewpoints = _viewpoints(viewpoint_cameras, len(plots))
    for i, traces in enumerate(plots.values()):
        place = dict(row=i // ncols + 1, col=i % ncols + 1)
        scene = figure["layout"][f"scene{i + 1}"]
        for name, struct in traces.items():
            if isinstance(struct, Meshes):
                drawn, bounds = _mesh_traces(struct, name, lighting)
            elif isinstance(struct, Pointclouds):
                drawn, bounds = _pointcloud_traces(struct, name, pointcloud_max_points, pointcloud_marker_size)
            elif isinstance(struct, CamerasBase):
                drawn, bounds = _camera_traces(struct, name, camera_scale)
            elif _is_ray_bundle(struct):
                limits = raybundle_max_rays, raybundle_max_points_per_ray
                drawn, bounds = _ray_bundle_traces(struct, name, *limits, raybundle_ray_point_marker_size, raybundle_ray_line_width)
            else:
                raise ValueError(f"struct {struct} is not a Cameras, Meshes, Pointclouds, RayBundle or HeterogeneousRayBundle object.")
            for trace in drawn:
                figure.add_trace(trace, **place)
            _update_axes_bounds(*bounds, scene)
        for axis in ("xaxis", "yaxis", "zaxis"):
            scene[axis].update(**axis_args | kwargs.get(axis, {}))
        scene.update(aspectmode="cube", camera=_plotly_camera(viewpoints[min(i, len(viewpoints) - 1)], scene) if viewpoints else {"up": _xyz([0.0, 1.0, 0.0])})
    return figure


def plot_batch_individually(
    batched_structs: list[Struct] | Struct,
    *,
    viewpoint_cameras: CamerasBase | None = None,
    ncols: int = 1,
    extend_struct: bool = True,
    subplot_titles: list[str] | None = None,
    **kwargs,
) -> "go.Figure | None":
    """A figure with a subplot for each element of a batch, or of several batches of one size.

    A batch of size 1 is in every subplot, or without `extend_struct` in the first. The other arguments are those of plot_scene. Nothing to
    draw is a warning. Raises ValueError for batches of other sizes and for another number of titles.
    """
    structs = batched_structs if isinstance(batched_structs, list) else [batched_structs]
    sizes = [_get_len(struct) for struct in structs]
    if not structs or (not isinstance(batched_structs, list) and sizes == [0]):
        warnings.warn("No structs to plot", stacklevel=2)
        return None
    largest = max(sizes)
    for struct, size in zip(structs, sizes):
        if size not in (1, largest):
            raise ValueError(f"invalid batch size {size} provided: {struct}")
    if largest == 0:
        raise ValueError("No data is provided with at least one element")
    if subplot_titles and len(subplot_titles) != largest:
        raise ValueError(f"invalid number of subplot titles: expected {largest}, but got {len(subplot_titles)}.")
    plots = {}
    for n in range(largest):
        title = subplot_titles[n] if subplot_titles else f"subplot {n + 1}"
        shown = [(i, struct) for i, (struct, size) in enumerate(zip(structs, sizes)) if extend_struct or n < size]
        plots[title] = {f"trace{n + 1}-{i + 1}": _element(struct, min(n, sizes[i] - 1)) for i, struct in shown}
    return plot_scene(plots, viewpoint_cameras=viewpoint_cameras, ncols=ncols, **kwargs)


def _is_ray_bundle(struct) -> bool:
    return hasattr(struct, "directions")


def _is_heterogeneous_ray_bundle(struct) -> bool:
    return getattr(struct, "camera_counts", None) is not None


def _get_len(struct: Struct) -> int:
    """The size of the batch; of rays, the number of cameras."""
    if not _is_ray_bundle(struct):
        return len(struct)
    return len(struct.camera_counts if _is_heterogeneous_ray_bundle(struct) else struct.directions)


def _element(struct: Struct, n: int) -> Struct:
    if isinstance(struct, CamerasBase):  # what is drawn of a camera is its view
        return CamerasBase(device=struct.device, R=struct.R[n : n + 1], T=struct.T[n : n + 1])
    if not _is_ray_bundle(struct):
        return struct[n]
    rows = slice(n, n + 1)
    if _is_heterogeneous_ray_bundle(struct):
        end = int(struct.camera_counts[: n + 1].sum())
        rows = slice(end - int(struct.camera_counts[n]), end)
    return RayBundle(**{name: getattr(struct, name)[rows] for name in _RAY_TENSORS})


def _bounds(points: torch.Tensor, center: torch.Tensor | None = None) -> tuple[torch.Tensor, float]:
    """The center of points [P, 3] and their greatest extent."""
    if points.numel() == 0:
        return torch.zeros(3), 0.0
    low, high = points.aminmax(dim=0)
    return points.mean(0) if center is None else center, float((high - low).max())


def _xyz(point) -> dict[str, float]:
    return dict(zip("xyz", point.tolist() if isinstance(point, torch.Tensor) else point))


def _columns(points: torch.Tensor) -> dict:
    return dict(zip("xyz", points.T.numpy()))


def _mesh_traces(meshes: Meshes, name: str, lighting: dict):
    mesh = join_meshes_as_scene(meshes).detach().cpu()
    verts, faces = mesh.verts_packed(), mesh.faces_packed()
    vert_colors = face_colors = None
    if isinstance(mesh.textures, TexturesVertex):
        vert_colors = (mesh.textures.verts_features_packed().clamp(0, 1) * 255).numpy()
    elif isinstance(mesh.textures, TexturesAtlas):
        atlas = mesh.textures.atlas_packed()
        if atlas.shape[1] == 1 and atlas.shape[3] == 3:
            face_colors = (atlas[:, 0, 0].clamp(0, 1) * 255).numpy()
    is_used = torch.zeros(len(verts), dtype=torch.bool)
    is_used[faces.flatten()] = True
    center = verts[is_used].mean(0) if is_used.any() else torch.zeros(3)
    verts = torch.where(is_used[:, None], verts, center)  # verts without faces must not widen the axes
    corners = dict(zip("ijk", faces.T.numpy()))
    trace = go.Mesh3d(**_columns(verts), **corners, vertexcolor=vert_colors, facecolor=face_colors, lighting=lighting, name=name)
    return [trace], _bounds(verts, center)


def _pointcloud_traces(clouds: Pointclouds, name: str, max_points: int, marker_size: int):
    clouds = clouds.detach().cpu().subsample(max_points)
    points, features = clouds.points_packed(), clouds.features_packed()
    colors = None
    if features is not None and features.shape[1] in (3, 4):
        rgb = (features[:, :3].clamp(0, 1) * 255).int().tolist()
        alphas = features[:, 3].tolist() if features.shape[1] == 4 else None
        colors = [f"rgb({r}, {g}, {b})" for r, g, b in rgb] if alphas is None else [f"rgba({r}, {g}, {b}, {a:g})" for (r, g, b), a in zip(rgb, alphas)]
    marker = {"color": colors, "size": marker_size}
    return [go.Scatter3d(**_columns(points), marker=marker, mode="markers", name=name)], _bounds(points)


def _lines(polylines: torch.Tensor) -> torch.Tensor:
    """Polylines [N, P, 3] as one, [N (P + 1), 3]: plotly draws no line to NaN."""
    return torch.nn.functional.pad(polylines, (0, 0, 0, 1), value=float("nan")).flatten(0, 1)


def _camera_traces(cameras: CamerasBase, name: str, scale: float):
    wireframe = get_camera_wireframe(scale).to(cameras.device)
    wires = cameras.get_world_to_view_transform().inverse().transform_points(wireframe).detach().cpu()
    wires = wires if wires.ndim == 3 else wires[None]
    return [go.Scatter3d(**_columns(_lines(wires)), marker={"size": 1}, name=name)], _bounds(wires.flatten(0, 1))


def _ray_bundle_traces(rays: RayBundle | HeterogeneousRayBundle, name: str, max_rays: int, max_points_per_ray: int, marker_size: int, line_width: int):
    flat = RayBundle(**{key: getattr(rays, key).detach().cpu().flatten(0, -2) for key in _RAY_TENSORS})
    bounds = _bounds(ray_bundle_to_ray_points(flat).flatten(0, 1))
    if len(flat.lengths) > max_rays:
        chosen = torch.randperm(len(flat.lengths))[:max_rays]
        flat = RayBundle(*(tensor[chosen] for tensor in flat))
    ends = flat.lengths[:, :0] if flat.lengths.shape[1] == 0 else torch.stack(flat.lengths.aminmax(dim=1), 1)
    lines = _lines(ray_bundle_to_ray_points(flat._replace(lengths=ends)))
    if flat.lengths.shape[1] > max_points_per_ray:
        chosen = torch.rand_like(flat.lengths).argsort(1)[:, :max_points_per_ray]
        flat = flat._replace(lengths=flat.lengths.gather(1, chosen))
    points = ray_bundle_to_ray_points(flat).flatten(0, 1)
    drawn = [
        go.Scatter3d(**_columns(lines), marker={"size": 0.1}, line={"width": line_width}, name=name),
        go.Scatter3d(**_columns(points), mode="markers", name=name + "_points", marker={"size": marker_size}),
    ]
    return drawn, bounds


def _gen_fig_with_subplots(batch_size: int, ncols: int, subplot_titles: list[str]) -> "go.Figure":
    rows = -(-batch_size // ncols)
    specs = [[{"type": "scene"}] * ncols for _ in range(rows)]
    return make_subplots(rows=rows, cols=ncols, specs=specs, subplot_titles=subplot_titles, column_widths=[1.0] * ncols)


def _update_axes_bounds(center: torch.Tensor, extent: float, scene) -> None:
    """Widens the ranges of the axes to `extent` on both sides of the center."""
    for axis, middle in zip(("xaxis", "yaxis", "zaxis"), center.tolist()):
        low, high = middle - extent, middle + extent
        before = scene[axis]["range"]
        scene[axis]["range"] = [low, high] if before is None else [min(low, before[0]), max(high, before[1])]


def _viewpoints(cameras: CamerasBase | None, num_subplots: int) -> list[tuple[torch.Tensor, ...]]:
    """The position, target and up vector of each camera."""
    if cameras is None:
        return []
    if len(cameras) not in (1, num_subplots):
        warnings.warn(f"Invalid number {len(cameras)} of viewpoint cameras were provided. Either 1 or {num_subplots} cameras are required", stacklevel=3)
        return []
    return list(zip(*camera_to_eye_at_up(cameras.get_world_to_view_transform().cpu())))


def _plotly_camera(viewpoint: tuple[torch.Tensor, ...], scene) -> dict:
    eye, at, up = ([_scale_camera_to_bounds(value, scene[axis]["range"], is_position) for value, axis in zip(vector.tolist(), ("xaxis", "yaxis", "zaxis"))]
                   for vector, is_position in zip(viewpoint, (True, True, False)))
    return {"eye": _xyz(eye), "center": _xyz(at), "up": _xyz(up)}


def _scale_camera_to_bounds(coordinate: float, axis_bounds: tuple[float, float], is_position: bool) -> float:
    """A coordinate in plotly's space, where an axis spans [-1, 1]; one of a direction is not moved."""
    low, high = axis_bounds or (-1.0, 1.0)
    half = (high - low) / 2 or 1.0
    return (coordinate - (low + high) / 2) / half if is_position else coordinate / half
