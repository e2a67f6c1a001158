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


@peer("render_ict_512_vtk", "VTK on EGL")
def vtk_frames():
    """New verts of one vtkPolyData each frame, and the picture back. Normals are those of the faces, which the shader computes."""
    import numpy as np
    import torch
    import vtk
    from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy

    arrays = ict.scene()
    frames = ict.each(arrays["coefficients"])
    neutral, deltas = arrays["neutral"].view(1, -1), ict.dense_deltas(arrays).flatten(1)
    faces = arrays["faces"].numpy()
    cells = vtk.vtkCellArray()
    cells.SetData(numpy_to_vtkIdTypeArray(np.arange(0, 3 * len(faces) + 1, 3), deep=1), numpy_to_vtkIdTypeArray(faces.ravel(), deep=1))
    mesh, points = vtk.vtkPolyData(), vtk.vtkPoints()
    mesh.SetPoints(points)
    mesh.SetPolys(cells)
    mapper, actor = vtk.vtkPolyDataMapper(), vtk.vtkActor()
    mapper.SetInputData(mesh)
    actor.SetMapper(mapper)
    renderer, window = vtk.vtkRenderer(), vtk.vtkRenderWindow()
    renderer.AddActor(actor)
    renderer.RemoveAllLights()
    for direction, color in zip(arrays["lights"].tolist(), arrays["light_colors"].tolist()):
        light = vtk.vtkLight()
        light.SetPosition(direction[:3])
        light.SetFocalPoint(0, 0, 0)
        light.SetColor(color)
        renderer.AddLight(light)
    position, axes = arrays["camera_position"][0].numpy(), arrays["R"][0].numpy()
    fov, znear, zfar = arrays["fov_znear_zfar"].tolist()
    camera = renderer.GetActiveCamera()
    camera.SetPosition(position.tolist())
    camera.SetFocalPoint((position + axes[:, 2]).tolist())
    camera.SetViewUp(axes[:, 1].tolist())
    camera.SetViewAngle(fov)
    camera.SetClippingRange(znear, zfar)
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(512, 512)
    window.AddRenderer(renderer)
    pixels = vtk.vtkUnsignedCharArray()

    def call():
        verts = torch.addmm(neutral, next(frames), deltas).view(-1, 3).numpy()
        points.SetData(numpy_to_vtk(verts, deep=1))
        window.Render()
        window.GetPixelData(0, 0, 511, 511, 0, pixels, 0)
        return vtk_to_numpy(pixels).reshape(512, 512, 3)

    return call
