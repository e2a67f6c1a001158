"""Mesh files of a hilly grid of a million (or fewer) triangles, written once."""

import os

from harness import WORK


def grid(side: int):
    """Verts [side^2, 3] float32 and faces [2 (side - 1)^2, 3] int32."""
    import numpy as np

    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    verts = np.stack([x, y, 0.1 * np.sin(9 * x) * np.cos(7 * y)], axis=-1).reshape(-1, 3).astype(np.float32)
    first = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).reshape(-1)
    a, b, c, d = first, first + 1, first + side, first + side + 1
    return verts, np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)]).astype(np.int32)


def ply(verts, faces) -> bytes:
    import numpy as np

    header = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(verts)}\nproperty float x\nproperty float y\nproperty float z\n"
        f"element face {len(faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    rows = np.empty(len(faces), dtype=[("size", "u1"), ("corners", "<i4", 3)])
    rows["size"], rows["corners"] = 3, faces
    return header.encode() + verts.astype("<f4").tobytes() + rows.tobytes()


def stl(verts, faces) -> bytes:
    import numpy as np

    rows = np.zeros(len(faces), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    rows["corners"] = verts[faces]
    return b"grid".ljust(80) + np.uint32(len(faces)).tobytes() + rows.tobytes()


def off(verts, faces) -> bytes:
    lines = [f"OFF\n{len(verts)} {len(faces)} 0"]
    lines += ["{:.6f} {:.6f} {:.6f}".format(*vert) for vert in verts]
    lines += ["3 {} {} {}".format(*face) for face in faces]
    return "\n".join(lines).encode() + b"\n"


def obj(verts, faces) -> bytes:
    """With texture coordinates and normals."""
    lines = ["v {:.6f} {:.6f} {:.6f}".format(*vert) for vert in verts]
    lines += ["vt {:.6f} {:.6f}".format(*vert[:2]) for vert in verts]
    lines += ["vn {:.4f} {:.4f} {:.4f}".format(*vert) for vert in verts]
    lines += ["f {0}/{0}/{0} {1}/{1}/{1} {2}/{2}/{2}".format(*(face + 1)) for face in faces]
    return "\n".join(lines).encode() + b"\n"


def glb(verts, faces) -> bytes:
    import json

    parts = [verts.astype("<f4").tobytes(), faces.astype("<u4").tobytes()]
    views = [{"buffer": 0, "byteOffset": sum(map(len, parts[:i])), "byteLength": len(parts[i])} for i in range(2)]
    accessors = [
        {"bufferView": 0, "componentType": 5126, "count": len(verts), "type": "VEC3", "min": verts.min(0).tolist(), "max": verts.max(0).tolist()},
        {"bufferView": 1, "componentType": 5125, "count": faces.size, "type": "SCALAR"},
    ]
    scene = dict(
        asset={"version": "2.0"}, scene=0, scenes=[{"nodes": [0]}], nodes=[{"mesh": 0}], bufferViews=views, accessors=accessors,
        meshes=[{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}], buffers=[{"byteLength": sum(map(len, parts))}],
    )  # fmt: skip
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    chunk = lambda kind, body: len(body).to_bytes(4, "little") + kind + body
    body = chunk(b"JSON", text) + chunk(b"BIN\0", b"".join(parts))
    return b"glTF" + (2).to_bytes(4, "little") + (12 + len(body)).to_bytes(4, "little") + body


def grid_file(form, side: int) -> str:
    """The path of the file that `form` (ply, stl, off, obj or glb above) makes of the grid."""
    path = WORK / f"grid_{side}.{form.__name__}"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(form(*grid(side)))
        unfinished.rename(path)
    return str(path)


SIDE_1M = 708  # 501,264 verts, 999,698 triangles
SIDE_100K = 225  # 50,625 verts, 100,352 triangles
