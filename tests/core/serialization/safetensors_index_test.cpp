#include <bisque/core/serialization/safetensors_index.h>

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

const std::string kIndex = "model.safetensors.index.json";

// A shard whose tensors are one byte each.
std::string shard(const std::vector<std::string>& names) {
  std::string header;
  for (size_t i = 0; i < names.size(); ++i) {
    header += (i > 0 ? R"(,")" : R"(")") + names[i] + R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" +
              std::to_string(i) + "," + std::to_string(i + 1) + "]}";
  }
  return safetensors_bytes("{" + header + "}", std::string(names.size(), 'x'));
}

std::string parse_error(const std::string& text, const SafetensorsIndexLimits& limits = {}) {
  return error_of([&] { parse_safetensors_index(text, "f", limits); });
}

// The error, after the path, of opening an index with this weight_map beside shards 1 {a, b} and 2 {c}.
std::string open_error(const std::string& weight_map) {
  const TempFolder folder;
  folder.write("1.safetensors", shard({"a", "b"}));
  folder.write("2.safetensors", shard({"c"}));
  const std::string path = folder.write(kIndex, R"({"weight_map":{)" + weight_map + "}}");
  const std::string message = error_of([&] { ShardedSafetensors::open(path); });
  const std::string& prefix = message.starts_with(path) ? path : folder.path();
  return message.substr(std::min(message.size(), prefix.size()));
}

TEST(SafetensorsIndex, ReadsWhatHuggingFaceWrites) {
  const auto index = parse_safetensors_index(
      R"({"metadata": {"total_size": 12, "total_parameters": 3, "format": "pt", "more": {"a": [1.5]}},
          "weight_map": {"b": "m-00002-of-00002.safetensors", "a": "m-00001-of-00002.safetensors"}})",
      "f");
  EXPECT_EQ(index.metadata,
            (std::map<std::string, std::string>{
                {"total_size", "12"}, {"total_parameters", "3"}, {"format", "pt"}, {"more", R"({"a":[1.5]})"}}));
  EXPECT_EQ(index.weight_map.at("b"), "m-00002-of-00002.safetensors");
  EXPECT_EQ(index.weight_map.size(), 2U);
  EXPECT_TRUE(parse_safetensors_index(R"({"weight_map": {}})", "f").weight_map.empty());
}

TEST(SafetensorsIndex, OpensItsShards) {
  const TempFolder folder;
  folder.write("1.safetensors", shard({"a", "b"}));
  folder.write("2.safetensors", shard({"c"}));
  const std::string path =
      folder.write(kIndex, R"({"weight_map":{"c":"2.safetensors","a":"1.safetensors","b":"1.safetensors"}})");
  const auto file = ShardedSafetensors::open(path);
  ASSERT_EQ(file.shards().size(), 2U);
  EXPECT_EQ(file.shards()[0].where(), folder / "1.safetensors");
  EXPECT_EQ(file.at("b").name, "b");
  EXPECT_EQ(file.find("c"), &file.shards()[1]);
  EXPECT_EQ(file.find("d"), nullptr);
  EXPECT_EQ(error_of([&] { file.at("d"); }), path + ": has no tensor \"d\".");
}

TEST(SafetensorsIndex, HostileTexts) {
  const auto member = [](const std::string& member) { return R"({"weight_map":{}, )" + member + "}"; };
  EXPECT_EQ(parse_error(""), "f: byte 1 of the JSON is not what JSON allows there.");
  EXPECT_EQ(parse_error("{} {}"), "f: byte 4 of the JSON is not what JSON allows there.");
  EXPECT_EQ(parse_error("[]"), "f: is not a JSON object, as the index of safetensors files is.");
  EXPECT_EQ(parse_error("{}"), "f: has no weight_map, as the index of safetensors files does.");
  EXPECT_EQ(parse_error(R"({"weight_map":[]})"), "f: weight_map is not a JSON object.");
  EXPECT_EQ(parse_error(member(R"("metadata":[])")), "f: metadata is not a JSON object.");
  EXPECT_EQ(parse_error(member(R"("x":1)")), "f: has an unknown key \"x\", expected metadata and weight_map.");
  EXPECT_EQ(parse_error(member(R"("weight_map":{})")), "f: JSON key \"weight_map\" appears twice in one object.");
  EXPECT_EQ(parse_error(R"({"weight_map":{"a":"1","a":"2"}})"), "f: JSON key \"a\" appears twice in one object.");
  EXPECT_EQ(parse_error(member(R"("metadata":{"x":[[[[[[[]]]]]]]})")), "f: JSON is nested deeper than 8 levels.");
  for (const std::string size : {"-1", "1.5", "\"12\"", "null"}) {
    const std::string shown = size == "\"12\"" ? "\\x2212\\x22" : size;
    EXPECT_EQ(parse_error(member(R"("metadata":{"total_size":)" + size + "}")),
              "f: total_size is " + shown + ", expected a non-negative integer.");
  }
  EXPECT_EQ(parse_error(R"({"weight_map":{"a":1}})"),
            "f: weight_map places tensor \"a\" in 1, expected the name of a file.");
  EXPECT_EQ(parse_error(R"({"weight_map":{"a":"1"}})", {.max_bytes = 23, .max_shards = 1}),
            "f: holds 24 bytes of JSON, expected at most 23.");
  EXPECT_EQ(parse_error(R"({"weight_map":{"a":"1","b":"2"}})", {.max_bytes = 99, .max_shards = 1}),
            "f: weight_map lists more than 1 files, which is the limit.");
  EXPECT_EQ(parse_error(R"({"weight_map":{"a":"1","b":"1"}})", {.max_bytes = 99, .max_shards = 1}), "");
}

TEST(SafetensorsIndex, ShardsAreFilesBesideTheIndex) {
  for (const std::string name :
       {"", ".", "..", "../x.safetensors", "/etc/passwd", "a/b.safetensors", "a/", R"(..\\x)", R"(x\u0000)"}) {
    const std::string message = parse_error(R"({"weight_map":{"a":")" + name + R"("}})");
    EXPECT_TRUE(message.starts_with("f: weight_map places tensor \"a\" in \"")) << name << message;
    EXPECT_TRUE(message.ends_with(", expected the name of a file beside the index.")) << name << message;
  }
}

TEST(SafetensorsIndex, IndexAndShardsAgree) {
  const std::string ab = R"("a":"1.safetensors","b":"1.safetensors")";
  const std::string good = ab + R"(,"c":"2.safetensors")";
  EXPECT_EQ(open_error(good), "");
  EXPECT_EQ(open_error(good + R"(,"d":"2.safetensors")"),
            ": 2.safetensors has no tensor \"d\", which weight_map places there.");
  EXPECT_EQ(open_error(R"("a":"1.safetensors","c":"2.safetensors")"),
            ": 1.safetensors holds tensor \"b\", which weight_map does not have.");
  EXPECT_EQ(open_error(ab + R"(,"c":"1.safetensors")"),
            ": 1.safetensors has no tensor \"c\", which weight_map places there.");
  EXPECT_EQ(open_error(R"("a":"1.safetensors","b":"2.safetensors","c":"2.safetensors")"),
            ": 1.safetensors holds tensor \"b\", which weight_map places in \"2.safetensors\".");
  EXPECT_EQ(open_error(good + R"(,"d":"3.safetensors")"),
            "/3.safetensors: cannot be opened for reading (No such file or directory).");
  expect_contains(open_error(good + R"(,"d":"model.safetensors.index.json")"), "for a safetensors file.");
}

TEST(SafetensorsIndex, ATensorInTwoShardsIsRejected) {
  const TempFolder folder;
  folder.write("1.safetensors", shard({"a"}));
  folder.write("2.safetensors", shard({"b", "a"}));
  const std::string path = folder.write(kIndex, R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
  EXPECT_EQ(error_of([&] { ShardedSafetensors::open(path); }),
            path + ": 2.safetensors holds tensor \"a\", which weight_map places in \"1.safetensors\".");
}

// Tensors t0, t1, ... of a given number of bytes each.
std::vector<TensorView> tensors_of(const std::vector<size_t>& sizes) {
  static const std::vector<uint8_t> bytes(1000, 7);
  std::vector<TensorView> tensors;
  for (size_t i = 0; i < sizes.size(); ++i) {
    tensors.push_back(
        tensor_view("t" + std::to_string(i), {static_cast<int64_t>(sizes[i])}, std::span(bytes).first(sizes[i])));
  }
  return tensors;
}

TEST(SafetensorsIndex, WhatIsWrittenReadsBack) {
  const TempFolder folder;
  write_sharded_safetensors(folder / kIndex, tensors_of({4, 6, 1, 20, 0, 9, 1}), {{"format", "pt"}}, 10);
  const auto file = ShardedSafetensors::open(folder / kIndex);
  ASSERT_EQ(file.shards().size(), 4U);
  const std::vector<std::string> places{"1", "1", "2", "3", "4", "4", "4"};
  for (size_t i = 0; i < places.size(); ++i) {
    const std::string name = "t" + std::to_string(i);
    EXPECT_EQ(file.index().weight_map.at(name), "model-0000" + places[i] + "-of-00004.safetensors");
    EXPECT_EQ(file.at(name).shape, tensors_of({4, 6, 1, 20, 0, 9, 1})[i].shape);
  }
  EXPECT_EQ(file.index().metadata, (std::map<std::string, std::string>{{"format", "pt"}, {"total_size", "41"}}));
  EXPECT_EQ(file.shards()[3].metadata(), (std::map<std::string, std::string>{{"format", "pt"}}));
  EXPECT_EQ(folder.num_files(), 5U);
}

TEST(SafetensorsIndex, OneShardAndNone) {
  const TempFolder folder;
  write_sharded_safetensors(folder / kIndex, tensors_of({4, 6}));
  EXPECT_EQ(ShardedSafetensors::open(folder / kIndex).index().weight_map.at("t1"), "model-00001-of-00001.safetensors");
  write_sharded_safetensors(folder / kIndex, {});
  EXPECT_TRUE(ShardedSafetensors::open(folder / kIndex).index().weight_map.empty());
}

TEST(SafetensorsIndex, WritingRejectsBeforeItWrites) {
  const TempFolder folder;
  const auto error = [&](const std::string& name, const std::vector<TensorView>& tensors,
                         const std::map<std::string, std::string>& metadata = {}) {
    return error_of([&] { write_sharded_safetensors(folder / name, tensors, metadata, 1); })
        .substr((folder / name).size());
  };
  for (const std::string name : {"model.safetensors", "model.json", ".safetensors.index.json"}) {
    EXPECT_EQ(error(name, {}), ": is not the name of an index, expected one that ends with .safetensors.index.json.");
  }
  std::vector<TensorView> tensors = tensors_of({4, 6, 4});
  EXPECT_EQ(error(kIndex, tensors, {{"total_size", "1"}}),
            ": the metadata have a key total_size, which the index uses.");
  tensors[2].name = "t0";
  EXPECT_EQ(error(kIndex, tensors), ": tensor name \"t0\" is taken.");
  tensors[2].name = "\xFF";
  EXPECT_EQ(error(kIndex, tensors), ": a name or the metadata holds text that is not UTF-8.");
  tensors[2].name = "x";
  tensors[2].shape = {5};
  EXPECT_EQ(error(kIndex, tensors), ": tensor \"x\" of U8 and shape [5] comes with 4 bytes.");
  EXPECT_EQ(error(kIndex, tensors_of(std::vector<size_t>(100'000, 1))),
            ": needs 100000 shards, expected at most 99999.");
  EXPECT_EQ(folder.num_files(), 0U);
}

TEST(SafetensorsIndex, AFullDiskLeavesTheOlderSave) {
  const TempFolder folder;
  write_sharded_safetensors(folder / kIndex, tensors_of({4, 6}), {}, 6);
  const std::string before = read_file(folder / "model-00001-of-00002.safetensors");
  rlimit old;
  ::getrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{512, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::string message = error_of([&] {
    write_sharded_safetensors(folder / kIndex, tensors_of({40, 900}), {}, 50);
  });
  ::setrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, SIG_DFL);
  EXPECT_EQ(message, folder / "model-00002-of-00002.safetensors" + ": cannot be written (File too large).");
  EXPECT_EQ(read_file(folder / "model-00001-of-00002.safetensors"), before) << "though the new one was written";
  EXPECT_EQ(folder.num_files(), 3U);
}

}  // namespace
}  // namespace bisque
