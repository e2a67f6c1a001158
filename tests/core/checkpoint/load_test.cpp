// Loading features of C++ only: options, limits, temporaries.
#include <bisque/core/checkpoint/load.h>

#include <ATen/ATen.h>

#include <string>

#include <bisque/core/checkpoint/save.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

Value load_text(const std::string& file, const ReadOptions& options = {}) {
  return load(std::as_bytes(std::span(file)), options);
}

TEST(Load, ItsValueMayBeATemporary) {
  const TempFolder folder;
  save(Dict{{"a", at::ones({2})}, {"b", Dict{{"c", 7}}}}, folder / "x.pt");
  std::string names;
  for (auto& [name, value] : load(folder / "x.pt").as<Dict>()) names += name;
  EXPECT_EQ(names, "ab");
  EXPECT_EQ(load(folder / "x.pt").as<Dict>().at("b").as<Dict>().at("c").as<int64_t>(), 7);
}

TEST(Load, TakesDevicesAndTheirTypesAndNames) {
  const std::string file = save_to_string(at::ones({2}));
  EXPECT_TRUE(load_text(file, {.map_location = at::kCPU}).as<at::Tensor>().is_cpu());
  EXPECT_TRUE(load_text(file, {.map_location = at::Device(at::kMeta)}).as<at::Tensor>().is_meta());
  EXPECT_TRUE(load_text(file, {.map_location = "meta"}).as<at::Tensor>().is_meta());
  EXPECT_TRUE(load_text(file, {.map_location = std::string("meta")}).as<at::Tensor>().is_meta());
}

TEST(Load, CountsTheBytesOfValues) {
  List texts;
  for (int i = 0; i < 1000; ++i) texts.emplace_back(std::string(1000, 'x'));
  const std::string file = save_to_string(texts);
  EXPECT_EQ(load_text(file).as<List>().size(), 1000u);
  EXPECT_EQ(load_text(file, {.max_bytes = size_t{2} << 20}).as<List>().size(), 1000u);
  EXPECT_EQ(error_of([&] { load_text(file, {.max_bytes = size_t{1} << 20}); }),
            "buffer: its values take more than 1048576 bytes of memory, as it repeats large values; raise "
            "ReadOptions::max_bytes for that.");
}

TEST(Save, RejectsAFrozenset) {
  Set frozen{1, 2};
  frozen.is_frozen = true;
  EXPECT_EQ(error_of([&] { save_to_string(frozen); }),
            "save: a frozenset cannot be saved, since torch.load(weights_only=True) does not read it; expected a set "
            "(is_frozen = false) or a tuple.");
}

}  // namespace
}  // namespace bisque
