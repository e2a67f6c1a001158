"""PyTorch3D's public names by module, as of release 0.7.9: what its packages export, and what its modules define without a leading underscore."""

_PACKAGES = {
    "": "common datasets implicitron io loss ops renderer structures transforms utils vis",
    "common": "Device get_device make_device",
    "datasets": "BlenderCamera R2N2 ShapeNetCore collate_batched_R2N2 collate_batched_meshes render_cubified_voxels",
    "io": "IO load_obj load_objs_as_meshes load_ply save_obj save_ply",
    "loss": """
        chamfer_distance mesh_edge_loss mesh_laplacian_smoothing mesh_normal_consistency point_mesh_edge_distance point_mesh_face_distance
    """,
    "ops": """
        GraphConv SubdivideMeshes add_pointclouds_to_volumes add_points_features_to_volume_densities_features ball_query box3d_overlap
        convert_pointclouds_to_tensor corresponding_cameras_alignment corresponding_points_alignment cot_laplacian cubify efficient_pnp
        estimate_pointcloud_local_coord_frames estimate_pointcloud_normals eyes get_point_covariances interpolate_face_attributes is_pointclouds
        iterative_closest_point knn_gather knn_points laplacian mesh_face_areas_normals norm_laplacian packed_to_padded padded_to_packed
        sample_farthest_points sample_points_from_meshes taubin_smoothing vert_align wmean
    """,
    "renderer": """
        AbsorptionOnlyRaymarcher AlphaCompositor AmbientLights BlendParams CamerasBase DirectionalLights EmissionAbsorptionRaymarcher
        FoVOrthographicCameras FoVPerspectiveCameras GridRaysampler HardDepthShader HardFlatShader HardGouraudShader HardPhongShader
        HarmonicEmbedding HeterogeneousRayBundle ImplicitRenderer Materials MeshRasterizer MeshRenderer MeshRendererWithFragments
        MonteCarloRaysampler MultinomialRaysampler NDCGridRaysampler NDCMultinomialRaysampler NormWeightedCompositor
        OpenGLOrthographicCameras OpenGLPerspectiveCameras OrthographicCameras PerspectiveCameras PointLights PointsRasterizationSettings
        PointsRasterizer PointsRenderer PulsarPointsRenderer RasterizationSettings RayBundle SfMOrthographicCameras SfMPerspectiveCameras
        SoftDepthShader SoftGouraudShader SoftPhongShader SoftSilhouetteShader SplatterBlender SplatterPhongShader TensorProperties Textures
        TexturesAtlas TexturesUV TexturesVertex VolumeRenderer VolumeSampler camera_position_from_spherical_angles
        convert_to_tensors_and_broadcast diffuse get_world_to_view_transform gouraud_shading hard_rgb_blend join_cameras_as_batch
        look_at_rotation look_at_view_transform ndc_grid_sample ndc_to_grid_sample_coords phong_shading rasterize_meshes rasterize_points
        ray_bundle_to_ray_points ray_bundle_variables_to_ray_points rotate_on_spot sigmoid_alpha_blend softmax_rgb_blend specular
    """,
    "renderer.implicit": """
        AbsorptionOnlyRaymarcher EmissionAbsorptionRaymarcher GridRaysampler HarmonicEmbedding HeterogeneousRayBundle ImplicitRenderer
        MonteCarloRaysampler MultinomialRaysampler NDCGridRaysampler NDCMultinomialRaysampler RayBundle VolumeRenderer VolumeSampler
        ray_bundle_to_ray_points ray_bundle_variables_to_ray_points
    """,
    "renderer.mesh": """
        ClipFrustum ClippedFaces HardDepthShader HardFlatShader HardGouraudShader HardPhongShader MeshRasterizer MeshRenderer
        MeshRendererWithFragments RasterizationSettings SoftDepthShader SoftGouraudShader SoftPhongShader SoftSilhouetteShader
        SplatterPhongShader Textures TexturesAtlas TexturesBase TexturesUV TexturesVertex clip_faces
        convert_clipped_rasterization_to_original_faces gouraud_shading phong_shading rasterize_meshes
    """,
    "renderer.opengl": "EGLContext MeshRasterizerOpenGL global_device_context_store",
    "renderer.points": """
        AlphaCompositor NormWeightedCompositor PointsRasterizationSettings PointsRasterizer PointsRenderer PulsarPointsRenderer rasterize_points
    """,
    "renderer.points.pulsar": "Renderer",
    "structures": """
        Meshes Pointclouds Volumes join_meshes_as_batch join_meshes_as_scene join_pointclouds_as_batch join_pointclouds_as_scene
        list_to_packed list_to_padded packed_to_list padded_to_list
    """,
    "transforms": """
        Rotate RotateAxisAngle Scale Transform3d Translate acos_linear_extrapolation axis_angle_to_matrix axis_angle_to_quaternion
        euler_angles_to_matrix matrix_to_axis_angle matrix_to_euler_angles matrix_to_quaternion matrix_to_rotation_6d quaternion_apply
        quaternion_invert quaternion_multiply quaternion_raw_multiply quaternion_to_axis_angle quaternion_to_matrix random_quaternions
        random_rotation random_rotations rotation_6d_to_matrix se3_exp_map se3_log_map so3_exp_map so3_exponential_map so3_log_map
        so3_relative_angle so3_rotation_angle standardize_quaternion
    """,
    "utils": """
        cameras_from_opencv_projection checkerboard ico_sphere opencv_from_cameras_projection pulsar_from_cameras_projection
        pulsar_from_opencv_projection torus
    """,
    "vis": "get_camera_wireframe plot_batch_individually plot_scene texturesuv_image_PIL texturesuv_image_matplotlib",
}

_MODULES = {
    "common.compat": "meshgrid_ij prod",
    "common.datatypes": "Device get_device make_device",
    "common.linear_with_repeat": "LinearWithRepeat",
    "common.workaround": "symeig3x3",
    "datasets.shapenet_base": "ShapeNetBase",
    "io.experimental_gltf_io": "MeshGlbFormat",
    "io.mtl_io": "load_mtl make_material_atlas make_mesh_texture_atlas",
    "io.obj_io": "MeshObjFormat load_obj load_objs_as_meshes save_obj",
    "io.off_io": "MeshOffFormat",
    "io.pluggable": "IO",
    "io.pluggable_formats": "MeshFormatInterpreter PointcloudFormatInterpreter endswith",
    "io.ply_io": "MeshPlyFormat PointcloudPlyFormat load_ply save_ply",
    "io.utils": "PathOrStr",
    "loss.chamfer": "chamfer_distance",
    "loss.mesh_edge_loss": "mesh_edge_loss",
    "loss.mesh_laplacian_smoothing": "mesh_laplacian_smoothing",
    "loss.mesh_normal_consistency": "mesh_normal_consistency",
    "loss.point_mesh_distance": """
        edge_point_distance face_point_distance point_edge_distance point_face_distance point_mesh_edge_distance point_mesh_face_distance
    """,
    "ops.ball_query": "ball_query",
    "ops.cameras_alignment": "corresponding_cameras_alignment",
    "ops.cubify": "cubify ravel_index unravel_index",
    "ops.graph_conv": "GatherScatter GraphConv gather_scatter gather_scatter_python",
    "ops.interp_face_attrs": "interpolate_face_attributes interpolate_face_attributes_python",
    "ops.iou_box3d": "box3d_overlap",
    "ops.knn": "knn_gather knn_points",
    "ops.laplacian_matrices": "cot_laplacian laplacian norm_laplacian",
    "ops.marching_cubes": "Cube EPS marching_cubes marching_cubes_naive polygonise",
    "ops.marching_cubes_data": "EDGE_TO_VERTICES FACE_TABLE INDEX",
    "ops.mesh_face_areas_normals": "mesh_face_areas_normals",
    "ops.mesh_filtering": "taubin_smoothing",
    "ops.packed_to_padded": "packed_to_padded padded_to_packed",
    "ops.perspective_n_points": "EpnpSolution efficient_pnp",
    "ops.points_alignment": "AMBIGUOUS_ROT_SINGULAR_THR ICPSolution SimilarityTransform corresponding_points_alignment iterative_closest_point",
    "ops.points_normals": "estimate_pointcloud_local_coord_frames estimate_pointcloud_normals",
    "ops.points_to_volumes": "add_pointclouds_to_volumes add_points_features_to_volume_densities_features",
    "ops.sample_farthest_points": "sample_farthest_points sample_farthest_points_naive",
    "ops.sample_points_from_meshes": "sample_points_from_meshes",
    "ops.subdivide_meshes": "SubdivideMeshes create_faces_index create_verts_index",
    "ops.utils": "convert_pointclouds_to_tensor eyes get_point_covariances is_pointclouds masked_gather wmean",
    "ops.vert_align": "vert_align",
    "renderer.blending": "BlendParams hard_rgb_blend sigmoid_alpha_blend softmax_rgb_blend",
    "renderer.camera_utils": "camera_to_eye_at_up join_cameras_as_batch rotate_on_spot",
    "renderer.cameras": """
        CamerasBase FoVOrthographicCameras FoVPerspectiveCameras OpenGLOrthographicCameras OpenGLPerspectiveCameras OrthographicCameras
        PerspectiveCameras SfMOrthographicCameras SfMPerspectiveCameras camera_position_from_spherical_angles get_ndc_to_screen_transform
        get_screen_to_ndc_transform get_world_to_view_transform look_at_rotation look_at_view_transform try_get_projection_transform
    """,
    "renderer.compositing": "CompositeParams alpha_composite norm_weighted_sum weighted_sum",
    "renderer.fisheyecameras": "FishEyeCameras",
    "renderer.implicit.harmonic_embedding": "HarmonicEmbedding",
    "renderer.implicit.raymarching": "AbsorptionOnlyRaymarcher EmissionAbsorptionRaymarcher",
    "renderer.implicit.raysampling": "GridRaysampler MonteCarloRaysampler MultinomialRaysampler NDCGridRaysampler NDCMultinomialRaysampler",
    "renderer.implicit.renderer": "ImplicitRenderer VolumeRenderer VolumeSampler",
    "renderer.implicit.sample_pdf": "sample_pdf sample_pdf_python",
    "renderer.implicit.utils": "HeterogeneousRayBundle RayBundle ray_bundle_to_ray_points ray_bundle_variables_to_ray_points",
    "renderer.lighting": "AmbientLights DirectionalLights PointLights diffuse specular",
    "renderer.materials": "Materials",
    "renderer.mesh.clip": "ClipFrustum ClippedFaces clip_faces convert_clipped_rasterization_to_original_faces",
    "renderer.mesh.rasterize_meshes": """
        barycentric_coordinates barycentric_coordinates_clip edge_function kEpsilon kMaxFacesPerBin non_square_ndc_range
        pix_to_non_square_ndc point_line_distance point_triangle_distance rasterize_meshes rasterize_meshes_python
    """,
    "renderer.mesh.rasterizer": "Fragments MeshRasterizer RasterizationSettings",
    "renderer.mesh.renderer": "MeshRenderer MeshRendererWithFragments",
    "renderer.mesh.shader": """
        HardDepthShader HardFlatShader HardGouraudShader HardPhongShader ShaderBase SoftDepthShader SoftGouraudShader SoftPhongShader
        SoftSilhouetteShader SplatterPhongShader TexturedSoftPhongShader
    """,
    "renderer.mesh.shading": "flat_shading gouraud_shading phong_shading",
    "renderer.mesh.textures": "Textures TexturesAtlas TexturesBase TexturesUV TexturesVertex",
    "renderer.mesh.utils": "PackedRectangle PackedRectangles Rectangle pack_rectangles pack_unique_rectangles",
    "renderer.opengl.opengl_utils": "EGLContext global_device_context_store",
    "renderer.opengl.rasterizer_opengl": "MeshRasterizerOpenGL",
    "renderer.points.compositor": "AlphaCompositor NormWeightedCompositor",
    "renderer.points.pulsar.renderer": "Renderer",
    "renderer.points.pulsar.unified": "PulsarPointsRenderer",
    "renderer.points.rasterize_points": "kMaxPointsPerBin rasterize_points rasterize_points_python",
    "renderer.points.rasterizer": "PointFragments PointsRasterizationSettings PointsRasterizer",
    "renderer.points.renderer": "PointsRenderer",
    "renderer.splatter_blend": "SplatterBlender",
    "renderer.utils": """
        BROADCAST_TYPES TensorAccessor TensorProperties convert_to_tensors_and_broadcast format_tensor ndc_grid_sample
        ndc_to_grid_sample_coords parse_image_size
    """,
    "structures.meshes": "Meshes join_meshes_as_batch join_meshes_as_scene",
    "structures.pointclouds": "Pointclouds join_pointclouds_as_batch join_pointclouds_as_scene",
    "structures.utils": "list_to_packed list_to_padded packed_to_list padded_to_list padded_to_packed",
    "structures.volumes": "VolumeLocator Volumes",
    "transforms.math": "DEFAULT_ACOS_BOUND acos_linear_extrapolation",
    "transforms.rotation_conversions": """
        axis_angle_to_matrix axis_angle_to_quaternion euler_angles_to_matrix matrix_to_axis_angle matrix_to_euler_angles matrix_to_quaternion
        matrix_to_rotation_6d quaternion_apply quaternion_invert quaternion_multiply quaternion_raw_multiply quaternion_to_axis_angle
        quaternion_to_matrix random_quaternions random_rotation random_rotations rotation_6d_to_matrix standardize_quaternion
    """,
    "transforms.se3": "se3_exp_map se3_log_map",
    "transforms.so3": "hat hat_inv so3_exp_map so3_exponential_map so3_log_map so3_relative_angle so3_rotation_angle",
    "transforms.transform3d": "Rotate RotateAxisAngle Scale Transform3d Translate",
    "utils.camera_conversions": """
        cameras_from_opencv_projection opencv_from_cameras_projection pulsar_from_cameras_projection pulsar_from_opencv_projection
    """,
    "utils.checkerboard": "checkerboard",
    "utils.ico_sphere": "ico_sphere",
    "utils.torus": "torus",
    "vis.plotly_vis": "AxisArgs Lighting Struct get_camera_wireframe plot_batch_individually plot_scene",
    "vis.texture_vis": "texturesuv_image_PIL texturesuv_image_matplotlib",
}

NAMES = {module: names.split() for module, names in (_PACKAGES | _MODULES).items()}
