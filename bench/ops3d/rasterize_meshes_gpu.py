"""A wavy sheet of 53,138 triangles that fills a picture of 512 x 512; torch has no rasterizer."""

import importlib.util
import pathlib

import torch
from gpu import Case


def sheet(n):
    spec = importlib.util.spec_from_file_location("grid", pathlib.Path(__file__).with_name("vertex_normals_gpu.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    axis = torch.linspace(-0.9, 0.9, n)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x, y, 2 + 0.2 * torch.sin(9 * x) * torch.cos(7 * y)], -1).view(-1, 3), module.grid(n)


def cases():
    verts, faces = (tensor.cuda() for tensor in sheet(164))
    ranges = torch.tensor([0], device="cuda"), torch.tensor([len(faces)], device="cuda")
    for K, blur in ((1, 0.0), (8, 1e-4)):
        leaf = verts.clone().requires_grad_()
        call = lambda verts, K=K, blur=blur: torch.ops.bisque.rasterize_meshes(verts, faces, *ranges, 512, 512, K, blur)
        results = call(leaf)
        size = verts.nbytes + faces.nbytes + sum(result.nbytes for result in results)
        yield Case(f"rasterize_meshes_512_k{K}", lambda: call(verts), None, size)
        floats = list(results[1:])
        weights = [torch.rand_like(result) for result in floats]
        backward = lambda f=floats, w=weights, leaf=leaf: torch.autograd.grad(f, leaf, w, retain_graph=True)
        yield Case(f"rasterize_meshes_512_k{K}_backward", backward, None, size + verts.nbytes)
