"""Golden cases of points and fields through the Python functions and Modules."""

import pytest
import torch
from bisque3d.renderer.compositing import alpha_composite, norm_weighted_sum, weighted_sum
from bisque3d.renderer.implicit import EmissionAbsorptionRaymarcher, HarmonicEmbedding
from bisque3d.renderer.implicit.sample_pdf import sample_pdf, sample_pdf_python
from bisque3d.renderer.points import AlphaCompositor, NormWeightedCompositor, WeightedCompositor, rasterize_points
from bisque3d.renderer.points.rasterize_points import rasterize_points_python
from bisque3d.structures import Pointclouds

from scripts.golden import CASES, Case, Mismatch


def check(name: str, results_of) -> None:
    Case(CASES / f"{name}.safetensors", "cpu").check(results_of)


@pytest.mark.parametrize("name", ["rasterize_points_0", "rasterize_points_1"])
@pytest.mark.parametrize("rasterize", [rasterize_points, rasterize_points_python])
def test_rasterize_points(name, rasterize):
    check(name, lambda case: dict(zip(("idx", "zbuf", "dists"), rasterize(Pointclouds(case.input("points")), **case.args))))


@pytest.mark.parametrize(
    "name, function, module",
    [
        ("composite_alpha", alpha_composite, AlphaCompositor),
        ("composite_weighted", weighted_sum, WeightedCompositor),
        ("composite_norm_weighted", norm_weighted_sum, NormWeightedCompositor),
    ],
)
def test_composite(name, function, module):
    for compose in (function, module()):
        check(name, lambda case: {"y": compose(case.input("pointsidx").int(), case.input("alphas"), case.input("pt_clds"))})


def test_raymarch():
    check("raymarch_ea", lambda case: {"y": EmissionAbsorptionRaymarcher()(case.input("densities"), case.input("features"))})


@pytest.mark.parametrize("sample", [sample_pdf, sample_pdf_python])
def test_sample_pdf(sample):
    check("sample_pdf", lambda case: {"samples": sample(case.input("bins"), case.input("weights"), 16, det=True)})


def test_harmonic_embedding():
    check("harmonic_embedding", lambda case: {"y": HarmonicEmbedding(5)(case.input("x"))})


def test_a_wrong_result_is_found():
    with pytest.raises(Mismatch):
        check("harmonic_embedding", lambda case: {"y": HarmonicEmbedding(5, omega_0=1.01)(case.input("x"))})
