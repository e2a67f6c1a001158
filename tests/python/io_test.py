"""Files of the Python package: by path and file object, there and back."""

import io
import pathlib
import warnings

import numpy as np
import pytest
import torch

from bisque3d.io import IO, load_obj, load_objs_as_meshes, save_obj, save_ply
from bisque3d.io.experimental_gltf_io import MeshGlbFormat, load_meshes
from bisque3d.io.mtl_io import _parse_mtl, load_mtl, make_material_atlas, make_mesh_texture_atlas
from bisque3d.io.obj_io import MeshObjFormat
from bisque3d.io.off_io import MeshOffFormat
from bisque3d.io.pluggable_formats import MeshFormatInterpreter, PointcloudFormatInterpreter, endswith
from bisque3d.io.ply_io import MeshPlyFormat, PointcloudPlyFormat
from bisque3d.io.stl_io import MeshStlFormat
from bisque3d.io.utils import PathManager
from bisque3d.structures import Meshes, Pointclouds
from bisque3d.utils import ico_sphere

SPHERE = ico_sphere(1)
VERTS = torch.tensor([[0.01, 0.2, 0.301], [0.2, 0.03, 0.408], [0.3, 0.4, 0.05]])
FACES = torch.tensor([[0, 2, 1], [0, 1, 2]])


def close(actual, expected, **tolerance):
    torch.testing.assert_close(actual, expected, **tolerance)


@pytest.fixture
def textures():
    return pytest.importorskip("bisque3d.renderer.mesh.textures")


def corners(mesh):
    return mesh.verts_packed()[mesh.faces_packed()]


class TestIO:
    @pytest.mark.parametrize("suffix", ["obj", "off", "ply", "stl", "glb"])
    @pytest.mark.parametrize("as_path", [str, pathlib.Path])
    def test_there_and_back(self, tmp_path, suffix, as_path):
        path = as_path(tmp_path / f"sphere.{suffix}")
        IO().save_mesh(SPHERE, path)
        loaded = IO().load_mesh(path)
        close(corners(loaded), corners(SPHERE), rtol=0, atol=0)
        if suffix != "stl":
            assert torch.equal(loaded.faces_packed(), SPHERE.faces_packed())
        assert [file.name for file in tmp_path.iterdir()] == [f"sphere.{suffix}"]

    def test_default_formats(self):
        files = IO(include_default_formats=False)
        with pytest.raises(ValueError, match="No mesh interpreter found to write to a.ply"):
            files.save_mesh(SPHERE, "a.ply")
        files.register_default_formats()
        meshes = {MeshGlbFormat, MeshObjFormat, MeshOffFormat, MeshPlyFormat, MeshStlFormat}
        assert {type(interpreter) for interpreter in files.mesh_interpreters} == meshes
        assert [type(interpreter) for interpreter in files.pointcloud_interpreters] == [PointcloudPlyFormat]

    @pytest.mark.parametrize("suffix", ["off", "ply", "stl"])
    @pytest.mark.parametrize("binary", [True, False])
    def test_file_objects(self, suffix, binary):
        reader = IO(include_default_formats=False)
        for interpreter in IO().mesh_interpreters:
            if interpreter.known_suffixes == (f".{suffix}",):
                reader.register_meshes_format(interpreter)
        file = io.BytesIO()
        reader.save_mesh(SPHERE, file, binary=binary)
        file.seek(0)
        close(corners(reader.load_mesh(file)), corners(SPHERE), rtol=0, atol=0)

    @pytest.mark.parametrize("suffix", ["off", "ply", "glb"])
    @pytest.mark.parametrize("channels", [3, 4])
    def test_colours_of_verts(self, tmp_path, textures, suffix, channels):
        colors = torch.rand(42, channels)
        mesh = Meshes(SPHERE.verts_list(), SPHERE.faces_list(), textures.TexturesVertex([colors]))
        IO().save_mesh(mesh, tmp_path / f"a.{suffix}")
        loaded = IO().load_mesh(tmp_path / f"a.{suffix}")
        close(loaded.textures.verts_features_list()[0], colors)
        assert IO().load_mesh(tmp_path / f"a.{suffix}", include_textures=False).textures is None
        IO().save_mesh(mesh, tmp_path / f"b.{suffix}", include_textures=False)
        assert IO().load_mesh(tmp_path / f"b.{suffix}").textures is None

    def test_colours_of_faces(self, tmp_path, textures):
        colors = torch.rand(80, 1, 1, 3)
        IO().save_mesh(Meshes(SPHERE.verts_list(), SPHERE.faces_list(), textures.TexturesAtlas([colors])), tmp_path / "a.off")
        close(IO().load_mesh(tmp_path / "a.off").textures.atlas_packed(), colors)

    @pytest.mark.parametrize("suffix", ["obj", "glb"])
    def test_pictures(self, tmp_path, textures, suffix):
        pytest.importorskip("PIL")
        uvs, uv_faces, picture = torch.rand(50, 2), torch.randint(50, (80, 3)), torch.rand(8, 6, 3)
        mesh = Meshes(SPHERE.verts_list(), SPHERE.faces_list(), textures.TexturesUV([picture], [uv_faces], [uvs]))
        IO().save_mesh(mesh, tmp_path / f"a.{suffix}")
        loaded = IO().load_mesh(tmp_path / f"a.{suffix}")
        close(corners(loaded), corners(SPHERE), rtol=0, atol=0)
        close(loaded.textures.verts_uvs_list()[0][loaded.textures.faces_uvs_list()[0]], uvs[uv_faces])
        close(loaded.textures.maps_padded()[0], picture, atol=0.5 / 255 + 1e-6, rtol=0)

    @pytest.mark.parametrize("suffix", ["off", "ply", "glb"])
    def test_normals(self, tmp_path, suffix):
        mesh = Meshes(SPHERE.verts_list(), SPHERE.faces_list(), verts_normals=SPHERE.verts_list())
        IO().save_mesh(mesh, tmp_path / f"a.{suffix}")
        loaded = IO().load_mesh(tmp_path / f"a.{suffix}")
        assert loaded.has_verts_normals()
        close(loaded.verts_normals_packed(), SPHERE.verts_packed())

    @pytest.mark.parametrize("binary", [True, False])
    def test_clouds(self, tmp_path, binary):
        clouds = Pointclouds([torch.rand(5, 3)], [torch.rand(5, 3)], [torch.rand(5, 3)])
        IO().save_pointcloud(clouds, tmp_path / "a.ply", binary=binary)
        loaded = IO().load_pointcloud(tmp_path / "a.ply")
        for field in ("points", "normals", "features"):
            close(getattr(loaded, f"{field}_packed")(), getattr(clouds, f"{field}_packed")())
        IO().save_pointcloud(clouds, tmp_path / "b.ply", binary=binary, colors_as_uint8=True)
        close(IO().load_pointcloud(tmp_path / "b.ply").features_packed(), clouds.features_packed(), atol=0.51 / 255, rtol=0)
        alone = Pointclouds([torch.rand(5, 3)])
        IO().save_pointcloud(alone, str(tmp_path / "c.ply"))
        assert IO().load_pointcloud(str(tmp_path / "c.ply")).features_list() is None

    def test_own_formats(self, tmp_path):
        class Named(MeshFormatInterpreter):
            def read(self, path, include_textures, device, path_manager, **kwargs):
                return SPHERE if endswith(path, (".named",)) else None

            def save(self, data, path, path_manager, binary, **kwargs):
                return endswith(path, (".named",)) and bool(pathlib.Path(path).write_text("x"))

        own = IO()
        own.register_meshes_format(Named())
        assert own.load_mesh("a.named") is SPHERE
        own.save_mesh(SPHERE, str(tmp_path / "a.named"))
        own.save_mesh(SPHERE, str(tmp_path / "a.ply"))
        assert {file.name for file in tmp_path.iterdir()} == {"a.named", "a.ply"}
        for base in (MeshFormatInterpreter(), PointcloudFormatInterpreter()):
            for function in (base.read, base.save):
                with pytest.raises(NotImplementedError):
                    function(*[None] * (4 if isinstance(base, MeshFormatInterpreter) or function == base.save else 3))

    def test_paths_of_a_path_manager(self, tmp_path):
        class Prefixed(PathManager):
            def get_local_path(self, path, **kwargs):
                return path.replace("here://", f"{tmp_path}/")

            def open(self, path, mode="r", **kwargs):
                return open(self.get_local_path(path), mode)

        files = IO(path_manager=Prefixed())
        for suffix in ("ply", "obj", "glb"):
            files.save_mesh(SPHERE, f"here://a.{suffix}")
            close(files.load_mesh(f"here://a.{suffix}").verts_packed(), SPHERE.verts_packed())

    def test_errors(self, tmp_path):
        for make, message in (
            (lambda: IO().load_mesh("a.xyz"), "No mesh interpreter found to read a.xyz"),
            (lambda: IO().save_mesh(SPHERE, "a.xyz"), "No mesh interpreter found to write to a.xyz"),
            (lambda: IO().save_mesh(SPHERE.extend(2), "a.ply"), "Can only save a single mesh"),
            (lambda: IO().save_mesh(3, "a.ply"), "Meshes object expected"),
            (lambda: IO().load_pointcloud("a.xyz"), "No point cloud interpreter found to read"),
            (lambda: IO().save_pointcloud(Pointclouds(torch.rand(1, 2, 3)), "a.xyz"), "No point cloud interpreter found to write"),
            (lambda: IO().save_pointcloud(Pointclouds(torch.rand(2, 2, 3)), "a.ply"), "Can only save a single point cloud"),
            (lambda: IO().save_pointcloud(3, "a.ply"), "Pointclouds object expected"),
            (lambda: IO().register_meshes_format(3), "Invalid interpreter"),
            (lambda: IO().register_pointcloud_format(3), "Invalid interpreter"),
        ):
            with pytest.raises(ValueError, match=message):
                make()
        for suffix in ("ply", "obj", "off", "stl", "glb"):
            with pytest.raises(FileNotFoundError):
                IO().load_mesh(tmp_path / f"missing.{suffix}")
            (tmp_path / f"bad.{suffix}").write_text("v 1\nbad")
            with pytest.raises(ValueError, match=f"bad.{suffix}"):
                IO().load_mesh(tmp_path / f"bad.{suffix}")


    @pytest.mark.parametrize(
        ["text", "message"],
        [
            ("OFF\nthree 1 0\n", "Invalid counts line: b'three 1 0'"),
            ("OFF\n", "Invalid counts line: b''"),
            ("", "Invalid counts line"),
            ("OFF\n3 1 0\n0 0 0\n1 0 0\n", "Not enough vertex data"),
            ("OFF 3 2 0 # counts\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n", "Not enough face data"),
            ("3 2 0\n0 0 0\n1 0 0\n0 1 0\n", "Premature end of file"),
            ("OFF\n3 1 0\n0 0 0\n1 0\n0 1 0\n3 0 1 2\n", "Bad vertex data"),
            ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\nmore\n", "Extra data at end of file: b'more'"),
            ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n2 0 1\n", "Faces must have at least 3 vertices. .*a.off: skips faces"),
            ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 x\n", '^/.*a.off: line 6: "x" is not an integer'),
        ],
    )
    def test_errors_of_off_files(self, tmp_path, text, message):
        (tmp_path / "a.off").write_text(text)
        with pytest.raises(ValueError, match=message):
            IO().load_mesh(tmp_path / "a.off")


class TestObj:
    def test_text(self):
        file = io.StringIO()
        save_obj(file, VERTS, FACES, decimal_places=2)
        assert file.getvalue() == "v 0.01 0.20 0.30\nv 0.20 0.03 0.41\nv 0.30 0.40 0.05\nf 1 3 2\nf 1 2 3"
        file = io.StringIO()
        save_obj(file, VERTS, FACES, normals=VERTS, faces_normals_idx=FACES, verts_uvs=VERTS[:, :2], faces_uvs=FACES.flip(0), decimal_places=1)
        assert file.getvalue().splitlines()[3:] == [
            *["vt 0.0 0.2", "vt 0.2 0.0", "vt 0.3 0.4", "vn 0.0 0.2 0.3", "vn 0.2 0.0 0.4", "vn 0.3 0.4 0.1"],
            *["f 1/1/1 3/2/3 2/3/2", "f 1/1/1 2/3/2 3/2/3"],
        ]

    def test_faces_and_materials(self, tmp_path):
        pytest.importorskip("PIL.Image").new("RGB", (4, 2), (255, 0, 51)).save(tmp_path / "red picture.png")
        (tmp_path / "a.mtl").write_text("newmtl red\nKd 1 0 0.5\nNs 7\nmap_Kd red picture.png\nnewmtl plain\nnewmtl unused\nKa 1 1 1\n")
        lines = ["mtllib a.mtl", "v 0 0 0", "v 1 0 0", "v 1 1 0", "v 0 1 0", "vt 0 0", "vt 1 0", "vt 1 1", "vn 0 0 1", "f 1 2 3"]
        lines += ["usemtl plain", "f 1/1/1 2/2/1 3/3/1 4/1/1", "usemtl red", "f -4/1 -3/2 -2/3", "usemtl plain", "f 4//1 1//1 2//1"]
        (tmp_path / "a.obj").write_text("\n".join(lines))
        verts, faces, aux = load_obj(tmp_path / "a.obj")
        assert faces.verts_idx.tolist() == [[0, 1, 2], [0, 1, 2], [0, 2, 3], [0, 1, 2], [3, 0, 1]]
        assert faces.textures_idx.tolist() == [[-1] * 3, [0, 1, 2], [0, 2, 0], [0, 1, 2], [-1] * 3]
        assert faces.normals_idx.tolist() == [[-1] * 3, [0] * 3, [0] * 3, [-1] * 3, [0] * 3]
        assert faces.materials_idx.tolist() == [-1, 0, 0, 1, 0] and aux.normals.tolist() == [[0, 0, 1]] and aux.verts_uvs.shape == (3, 2)
        assert list(aux.material_colors) == ["plain", "red"] and aux.material_colors["plain"] == {}
        assert {name: value.tolist() for name, value in aux.material_colors["red"].items()} == {"diffuse_color": [1, 0, 0.5], "shininess": [7]}
        close(aux.texture_images["red"], torch.tensor([1, 0, 0.2]).expand(2, 4, 3))
        assert aux.texture_atlas is None and load_obj(tmp_path / "a.obj", load_textures=False)[2].material_colors is None
        atlas = load_obj(tmp_path / "a.obj", create_texture_atlas=True, texture_atlas_size=2)[2].texture_atlas
        close(atlas[3], torch.tensor([1, 0, 0.2]).expand(2, 2, 3))
        assert (atlas[[0, 1, 2, 4]] == 1).all()

    def test_only_material(self, tmp_path):
        (tmp_path / "a.mtl").write_text("newmtl one\nKd 1 0 0\n")
        (tmp_path / "a.obj").write_text("mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 1 1 0\ng part\nf 1 2 3\n")
        _, faces, aux = load_obj(str(tmp_path / "a.obj"))
        assert faces.materials_idx.tolist() == [0] and list(aux.material_colors) == ["one"]

    def test_several_materials_without_usemtl(self, tmp_path):
        (tmp_path / "a.mtl").write_text("newmtl one\nKd 1 0 0\nnewmtl two\n")
        (tmp_path / "a.obj").write_text("mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 1 1 0\nf 1 2 3\n")
        with pytest.raises(ValueError, match="Multiple materials but no usemtl declarations in the obj file"):
            load_obj(tmp_path / "a.obj")

    def test_without_faces_or_anything(self):
        verts, faces, aux = load_obj(io.StringIO("v 1 2 3\nvn 0 0 1\n"))
        assert verts.tolist() == [[1, 2, 3]] and faces.verts_idx.shape == faces.normals_idx.shape == (0, 3) and len(aux.normals) == 1
        with pytest.warns(UserWarning, match="Empty 'verts' and 'faces'"):
            save_obj(file := io.StringIO(), torch.zeros(0), torch.zeros(0))
        verts, faces, _ = load_obj(file)
        assert verts.shape == faces.verts_idx.shape == (0, 3)
        save_obj(file := io.StringIO(), VERTS, torch.zeros(0))
        file.seek(0)
        close(load_obj(file)[0], VERTS)

    def test_textured_file(self, tmp_path):
        pytest.importorskip("PIL")
        save_obj(tmp_path / "a.obj", VERTS, FACES, 2, verts_uvs=torch.rand(3, 2), faces_uvs=FACES, texture_map=torch.rand(3, 5, 3))
        assert (tmp_path / "a.obj").read_text().startswith("\nmtllib a.mtl\nusemtl mesh\n\nv 0.01 0.20 0.30\n")
        assert (tmp_path / "a.mtl").read_text().startswith("newmtl mesh\nmap_Kd a.png\n")
        assert load_obj(tmp_path / "a.obj")[2].texture_images["mesh"].shape == (3, 5, 3)

    def test_batches(self, tmp_path, textures):
        pytest.importorskip("PIL")
        for name in "ab":
            save_obj(tmp_path / f"{name}.obj", VERTS, FACES, verts_uvs=torch.rand(3, 2), faces_uvs=FACES, texture_map=torch.rand(3, 5, 3))
        paths = [tmp_path / "a.obj", tmp_path / "b.obj"]
        assert type(load_objs_as_meshes(paths).textures) is textures.TexturesUV
        atlas = load_objs_as_meshes(paths, create_texture_atlas=True, texture_atlas_size=3).textures
        assert type(atlas) is textures.TexturesAtlas and atlas.atlas_padded().shape == (2, 2, 3, 3, 3)

    @pytest.mark.parametrize(
        ["text", "message"],
        [
            ("mtllib x.mtl\nusemtl a\nv 0 0 0\nf 1 1 1", "Mtl file does not exist: ./x.mtl"),
            ("v 0 0 0\nf 1 1 1", "No mtl file provided"),
            ("v 0 0 0\nf 1 1\nf 1 1 1", "skips faces of fewer than 3 corners"),
        ],
    )
    def test_warnings(self, text, message):
        with pytest.warns(UserWarning, match=message):
            load_obj(io.StringIO(text))
        if "mtl" in message.lower():
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                load_obj(io.StringIO(text), load_textures=False)

    def test_missing_picture_warns(self, tmp_path):
        (tmp_path / "a.mtl").write_text("newmtl a\nmap_Kd missing.png\n")
        (tmp_path / "a.obj").write_text("mtllib a.mtl\nusemtl a\nv 0 0 0\nf 1 1 1")
        with pytest.warns(UserWarning, match="Texture file does not exist: .*missing.png"):
            load_obj(tmp_path / "a.obj")

    @pytest.mark.parametrize("line", ["Kd 1 2", "Ns #", "Ns x", "Kd # red", "Kd 1 x 1"])
    def test_errors_of_materials(self, line):
        with pytest.raises(ValueError, match=f"load_mtl: expected .* after {line[:2]}, got '{line}'"):
            _parse_mtl(io.StringIO(f"newmtl a\n{line}\n"), PathManager())

    def test_values_of_materials(self):
        [colors] = _parse_mtl(io.StringIO("newmtl a\nKd 0.5\nKs 1 0 1 # pink\nKa spectral file.rfl\nNs 2\n"), PathManager())[0].values()
        assert {name: value.tolist() for name, value in colors.items()} == {"diffuse_color": [0.5] * 3, "specular_color": [1, 0, 1], "shininess": [2]}

    def test_malformed_pictures(self, tmp_path, textures):
        mesh = Meshes(SPHERE.verts_list(), SPHERE.faces_list(), textures.TexturesUV(torch.rand(1, 9, 9, 3), SPHERE.faces_list(), [torch.rand(42, 2)]))
        for suffix in ("obj", "glb"):
            path = tmp_path / f"a.{suffix}"
            IO().save_mesh(mesh, path)
            file = path if suffix == "glb" else tmp_path / "a.png"
            content = file.read_bytes()
            file.write_bytes(content.replace(b"IDAT", b"IDOT").replace(b"IHDR", b"IHDX"))
            with pytest.raises(ValueError, match="The picture .* cannot be read"):
                IO().load_mesh(path)

    def test_atlas_without_faces(self):
        assert make_material_atlas(torch.rand(4, 4, 3), torch.zeros(0, 3, 2), 5).shape == (0, 5, 5, 3)

    @pytest.mark.parametrize(
        ["text", "message"],
        [
            ("v 0 0\nf 1 1 1", "does not have 3 values.*line 1"),
            ("v 0 0 0\nvn 0 0\nf 1 1 1", "does not have 3 values.*line 2"),
            ("v 0 0 0\nvt\nf 1 1 1", "does not have 2 values.*line 2"),
            ("v 0 0 0\nvt 0.5 \nf 1 1 1", r"Texture does not have 2 values. Line: vt 0.5 \(data.obj\)"),
            ("v 0 0 0\nvt 0 0\nf 1 1 1\nf 1/1 1 1", r"Face 1 is an illegal statement. Vertex properties are inconsistent. \(data.obj\)"),
            ("v 0 0 0\nvn 0 0 1\nf 1//1 1//1 1", "Face 0 is an illegal statement. Vertex properties are inconsistent."),
            ("v 0 0 0\nf 1/1/1/1 1 1", "Face vertices can only have 3 properties.*line 2"),
            ("v 0 0 0\nf 1 1 9999999", "Faces have invalid indices.*line 2"),
            ("v 0 0 0\nf 1 1 -2", "Faces have invalid indices.*line 2"),
            ("mtllib\nv 0 0 0\nf 1 1 1", "material file name is not specified"),
        ],
    )
    def test_errors_of_files(self, text, message):
        for file in (io.StringIO(text), io.BytesIO(text.encode())):
            with pytest.raises(ValueError, match=message):
                load_obj(file)

    def test_faces_beyond_the_rows_of_a_file_are_a_warning(self):
        text = "v 0.1 0.2 0.3\nvt 0.5 0.5\nvn 1 0 0\nf 1/1/1 4/3/1 2/1/5 3/1/1\nf -1/-1/-1 1/1/1 1/1/1\n"
        for file in (io.StringIO(text), io.BytesIO(text.encode())):
            with pytest.warns(UserWarning, match="Faces have invalid indices.*line 4: refers to") as caught:
                verts, faces, aux = load_obj(file)
            assert [str(warning.message).split("refers to ")[1].rstrip(")") for warning in caught if "refers to" in str(warning.message)] == [
                "vertex 4, but the file has 1.",
                "texture coordinate 3, but the file has 1.",
                "normal 5, but the file has 1.",
            ]
            torch.testing.assert_close(verts, torch.tensor([[0.1, 0.2, 0.3]]))
            assert len(aux.verts_uvs) == len(aux.normals) == 1
            assert sorted(faces.verts_idx.unique().tolist()) == [0, 1, 2, 3] and len(faces.verts_idx) == 3
            assert faces.textures_idx.max() == 2 and faces.normals_idx.max() == 4
            assert faces.verts_idx[2].tolist() == faces.normals_idx[2].tolist() == [0, 0, 0]

    @pytest.mark.parametrize(
        ["arguments", "message"],
        [
            (dict(verts=torch.rand(3, 2)), "Argument 'verts' should either be empty"),
            (dict(faces=torch.zeros(3, 2).long()), "Argument 'faces' should either be empty"),
            (dict(verts_uvs=torch.rand(3, 3), faces_uvs=FACES), "'verts_uvs' should either be empty"),
            (dict(faces_uvs=torch.zeros(3, 2)), "'faces_uvs' should either be empty"),
            (dict(normals=torch.rand(3, 2), faces_normals_idx=FACES), "'normals' should either be empty"),
            (dict(normals=torch.rand(3, 3), faces_normals_idx=torch.zeros(3, 2)), "'faces_normals_idx' should either be empty"),
            (dict(normals=torch.rand(3, 3)), "'normals' and 'faces_normals_idx' must both be None or neither"),
            (dict(faces_normals_idx=FACES), "'normals' and 'faces_normals_idx' must both be None or neither"),
            (dict(texture_map=torch.rand(3, 2)), "'texture_map' should either be empty"),
        ],
    )
    def test_errors_of_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            save_obj(io.StringIO(), **(dict(verts=VERTS, faces=FACES) | arguments))

    def test_an_index_out_of_range_is_not_saved(self, tmp_path):
        for save in (save_obj, save_ply):
            with pytest.warns(UserWarning, match="Faces have invalid indices"), pytest.raises(ValueError, match="3"):
                save(tmp_path / "a", VERTS, FACES + 1)
        assert not any(tmp_path.iterdir())

    def test_unknown_wrap(self):
        with pytest.raises(ValueError, match="texture_wrap must be one of"):
            load_obj(io.StringIO("v 0 0 0\nf 1 1 1"), texture_wrap="?")


class TestAtlas:
    def test_texels_are_those_of_the_picture(self):
        ramp = torch.linspace(0, 1, 9)
        v, u = torch.meshgrid(ramp, ramp, indexing="ij")
        picture = torch.stack([u, v, torch.zeros(9, 9)], 2)
        uvs = torch.rand(4, 3, 2)
        atlas = make_material_atlas(picture, uvs, 4)
        # Texel (y, x) of the lower half is that of barycentric coordinates ((x + 1/3) / 4, (y + 1/3) / 4).
        close(atlas[:, 1, 2, :2], uvs[:, 0] * (7 / 12) + uvs[:, 1] * (4 / 12) + uvs[:, 2] * (1 / 12))
        close(atlas[:, 3, 3, :2], uvs[:, 0] * (2 / 12) + uvs[:, 1] * (2 / 12) + uvs[:, 2] * (8 / 12))

    def test_wraps(self):
        picture = torch.rand(4, 4, 3)
        uvs, faces = torch.tensor([[0.2, 0.3], [0.6, 0.3], [0.2, 0.7]]), torch.tensor([[0, 1, 2], [-1, -1, -1]])
        arguments = ({"a": {"diffuse_color": torch.tensor([0.1, 0.2, 0.3])}}, {"a": picture}, np.array(["a", "a"]), faces)
        inside = make_mesh_texture_atlas(*arguments, uvs, 3, "repeat")
        close(inside[1], torch.tensor([0.1, 0.2, 0.3]).expand(3, 3, 3))
        with pytest.warns(UserWarning, match=r"outside the range \[0, 1\]"):
            close(make_mesh_texture_atlas(*arguments, uvs + 2, 3, "repeat"), inside, atol=1e-5, rtol=0)
        close(make_mesh_texture_atlas(*arguments, uvs + 2, 3, "clamp")[0], picture[0, -1].expand(3, 3, 3))
        close(make_mesh_texture_atlas(*arguments, uvs, 3, None), inside)

    def test_file_objects(self):
        text = "newmtl a\nKd 1 2 3 # red\nmap_Kd my picture.png\nnewmtl b\nmap_Kd -s 1 1 1 other.png\n"
        colors, files = _parse_mtl(io.StringIO(text), PathManager())
        assert files == {"a": "my picture.png", "b": "other.png"} and colors["b"] == {}
        colors, images = load_mtl(io.StringIO(text[:25]), material_names=["a", "c"], data_dir=".", path_manager=PathManager())
        assert colors["a"]["diffuse_color"].tolist() == [1, 2, 3] and images == {} and list(colors) == ["a"]


class TestGlb:
    def test_by_hand(self, tmp_path):
        assert not MeshGlbFormat().save(SPHERE, "a.ply", PathManager(), None) and MeshGlbFormat().read("a.ply", True, "cpu", PathManager()) is None
        manager, path = PathManager(), str(tmp_path / "a.glb")
        assert MeshGlbFormat().save(SPHERE, path, manager, None) and manager.isfile(path) and not manager.isfile(str(tmp_path))
        [(name, mesh)] = load_meshes(path, manager)
        assert name is None
        close(mesh.verts_packed(), SPHERE.verts_packed())
        data = (tmp_path / "a.glb").read_bytes()
        assert data[:4] == b"glTF" and int.from_bytes(data[8:12], "little") == len(data) and len(data) % 4 == 0
