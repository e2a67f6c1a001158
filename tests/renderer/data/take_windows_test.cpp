#include <bisque/renderer/data/take_windows.h>

#include <ATen/ATen.h>

#include <algorithm>

#include <bisque/core/data/data_loader.h>
#include <bisque/renderer/takes/read_take.h>
#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque::data {
namespace {

using namespace test;
using at::Tensor;
using Ints = std::vector<int64_t>;
using Names = std::vector<std::string>;

/// Frame f has the values 100 f, 100 f + 1, ...
Take take_of(int64_t frames, const Names& names = {"jawOpen", "mouthClose"}) {
  Take take;
  take.names = names;
  take.num_frames = frames;
  for (int64_t f = 0; f < frames; ++f) {
    for (size_t i = 0; i < names.size(); ++i)
      take.values.push_back(static_cast<float>(100 * f) + static_cast<float>(i));
  }
  return take;
}

/// Where the windows start, and how many frames of theirs are the take's.
struct Cut {
  Ints firsts, counts;
  bool operator==(const Cut&) const = default;
};
Cut cut(int64_t frames, const TakeWindowsOptions& options) {
  const TakeWindows windows(std::vector<Take>{take_of(frames)}, options);
  Cut result;
  for (int64_t i = 0; i < windows.size(); ++i) {
    const TakeWindow window = windows[i];
    result.firsts.push_back(window.first_frame);
    result.counts.push_back(window.num_frames);
    const Tensor frame =
        at::arange(window.first_frame, window.first_frame + options.length).clamp_max(frames - 1) * 100;
    EXPECT_TRUE(window.coefficients.equal(at::stack({frame, frame + 1}, 1).to(at::kFloat)));
  }
  return result;
}

TEST(TakeWindows, CutsByLengthStrideAndTail) {
  EXPECT_EQ(cut(10, {.length = 4}), (Cut{{0, 4}, {4, 4}}));
  EXPECT_EQ(cut(10, {.length = 4, .tail = Tail::kPad}), (Cut{{0, 4, 8}, {4, 4, 2}}));
  EXPECT_EQ(cut(8, {.length = 4, .tail = Tail::kPad}), (Cut{{0, 4}, {4, 4}}));
  EXPECT_EQ(cut(10, {.length = 4, .stride = 3}), (Cut{{0, 3, 6}, {4, 4, 4}}));
  EXPECT_EQ(cut(11, {.length = 4, .stride = 3, .tail = Tail::kPad}), (Cut{{0, 3, 6, 9}, {4, 4, 4, 2}}));
  EXPECT_EQ(cut(10, {.length = 2, .stride = 5, .tail = Tail::kPad}), (Cut{{0, 5}, {2, 2}})) << "gaps are not tail";
  EXPECT_EQ(cut(11, {.length = 2, .stride = 5, .tail = Tail::kPad}), (Cut{{0, 5, 10}, {2, 2, 1}}));
  EXPECT_EQ(cut(3, {.length = 4}), Cut{}) << "shorter than a window";
  EXPECT_EQ(cut(3, {.length = 4, .tail = Tail::kPad}), (Cut{{0}, {3}}));
  EXPECT_EQ(cut(3, {}), (Cut{{0, 1, 2}, {1, 1, 1}}));
  EXPECT_EQ(cut(5, {.length = 2, .stride = INT64_MAX, .tail = Tail::kPad}), (Cut{{0}, {2}}));
}

/// For any length and stride up to it: no frame is lost, none is in a window that it is not in, and kDrop is a prefix.
TEST(TakeWindows, LosesNoFrameWhereTheTailIsKept) {
  for (int64_t frames = 1; frames <= 12; ++frames) {
    for (int64_t length = 1; length <= 13; ++length) {
      for (int64_t stride = 1; stride <= length; ++stride) {
        const Cut kept = cut(frames, {.length = length, .stride = stride, .tail = Tail::kPad});
        ASSERT_EQ(kept.firsts.back() + kept.counts.back(), frames);
        Cut dropped = cut(frames, {.length = length, .stride = stride});
        if (kept.counts.back() < length) {
          dropped.firsts.push_back(kept.firsts.back());
          dropped.counts.push_back(kept.counts.back());
        }
        ASSERT_EQ(kept, dropped) << frames << " " << length << " " << stride;
      }
    }
  }
}

TEST(TakeWindows, TakesOneAfterTheOtherAndFindsColumnsByName) {
  const std::vector<Take> takes{take_of(4), take_of(1), take_of(6, {"MouthClose", "headYaw", "JawOpen"})};
  const TakeWindows windows(takes, {.length = 2});
  EXPECT_EQ(windows.names(), takes[0].names);
  ASSERT_EQ(windows.size(), 5);
  EXPECT_EQ(windows[1].take, 0);
  const TakeWindow third = windows[3];
  EXPECT_EQ(third.take, 2);
  EXPECT_EQ(third.first_frame, 2);
  EXPECT_TRUE(third.coefficients.equal(at::tensor({202.f, 200.f, 302.f, 300.f}).view({2, 2})));
  const TakeWindows jaw(takes, {.length = 3, .names = {"JAW_OPEN"}});
  EXPECT_TRUE(jaw[1].coefficients.equal(at::tensor({2.f, 102.f, 202.f}).view({3, 1})));
}

TEST(TakeWindows, BindsColumnsAsModelsDo) {
  const std::vector<Take> takes{take_of(2, {"jaw_open", "browInnerUp", "HeadYaw", "JawOpen"}),
                                take_of(2, {"browInnerUp_L", "browInnerUp_R", "jawOpen", "headYaw"})};
  const TakeWindows whole(takes, {.length = 2, .names = {"jawOpen", "browInnerUp", "headYaw"}});
  EXPECT_TRUE(whole[0].coefficients.equal(at::tensor({3.f, 1.f, 2.f, 103.f, 101.f, 102.f}).view({2, 3})));
  EXPECT_TRUE(whole[1].coefficients.equal(at::tensor({2.f, 0.5f, 3.f, 102.f, 100.5f, 103.f}).view({2, 3})));
  EXPECT_EQ(whole.notes(), Names{"TakeWindows: take 0: Columns \"JawOpen\" and \"jaw_open\" both match the shape "
                                 "\"jawOpen\"; the first of these is used."});
  const TakeWindows halves(takes, {.length = 1, .names = {"browInnerUp_R", "browInnerUp_L"}});
  EXPECT_TRUE(halves[0].coefficients.equal(at::tensor({1.f, 1.f}).view({1, 2})));
  EXPECT_TRUE(halves[2].coefficients.equal(at::tensor({1.f, 0.f}).view({1, 2})));
}

TEST(TakeWindows, SaysWhatIsWrong) {
  const std::vector<Take> one{take_of(4)};
  EXPECT_EQ(error_of([&] { TakeWindows(one, {.length = 0}); }),
            "TakeWindows: expected a length of 1 or more, but got 0.");
  EXPECT_EQ(error_of([&] { TakeWindows(one, {.stride = -1}); }),
            "TakeWindows: expected a stride of 0 or more, but got -1.");
  EXPECT_EQ(error_of([] { TakeWindows(std::vector<Take>{}, {}); }),
            "TakeWindows: expected one take or more, but got none.");
  EXPECT_EQ(error_of([] {
              TakeWindows({take_of(1), take_of(1, {"jawOpen", "mouthClosed"})}, {});
            }),
            "TakeWindows: take 1: has no column \"mouthClose\"; the nearest are mouthClosed, jawOpen.");
  EXPECT_EQ(error_of([&] { TakeWindows(one, {.names = {"headYaw"}}); }),
            "TakeWindows: take 0: has no column \"headYaw\"; the nearest are jawOpen, mouthClose.");
  EXPECT_EQ(error_of([&] { TakeWindows(one, {.length = 4})[1]; }),
            "TakeWindows: expected an index in [0, 1), but got 1.");
  const TempFolder folder;
  const std::string good = folder.write("a.json", R"([{"jawOpen": 1}])"), bad = folder.write("b.json", "[");
  EXPECT_EQ(error_of([&] { TakeWindows({good, bad}, {}); }).rfind(bad + ": ", 0), 0);
  const std::string other = folder.write("c.json", R"([{"tongueOut": 1}])");
  EXPECT_EQ(error_of([&] {
              TakeWindows({good, other}, {});
            }),
            other + ": has no column \"jawOpen\"; the nearest are tongueOut.");
}

TEST(TakeWindows, AreLoadedInBatches) {
  const TempFolder folder;
  const std::string a = folder.write("a.csv", take_test::csv({"00:00:00:00.000", "00:00:00:06.000"}));
  const std::string b =
      folder.write("b.json", R"([{"jawOpen": 1, "eyeBlinkLeft": 2}, {"jawOpen": 3, "eyeBlinkLeft": 4}])");
  const TakeWindows windows(std::vector<std::string>{a, b}, {.length = 3, .tail = Tail::kPad, .names = {"jawOpen"}});
  ASSERT_EQ(windows.size(), 4);
  EXPECT_EQ(windows.rates().size(), 2);
  for (const WorkerKind kind : {WorkerKind::kThread, WorkerKind::kProcess}) {
    for (const int workers : {0, 2}) {
      if (workers == 0 && kind == WorkerKind::kProcess) continue;
      DataLoader loader(windows, {.batch_size = 4, .num_workers = workers, .worker_kind = kind});
      for (auto& [coefficients, take, first_frame, num_frames] : loader) {
        ASSERT_EQ(coefficients.sizes(), (Ints{4, 3, 1}));
        EXPECT_TRUE(coefficients[3].view({3}).equal(at::tensor({1.f, 3.f, 3.f})));
        EXPECT_TRUE(take.equal(at::tensor({0, 0, 0, 1}, at::kLong)));
        EXPECT_TRUE(first_frame.equal(at::tensor({0, 3, 6, 0}, at::kLong)));
        EXPECT_TRUE(num_frames.equal(at::tensor({3, 3, 1, 2}, at::kLong)));
      }
    }
  }
}

TEST(TakeWindows, OfRealTakesAreTheirFrames) {
  BISQUE_NEEDS_SHARED(dao, "live_link/dao.csv");
  BISQUE_NEEDS_SHARED(debug, "live_link/debug-all-blendshapes.packets");
  const std::vector<std::string> paths{dao, debug};
  const TakeWindows windows(paths, {.length = 32, .stride = 8, .tail = Tail::kPad});
  DataLoader loader(windows, {.batch_size = 16, .shuffle = true, .num_workers = 2});
  const Take takes[] = {read_take(dao), read_take(debug)};
  ASSERT_EQ(windows.names(), takes[0].names);
  std::vector<std::vector<bool>> seen;
  for (const Take& take : takes) seen.emplace_back(static_cast<size_t>(take.num_frames));
  for (auto& [coefficients, take, first_frame, num_frames] : loader) {
    for (int64_t i = 0; i < coefficients.size(0); ++i) {
      const auto t = static_cast<size_t>(take[i].item<int64_t>());
      const int64_t first = first_frame[i].item<int64_t>(), count = num_frames[i].item<int64_t>();
      ASSERT_EQ(takes[t].names.size(), 61U);
      const Tensor frames = at::from_blob(const_cast<float*>(takes[t].values.data()), {takes[t].num_frames, 61});
      ASSERT_TRUE(coefficients[i].slice(0, 0, count).equal(frames.slice(0, first, first + count)));
      for (int64_t f = first; f < first + count; ++f) seen[t][static_cast<size_t>(f)] = true;
    }
  }
  for (const auto& frames : seen) EXPECT_EQ(std::count(frames.begin(), frames.end(), false), 0);
}

}  // namespace
}  // namespace bisque::data
