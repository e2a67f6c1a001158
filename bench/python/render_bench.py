from harness import bench, ict


@bench(
    "py_render_512",
    work="a script for PyTorch3D with the import changed: Phong shading of the ICT head, 512 x 512, 1 face a pixel, other verts at each call",
    note="the peer's figure is of another machine",
    needs="ict",
    recorded=("PyTorch3D on the CPU", 44500),
)
def render():
    import torch

    ict.ops()  # makes the package of the tree importable
    from bisque3d.renderer import (
        FoVPerspectiveCameras,
        HardPhongShader,
        MeshRasterizer,
        MeshRenderer,
        PointLights,
        RasterizationSettings,
        TexturesVertex,
    )
    from bisque3d.structures import Meshes

    scene = ict.scene()
    fov, znear, zfar = scene["fov_znear_zfar"].tolist()
    cameras = FoVPerspectiveCameras(znear=znear, zfar=zfar, fov=fov, R=scene["R"], T=scene["T"])
    renderer = MeshRenderer(
        rasterizer=MeshRasterizer(cameras=cameras, raster_settings=RasterizationSettings(image_size=512, blur_radius=0.0, faces_per_pixel=1)),
        shader=HardPhongShader(cameras=cameras, lights=PointLights(location=scene["camera_position"])),
    )
    frames, faces = ict.each(scene["verts"]), scene["faces"]

    def call():
        verts = next(frames)[0]
        textures = TexturesVertex(verts_features=torch.ones_like(verts)[None])
        return renderer(Meshes(verts=[verts], faces=[faces], textures=textures))

    return call
