#include <bisque/renderer/animation/render_take.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <bisque/renderer/models/demo_head.h>
#include <bisque/renderer/takes/demo_take.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using test::error_of;
using test::TempFolder;

const BlendshapeData& demo_data() {
  static const BlendshapeData data = make_blendshapes(make_demo_head());
  return data;
}

const WhiteModelRenderer& demo_renderer() {
  static const auto model = std::make_shared<BlendshapeModel>(demo_data());
  static const WhiteModelRenderer renderer(model, fit_camera(model->framed_verts(), 1), {32, 32, 1});
  return renderer;
}

/// `frames` frames from the middle of the demo take, which has 30 Hz.
Animation demo_animation(int64_t frames) { return {demo_data(), make_demo_take(), {.part = {20, 20 + frames}}}; }

/// Keeps the frames; fails at frame `fails_at`.
struct KeepingSink : FrameSink {
  void write(Picture picture) override {
    if (static_cast<int64_t>(frames.size()) == fails_at) fail("the disk is full.");
    frames.push_back(std::move(picture.pixels));
  }
  void finish() override { is_finished = true; }

  std::vector<std::vector<uint8_t>> frames;
  bool is_finished = false;
  int64_t fails_at = -1;
};

/// Sets libtorch's number of threads for a test.
struct NumThreads {
  explicit NumThreads(int count) { at::set_num_threads(count); }
  ~NumThreads() { at::set_num_threads(before); }
  int before = at::get_num_threads();
};

TEST(RenderTake, WritesEachFrameInOrder) {
  const Animation animation = demo_animation(5);
  KeepingSink sink;
  EXPECT_TRUE(render_take(demo_renderer(), animation, sink));
  EXPECT_TRUE(sink.is_finished);
  ASSERT_EQ(sink.frames.size(), 5u);
  for (int i = 0; i < 5; ++i) {
    const auto picture = demo_renderer()(animation.coefficients(i / 30.0), animation.pose(i / 30.0));
    EXPECT_EQ(sink.frames[i], to_picture(picture[0], RenderTakeOptions().background).pixels) << i;
  }
  EXPECT_NE(sink.frames[0], sink.frames[4]);
}

TEST(RenderTake, AStillIsOneFrame) {
  KeepingSink sink;
  EXPECT_TRUE(render_take(demo_renderer(), Animation(demo_data()), sink, {.background = std::nullopt}));
  ASSERT_EQ(sink.frames.size(), 1u);
  EXPECT_EQ(sink.frames[0].size(), 32u * 32 * 4);
}

TEST(RenderTake, AnotherRateAndNumberOfFrames) {
  KeepingSink sink, twice, three;
  render_take(demo_renderer(), demo_animation(4), sink);
  render_take(demo_renderer(), demo_animation(4), twice, {.rate = FrameRate{60, 1}});
  ASSERT_EQ(twice.frames.size(), 8u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(twice.frames[2 * i], sink.frames[i]);
  render_take(demo_renderer(), demo_animation(4), three, {.num_frames = 3});
  EXPECT_EQ(three.frames, std::vector(sink.frames.begin(), sink.frames.begin() + 3));
}

TEST(RenderTake, TheSameForAnyNumberOfThreadsWhichStays) {
  KeepingSink one, three, in_little_memory;
  {
    const NumThreads threads(1);
    render_take(demo_renderer(), demo_animation(6), one);
  }
  const NumThreads threads(3);
  render_take(demo_renderer(), demo_animation(6), three);
  EXPECT_EQ(at::get_num_threads(), 3);
  render_take(demo_renderer(), demo_animation(6), in_little_memory, {.max_bytes = 1});
  EXPECT_EQ(three.frames, one.frames);
  EXPECT_EQ(in_little_memory.frames, one.frames);
}

TEST(RenderTake, ReportsProgress) {
  KeepingSink sink;
  std::vector<std::pair<int64_t, int64_t>> told;
  render_take(demo_renderer(), demo_animation(3), sink,
              {.progress = [&](int64_t done, int64_t total) { told.emplace_back(done, total); }});
  EXPECT_EQ(told, (std::vector<std::pair<int64_t, int64_t>>{{1, 3}, {2, 3}, {3, 3}}));
}

TEST(RenderTake, StopsWhenCancelled) {
  for (const int threads : {1, 3}) {
    const NumThreads of_libtorch(threads);
    for (const int64_t last : {0, 2, 6}) {
      KeepingSink sink;
      std::stop_source source;
      if (last == 0) source.request_stop();
      const auto progress = [&](int64_t done, int64_t) {
        if (done == last) source.request_stop();
      };
      EXPECT_FALSE(
          render_take(demo_renderer(), demo_animation(6), sink, {.progress = progress, .stop = source.get_token()}));
      EXPECT_EQ(static_cast<int64_t>(sink.frames.size()), last);
      EXPECT_FALSE(sink.is_finished);
    }
  }
}

/// The files in a folder after a take of 6 frames was cancelled after the third.
std::vector<std::string> files_after_cancelling(const std::string& name) {
  const TempFolder folder;
  {
    std::stop_source source;
    const auto sink = open_sink(folder / name, 32, 32, {30, 1});
    const auto progress = [&](int64_t done, int64_t) {
      if (done == 3) source.request_stop();
    };
    EXPECT_FALSE(
        render_take(demo_renderer(), demo_animation(6), *sink, {.progress = progress, .stop = source.get_token()}));
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / ".")) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(RenderTake, ACancelledVideoLeavesNothing) { EXPECT_TRUE(files_after_cancelling("a.mp4").empty()); }

TEST(RenderTake, ACancelledSequenceLeavesCompletePicturesOnly) {
  for (const auto& name : files_after_cancelling("%d.png")) {
    EXPECT_TRUE(name == "0.png" || name == "1.png" || name == "2.png") << name;
  }
}

TEST(RenderTake, AnErrorOfTheSinkEndsIt) {
  for (const int threads : {1, 3}) {
    const NumThreads of_libtorch(threads);
    KeepingSink sink;
    sink.fails_at = 2;
    EXPECT_EQ(error_of([&] { render_take(demo_renderer(), demo_animation(6), sink); }), "the disk is full.");
    EXPECT_EQ(sink.frames.size(), 2u);
    EXPECT_FALSE(sink.is_finished);
  }
}

TEST(RenderTake, AnAnimationOfAnotherModelIsAnError) {
  MeshData mesh = make_demo_head();
  mesh.morphs.resize(3);
  KeepingSink sink;
  const int64_t shapes = static_cast<int64_t>(make_demo_head().morphs.size());
  EXPECT_EQ(error_of([&] { render_take(demo_renderer(), Animation(make_blendshapes(mesh)), sink); }),
            "render_take: the renderer's model has " + std::to_string(shapes) +
                " shapes and the animation's has 3, expected one model.");
}

/// Gives out frames, from any thread, and keeps the pictures.
struct Frames {
  explicit Frames(std::vector<int64_t> frames) : wanted(std::move(frames)) {}
  std::optional<int64_t> next() {
    const std::lock_guard lock(mutex);
    if (wanted.empty()) return std::nullopt;
    const int64_t frame = wanted.back();
    wanted.pop_back();
    return frame;
  }
  void use(int64_t frame, Picture picture) {
    const std::lock_guard lock(mutex);
    if (frame == fails_at) fail("the disk is full.");
    EXPECT_TRUE(pictures.emplace(frame, std::move(picture.pixels)).second);
  }
  void render(const RenderTakeOptions& options = {}) {
    render_frames(
        demo_renderer(), demo_animation(6), [this] { return next(); },
        [this](int64_t frame, Picture picture) { use(frame, std::move(picture)); }, options);
  }

  std::mutex mutex;
  std::vector<int64_t> wanted;
  std::map<int64_t, std::vector<uint8_t>> pictures;
  int64_t fails_at = -1;
};

TEST(RenderFrames, RendersTheFramesThatAreNamed) {
  KeepingSink all;
  render_take(demo_renderer(), demo_animation(6), all);
  for (const int threads : {1, 3}) {
    const NumThreads of_libtorch(threads);
    Frames frames({5, 1, 4, 2});
    frames.render();
    EXPECT_EQ(at::get_num_threads(), threads);
    ASSERT_EQ(frames.pictures.size(), 4u);
    for (const auto& [frame, pixels] : frames.pictures) EXPECT_EQ(pixels, all.frames[static_cast<size_t>(frame)]);
  }
}

TEST(RenderFrames, AnErrorEndsAllThreads) {
  for (const int threads : {1, 3}) {
    const NumThreads of_libtorch(threads);
    Frames frames(std::vector<int64_t>(1000, 0));
    frames.fails_at = 0;
    EXPECT_EQ(error_of([&] { frames.render(); }), "the disk is full.");
    EXPECT_GT(frames.wanted.size(), 900u);
  }
}

TEST(RenderFrames, EndsWhenItIsCancelled) {
  Frames frames({0, 1, 2});
  std::stop_source source;
  source.request_stop();
  frames.render({.stop = source.get_token()});
  EXPECT_TRUE(frames.pictures.empty());
}

}  // namespace
}  // namespace bisque
