from harness import ict, peer


def pyrender_frames(samples: int):
    """The usual way to animate a mesh with pyrender: new verts and normals into a new Mesh each frame, and a picture and depth back."""
    import numpy as np
    import pyrender
    import torch
    import trimesh

    # pyrender takes four samples per pixel, whatever is requested.
    allocate = pyrender.renderer.glRenderbufferStorageMultisample
    pyrender.renderer.glRenderbufferStorageMultisample = lambda target, _, *rest: allocate(
        target, 0 if samples == 1 else samples, *rest
    )
    arrays = ict.scene()
    frames = ict.each(arrays["coefficients"])
    neutral, deltas = arrays["neutral"].view(1, -1), ict.dense_deltas(arrays).flatten(1)
    faces = arrays["faces"].numpy()
    fov, znear, zfar = arrays["fov_znear_zfar"].tolist()
    # OpenGL's camera looks along -Z with +X to the right; ours along +Z with +X to the left.
    pose = np.eye(4)
    pose[:3, :3] = arrays["R"][0].numpy() @ np.diag([-1, 1, -1])
    pose[:3, 3] = arrays["camera_position"][0].numpy()
    scene = pyrender.Scene(ambient_light=[0.03, 0.03, 0.03])
    scene.add(pyrender.PerspectiveCamera(yfov=np.radians(fov), znear=znear, zfar=zfar), pose=pose)
    for direction, color in zip(arrays["lights"].numpy(), arrays["light_colors"].numpy()):
        toward = trimesh.geometry.align_vectors([0, 0, 1], direction[:3])  # its lights shine along -Z
        scene.add(pyrender.DirectionalLight(color=color / color.max(), intensity=3 * color.max()), pose=toward)
    renderer = pyrender.OffscreenRenderer(512, 512)
    material = pyrender.MetallicRoughnessMaterial(metallicFactor=0.0, roughnessFactor=0.6)
    shown = None

    def call():
        nonlocal shown
        verts = torch.addmm(neutral, next(frames), deltas).view(-1, 3).numpy()
        mesh = trimesh.Trimesh(verts, faces, process=False)
        if shown:
            scene.remove_node(shown)
        shown = scene.add(pyrender.Mesh.from_trimesh(mesh, material=material))
        return renderer.render(scene)

    return call


@peer("render_ict_512", "pyrender on EGL")
def one_sample():
    return pyrender_frames(1)


@peer("render_ict_512_s4", "pyrender on EGL")
def four_samples():
    return pyrender_frames(4)
