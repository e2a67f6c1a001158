from harness import ict, peer


def head():
    scene = ict.scene()
    return scene["neutral"], scene["faces"]


@peer("cot_laplacian_ict", "libigl cotmatrix, float64")
def cotmatrix():
    import igl

    verts, faces = head()
    verts, faces = verts.double().numpy(), faces.numpy()
    return lambda: igl.cotmatrix(verts, faces)


@peer("subdivide_meshes_ict", "libigl upsample, float64")
def upsample():
    import igl

    verts, faces = head()
    verts, faces = verts.double().numpy(), faces.numpy()
    return lambda: igl.upsample(verts, faces)


@peer("taubin_smoothing_ict", "trimesh filter_taubin, float64")
def filter_taubin():
    import trimesh

    verts, faces = head()
    mesh = trimesh.Trimesh(verts.double().numpy(), faces.numpy(), process=False)
    return lambda: trimesh.smoothing.filter_taubin(mesh.copy(), 0.53, 0.53, 20)


def edges_of(faces):
    return faces[:, [1, 2, 2, 0, 0, 1]].view(-1, 2).sort(1)[0].unique(dim=0)


def fit(loss):
    """Value and gradient of loss(verts)."""

    def run():
        verts = head()[0].requires_grad_()
        return lambda: loss(verts).backward()

    return run()


@peer("mesh_edge_loss_ict", "torch, edges found once")
def edge_loss():
    a, b = edges_of(head()[1]).T.contiguous()
    return fit(lambda verts: (verts[a] - verts[b]).norm(dim=1).square().mean())


def matrix(edges, weights, size):
    import torch

    half = torch.sparse_coo_tensor(edges.T, weights, (size, size))
    return (half + half.T).coalesce()


@peer("mesh_laplacian_uniform_ict", "torch, sparse matrix made once")
def uniform():
    import torch

    verts, faces = head()
    edges = edges_of(faces)
    adjacency = matrix(edges, torch.ones(len(edges)), len(verts))
    degrees = torch.bincount(edges.flatten(), minlength=len(verts))[:, None]
    return fit(lambda verts: (adjacency @ verts / degrees - verts).norm(dim=1).mean())


@peer("mesh_laplacian_cot_ict", "torch, sparse matrix")
def cot():
    import torch

    faces = head()[1]
    sides = torch.stack([faces.roll(-1, 1), faces.roll(-2, 1)], 2).view(-1, 2)

    def loss(verts):
        with torch.no_grad():
            corners = verts[faces]
            u, w = corners.roll(-1, 1) - corners, corners.roll(-2, 1) - corners
            cots = (u * w).sum(2) / torch.linalg.cross(u, w).norm(dim=2).clamp(min=2e-6)
            weights = matrix(sides, cots.flatten(), len(verts))
            scale = 1 / torch.sparse.sum(weights, 1).to_dense()[:, None]
        return (weights @ verts * scale - verts).norm(dim=1).mean()

    return fit(loss)


@peer("mesh_normal_consistency_ict", "torch, pairs of faces found once by trimesh")
def consistency():
    import torch
    import trimesh

    verts, faces = head()
    mesh = trimesh.Trimesh(verts.double().numpy(), faces.numpy(), process=False)
    first, second = torch.from_numpy(mesh.face_adjacency.copy()).T.contiguous()

    def loss(verts):
        a, b, c = verts[faces].unbind(1)
        normals = torch.linalg.cross(b - a, c - a)
        return 1 - torch.cosine_similarity(normals[first], normals[second], dim=1).mean()

    return fit(loss)
