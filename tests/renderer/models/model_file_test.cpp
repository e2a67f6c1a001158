#include <bisque/renderer/models/model_file.h>

#include <functional>
#include <limits>
#include <map>

#include <bisque/core/serialization/safetensors.h>
#include <bisque/renderer/models/obj_folder.h>
#include <bisque/tests/renderer/models/figure.h>
#include <bisque/tests/renderer/models/model_testing.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;
using namespace model_test;

TEST(ModelFile, WhatIsWrittenReadsBack) {
  const TempFolder folder;
  const BlendshapeData model = seam_model();
  write_model(folder / "m.safetensors", model);
  expect_equal(read_model(folder / "m.safetensors"), model);
}

TEST(ModelFile, AModelWithoutUvsGroupsAndShapesReadsBack) {
  const TempFolder folder;
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  const BlendshapeData model = make_blendshapes(mesh);
  write_model(folder / "m.safetensors", model);
  expect_equal(read_model(folder / "m.safetensors"), model);
}

TEST(ModelFile, SeamsAndHeadWeightsReadBack) {
  const TempFolder folder;
  for (const bool with_skeleton : {false, true}) {
    const BlendshapeData model = make_blendshapes(split_in_halves(figure(with_skeleton)));
    ASSERT_FALSE(model.normal_verts.empty());
    ASSERT_EQ(model.head_weights.empty(), !with_skeleton);
    write_model(folder / "m.safetensors", model);
    expect_equal(read_model(folder / "m.safetensors"), model);
  }
}

TEST(ModelFile, AModelWithoutSeamsAndHeadWeightsHasNoTensorsForThem) {
  const TempFolder folder;
  write_model(folder / "m.safetensors", seam_model());
  const auto file = SafetensorsFile::open(folder / "m.safetensors");
  for (const char* name : {"normal_verts", "head_weights", "head_joint"}) EXPECT_EQ(file.find(name), nullptr) << name;
}

BlendshapeData dense_model(bool with_a_zero) {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  for (int s = 0; s < 20; ++s)
    mesh.morphs.push_back({"s" + std::to_string(s), {0, 1, 2}, std::vector<float>(9, static_cast<float>(s + 1))});
  if (with_a_zero) mesh.morphs[7] = {"s7", {0, 2}, {1, 2, 3, 4, 5, 6}};
  return make_blendshapes(std::move(mesh));
}

TEST(ModelFile, DeltasAreStoredInTheSmallerForm) {
  const TempFolder folder;
  for (const bool with_a_zero : {false, true}) {
    const BlendshapeData model = dense_model(with_a_zero);
    write_model(folder / "m.safetensors", model);
    const auto file = SafetensorsFile::open(folder / "m.safetensors");
    EXPECT_EQ(file.at("deltas").shape, (std::vector<int64_t>{3, 20, 3}));
    EXPECT_EQ(file.find("vert_first"), nullptr);
    expect_equal(read_model(folder / "m.safetensors"), model);
  }
  write_model(folder / "m.safetensors", seam_model());
  EXPECT_EQ(SafetensorsFile::open(folder / "m.safetensors").at("deltas").shape, (std::vector<int64_t>{9, 3}));
}

TEST(ModelFile, ArraysLieInTheMappedFileAndOutliveEverythingElse) {
  const TempFolder folder;
  for (const BlendshapeData& written : {seam_model(), dense_model(false)}) {
    write_model(folder / "m.safetensors", written);
    BlendshapeData model = read_model(folder / "m.safetensors");
    EXPECT_EQ(model.deltas.owner(), model.neutral.owner());
    EXPECT_EQ(model.faces.owner(), model.neutral.owner());
    const Array<float> deltas = model.deltas;
    model = {};
    std::filesystem::remove(folder / "m.safetensors");
    EXPECT_EQ(list(deltas), list(written.deltas));
  }
}

// A valid file of one triangle and two shapes, that each test mutates.
struct Parts {
  std::vector<float> neutral{0, 0, 0, 1, 0, 0, 0, 1, 0};
  std::vector<int32_t> faces{0, 1, 2};
  std::vector<int64_t> vert_offsets{0, 2, 2, 3};
  std::vector<int32_t> delta_shape{0, 1, 1};
  std::vector<float> deltas{1, 0, 0, 2, 0, 0, 3, 0, 0};
  std::vector<float> uvs{0, 0};
  std::vector<int32_t> uv_faces{0, -1, 0};
  std::vector<int32_t> face_groups{0};
  std::vector<int32_t> normal_verts{0, 1, 1};
  std::vector<float> head_weights{0, 0.5F, 1};
  std::vector<float> head_joint{0, 1, 0};
  std::vector<std::string> left_out;
  std::map<std::string, std::string> metadata{{"format", "bisque.blendshapes"},
                                              {"version", "1"},
                                              {"shape_names", R"(["a","b"])"},
                                              {"group_names", R"(["skin"])"},
                                              {"correctives", R"([{"shape":"b","factors":["a","a"]}])"}};

  template <class T>
  void add(std::vector<TensorView>& tensors, const std::string& name, const std::vector<T>& values,
           int64_t width) const {
    if (std::find(left_out.begin(), left_out.end(), name) != left_out.end()) return;
    const auto size = static_cast<int64_t>(values.size());
    const std::vector<int64_t> shape =
        width == 1 ? std::vector<int64_t>{size} : std::vector<int64_t>{size / width, width};
    tensors.push_back(tensor_view(name, shape, std::span<const T>(values)));
  }

  std::string bytes() const {
    std::vector<TensorView> tensors;
    add(tensors, "neutral", neutral, 3);
    add(tensors, "faces", faces, 3);
    add(tensors, "vert_first", vert_offsets, 1);
    add(tensors, "delta_shape", delta_shape, 1);
    add(tensors, "deltas", deltas, 3);
    add(tensors, "uvs", uvs, 2);
    add(tensors, "uv_faces", uv_faces, 3);
    add(tensors, "face_groups", face_groups, 1);
    add(tensors, "normal_verts", normal_verts, 1);
    add(tensors, "head_weights", head_weights, 1);
    add(tensors, "head_joint", head_joint, 1);
    const TempFolder folder;
    write_safetensors(folder / "f", tensors, metadata);
    return read_file(folder / "f");
  }
};

std::string error_with(const std::function<void(Parts&)>& spoil) {
  Parts parts;
  spoil(parts);
  const std::string bytes = parts.bytes();
  return error_of([&] { parse_model(bytes_of(bytes), "m"); });
}

TEST(ModelFile, TheUnspoiltFileIsRead) {
  const std::string bytes = Parts().bytes();
  const BlendshapeData model = parse_model(bytes_of(bytes), "m");
  EXPECT_EQ(model.num_shapes(), 2);
  EXPECT_EQ(model.correctives.at(0).factors, (std::vector<int32_t>{0, 0}));
}

TEST(ModelFile, OtherFilesAreNamed) {
  EXPECT_EQ(error_with([](Parts& p) { p.metadata.erase("format"); }),
            "m: is not a model (its __metadata__ has no \"format\": \"bisque.blendshapes\").");
  EXPECT_EQ(error_with([](Parts& p) { p.metadata["version"] = "2"; }), "m: is a model of version \"2\", expected 1.");
}

TEST(ModelFile, ErrorsOfTheMetadata) {
  EXPECT_EQ(error_with([](Parts& p) { p.metadata["shape_names"] = R"(["a",1])"; }),
            "m: shape_names is not a JSON list of strings.");
  EXPECT_EQ(error_with([](Parts& p) { p.metadata.erase("group_names"); }),
            "m: group_names: byte 1 of the JSON is not what JSON allows there.");
  EXPECT_EQ(error_with([](Parts& p) { p.metadata["shape_names"] = R"(["b","b"])"; }),
            "m: correctives refer to \"a\", which is not a shape of the model.");
  EXPECT_EQ(error_with([](Parts& p) { p.metadata["shape_names"] = R"(["a","b","b"])"; }),
            "m: shape_names holds \"b\" twice.");
  EXPECT_EQ(error_with([](Parts& p) { p.metadata["group_names"] = R"(["b","b"])"; }),
            "m: group_names holds \"b\" twice.");
  for (const char* wrong : {"{}x", R"({"a":1})", R"([1])", R"([{"shape":"a"}])", R"([{"shape":"a","factors":"b"}])",
                            R"([{"shape":"a","factors":["b"],"x":1}])", R"([{"shape":"a","factors":[1]}])"}) {
    const std::string message = error_with([&](Parts& p) { p.metadata["correctives"] = wrong; });
    EXPECT_NE(message.find("m: correctives"), std::string::npos) << wrong << " -> " << message;
  }
  EXPECT_EQ(error_with([](Parts& p) { p.metadata["correctives"] = R"([{"shape":"a","factors":["a"]}])"; }),
            "m: the corrective \"a\" is a factor of itself.");
  EXPECT_EQ(error_with([](Parts& p) { p.metadata["correctives"] = R"([{"shape":"a","factors":[]}])"; }),
            "m: the corrective \"a\" has no factors.");
  EXPECT_EQ(error_with([](Parts& p) {
              p.metadata["correctives"] = R"([{"shape":"a","factors":["b"]},{"shape":"a","factors":["b"]}])";
            }),
            "m: \"a\" is driven by two correctives.");
}

TEST(ModelFile, ErrorsOfIndices) {
  EXPECT_EQ(error_with([](Parts& p) { p.faces[1] = 3; }), "m: faces holds index 3 at place 1, expected 0 to 2.");
  EXPECT_EQ(error_with([](Parts& p) { p.faces[2] = -1; }), "m: faces holds index -1 at place 2, expected 0 to 2.");
  EXPECT_EQ(error_with([](Parts& p) { p.uv_faces[0] = 1; }), "m: uv_faces holds index 1 at place 0, expected -1 to 0.");
  EXPECT_EQ(error_with([](Parts& p) { p.face_groups[0] = -2; }),
            "m: face_groups holds index -2 at place 0, expected -1 to 0.");
  EXPECT_EQ(error_with([](Parts& p) { p.delta_shape[2] = 2; }),
            "m: delta_shape holds index 2 at place 2, expected 0 to 1.");
  EXPECT_EQ(error_with([](Parts& p) { p.delta_shape[1] = 0; }), "m: delta_shape of vertex 0 is not increasing.");
  EXPECT_EQ(error_with([](Parts& p) { p.vert_offsets = {0, 2, 1, 3}; }), "m: vert_first decreases after vertex 1.");
  EXPECT_EQ(error_with([](Parts& p) { p.vert_offsets = {0, 9, 2, 3}; }), "m: vert_first decreases after vertex 0.");
  EXPECT_EQ(error_with([](Parts& p) {
              p.vert_offsets = {0, INT64_MAX, INT64_MAX, 3};
            }),
            "m: vert_first decreases after vertex 0.");
  EXPECT_EQ(error_with([](Parts& p) {
              p.vert_offsets = {1, 2, 2, 3};
            }),
            "m: vert_first runs from 1 to 3, expected 0 to 3.");
  EXPECT_EQ(error_with([](Parts& p) {
              p.vert_offsets = {0, 2, 2, 2};
            }),
            "m: vert_first runs from 0 to 2, expected 0 to 3.");
}

TEST(ModelFile, ErrorsOfSizes) {
  EXPECT_EQ(error_with([](Parts& p) {
              p.neutral.clear(), p.vert_offsets = {0};
              p.left_out = {"normal_verts", "head_weights", "head_joint"};
            }),
            "m: has no verts or no faces.");
  EXPECT_EQ(error_with([](Parts& p) { p.vert_offsets.push_back(3); }),
            "m: tensor \"vert_first\" has shape [5], expected [4].");
  EXPECT_EQ(error_with([](Parts& p) { p.deltas.resize(6); }),
            "m: tensor \"deltas\" has shape [2, 3], expected [3, 3].");
  EXPECT_EQ(error_with([](Parts& p) { p.uv_faces.resize(6); }),
            "m: tensor \"uv_faces\" has shape [2, 3], expected [1, 3].");
  EXPECT_EQ(error_with([](Parts& p) { p.uvs.clear(); }), "m: uv_faces holds 3 values, expected 0.");
  EXPECT_EQ(error_with([](Parts& p) { p.face_groups.push_back(0); }),
            "m: tensor \"face_groups\" has shape [2], expected [1].");
  EXPECT_EQ(error_with([](Parts& p) { p.left_out = {"face_groups"}; }), "m: face_groups holds 0 values, expected 1.");
  EXPECT_EQ(error_with([](Parts& p) { p.left_out = {"uv_faces"}; }), "m: has no tensor \"uv_faces\".");
  EXPECT_EQ(error_with([](Parts& p) { p.left_out = {"uvs"}; }), "m: tensor \"uv_faces\" is present without \"uvs\".");
  EXPECT_EQ(error_with([](Parts& p) { p.left_out = {"neutral"}; }), "m: has no tensor \"neutral\".");
  EXPECT_EQ(error_with([](Parts& p) { p.left_out = {"delta_shape"}; }), "m: has no tensor \"delta_shape\".");
  EXPECT_EQ(error_with([](Parts& p) { p.left_out = {"vert_first"}; }),
            "m: tensor \"delta_shape\" is present without \"vert_first\".");
}

TEST(ModelFile, ErrorsOfValues) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(error_with([&](Parts& p) { p.neutral[4] = nan; }), "m: neutral holds a value that is not finite.");
  EXPECT_EQ(error_with([&](Parts& p) { p.deltas[8] = -infinity; }), "m: deltas holds a value that is not finite.");
  EXPECT_EQ(error_with([&](Parts& p) { p.uvs[0] = infinity; }), "m: uvs holds a value that is not finite.");
}

TEST(ModelFile, ErrorsOfSeamsAndHeadWeights) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(error_with([](Parts& p) { p.normal_verts[2] = 3; }),
            "m: normal_verts holds index 3 at place 2, expected 0 to 2.");
  EXPECT_EQ(error_with([](Parts& p) {
              p.normal_verts = {0, 2, 2};
            }),
            "m: normal_verts of vertex 1 is 2, expected the first vertex that shares its normal.");
  EXPECT_EQ(error_with([](Parts& p) {
              p.normal_verts = {0, 0, 1};
            }),
            "m: normal_verts of vertex 2 is 1, expected the first vertex that shares its normal.");
  EXPECT_EQ(error_with([](Parts& p) { p.normal_verts.pop_back(); }),
            "m: tensor \"normal_verts\" has shape [2], expected [3].");
  EXPECT_EQ(error_with([](Parts& p) { p.head_weights.pop_back(); }),
            "m: tensor \"head_weights\" has shape [2], expected [3].");
  EXPECT_EQ(error_with([](Parts& p) { p.head_joint.pop_back(); }),
            "m: tensor \"head_joint\" has shape [2], expected [3].");
  EXPECT_EQ(error_with([](Parts& p) { p.left_out = {"head_joint"}; }), "m: has no tensor \"head_joint\".");
  EXPECT_EQ(error_with([](Parts& p) { p.left_out = {"head_weights"}; }),
            "m: tensor \"head_joint\" is present without \"head_weights\".");
  EXPECT_EQ(error_with([](Parts& p) { p.head_weights[1] = 1.5F; }),
            "m: head_weights holds 1.5 at place 1, expected 0 to 1.");
  EXPECT_EQ(error_with([&](Parts& p) { p.head_weights[1] = nan; }),
            "m: head_weights holds nan at place 1, expected 0 to 1.");
  EXPECT_EQ(error_with([&](Parts& p) { p.head_joint[2] = nan; }), "m: head_joint holds a value that is not finite.");
}

TEST(ModelFile, EveryTruncationIsAnError) {
  const std::string bytes = Parts().bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(parse_model(bytes_of(std::string_view(bytes).substr(0, size)), "m"), Error) << size;
  }
}

TEST(ModelFile, AModelThatWouldNotReadBackIsNotWritten) {
  const TempFolder folder;
  BlendshapeData model = seam_model();
  model.correctives[0].factors = {9};
  EXPECT_EQ(error_of([&] { write_model(folder / "m", model); }),
            folder / "m" + ": a corrective refers to a shape outside shape_names.");
  model = seam_model();
  model.shape_names[0] = "\xFF";
  EXPECT_EQ(error_of([&] { write_model(folder / "m", model); }), folder / "m" + ": a name of the model is not UTF-8.");
  EXPECT_EQ(folder.num_files(), 0U);
}

TEST(ModelFile, TheIctFaceReadsBack) {
  BISQUE_NEEDS_SHARED(path, "ict_face");
  const TempFolder folder;
  const BlendshapeData model = read_obj_folder(path);
  write_model(folder / "m.safetensors", model);
  expect_equal(read_model(folder / "m.safetensors"), model);
}

}  // namespace
}  // namespace bisque
