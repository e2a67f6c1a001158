"""Golden cases of points as pictures, and of what implicit rendering consists of."""

from bisque3d.renderer import compositing, points
from bisque3d.renderer.implicit import EmissionAbsorptionRaymarcher, HarmonicEmbedding
from bisque3d.renderer.implicit import sample_pdf as of_pdf
from bisque3d.renderer.points.rasterize_points import rasterize_points_python
from bisque3d.structures import Pointclouds

from . import golden_kind


def rasterized(case, rasterize) -> dict:
    return dict(zip(("idx", "zbuf", "dists"), rasterize(Pointclouds(case.input("points")), **case.args)))


@golden_kind
def rasterize_points(case) -> dict:
    return rasterized(case, points.rasterize_points)


@golden_kind
def rasterize_points__python(case) -> dict:
    return rasterized(case, rasterize_points_python)


def composited(case, compose) -> dict:
    return {"y": compose(case.input("pointsidx").int(), case.input("alphas"), case.input("pt_clds"))}


@golden_kind
def composite_alpha(case) -> dict:
    return composited(case, compositing.alpha_composite)


@golden_kind
def composite_alpha__module(case) -> dict:
    return composited(case, points.AlphaCompositor())


@golden_kind
def composite_weighted(case) -> dict:
    return composited(case, compositing.weighted_sum)


@golden_kind
def composite_weighted__module(case) -> dict:
    return composited(case, points.WeightedCompositor())


@golden_kind
def composite_norm_weighted(case) -> dict:
    return composited(case, compositing.norm_weighted_sum)


@golden_kind
def composite_norm_weighted__module(case) -> dict:
    return composited(case, points.NormWeightedCompositor())


@golden_kind
def raymarch_ea(case) -> dict:
    return {"y": EmissionAbsorptionRaymarcher()(case.input("densities"), case.input("features"))}


@golden_kind
def sample_pdf(case) -> dict:
    return {"samples": of_pdf.sample_pdf(case.input("bins"), case.input("weights"), 16, det=True)}


@golden_kind
def sample_pdf__python(case) -> dict:
    return {"samples": of_pdf.sample_pdf_python(case.input("bins"), case.input("weights"), 16, det=True)}


@golden_kind
def harmonic_embedding(case) -> dict:
    return {"y": HarmonicEmbedding(5)(case.input("x"))}
