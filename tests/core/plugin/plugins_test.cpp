#include <bisque/core/plugin/plugins.h>

#include <ATen/ATen.h>
#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/safetensors_state.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/plugin/needed_plugins.h>
#include <bisque/core/plugin/op.h>
#include <bisque/core/registry/module_plugin.h>
#include <bisque/core/serialization/formats.h>
#include <bisque/core/serialization/safetensors.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <span>

#include <bisque/tests/core/plugin/temporary_cache.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

#define EXPECT_ERROR(expression, part) test::expect_contains(test::error_of([&] { (void)(expression); }), part)

namespace bisque {
namespace {

const std::string kLibraries = BISQUE_TEST_LIBRARIES;  // the build's lib/

std::string bad(const std::string& name) { return std::string(BISQUE_TEST_PLUGINS) + "/libbad_" + name + ".so"; }

bool has_op(const std::string& name) { return c10::Dispatcher::singleton().findSchema({name, ""}).has_value(); }

PluginInfo info_of(const std::string& name) {
  for (const auto& info : plugins().list()) {
    if (info.name == name) return info;
  }
  return {};
}

TEST(Plugins, BuiltInOnesCameThroughTheDoor) {
  const PluginInfo ops = info_of("bisque_core_ops");
  EXPECT_EQ(ops.torch_target, "2.10");
  EXPECT_EQ(ops.version, BISQUE_VERSION);
  EXPECT_NE(std::find(ops.ops.begin(), ops.ops.end(), "bisque::row_norm"), ops.ops.end());
  EXPECT_TRUE(has_op("bisque::row_norm"));
}

TEST(Plugins, AreLoadedRetiredAndLoadedAgain) {
  for (int round = 0; round < 2; ++round) {
    const PluginInfo info = plugins().load(kLibraries + "/libacme_ops.so");
    EXPECT_EQ(info.name, "acme_ops");
    EXPECT_EQ(info.ops.size(), 3U);
    EXPECT_EQ(info.cuda_archs, "");
    using T = at::Tensor;
    const auto op = find_op<std::tuple<T, T, T>(const T&, const std::optional<T>&, double)>("acme::affine");
    const auto [y, square, sign] = op.call(at::tensor({1.0, -2.0}), std::nullopt, 3.0);
    EXPECT_TRUE(at::equal(y, at::tensor({3.0, -6.0})));
    EXPECT_TRUE(at::equal(sign, at::tensor({int64_t{1}, int64_t{-1}})));
    EXPECT_ERROR(plugins().load(kLibraries + "/libacme_ops.so"), "a plugin acme_ops is loaded already");
    plugins().retire("acme_ops");
    EXPECT_FALSE(has_op("acme::affine"));
    EXPECT_EQ(info_of("acme_ops").name, "");
  }
  EXPECT_ERROR((plugins().retire("acme_ops"), 0), "no plugin acme_ops is loaded");
}

struct Refusal {
  const char* name;
  const char* message;
};

class BadPlugins : public testing::TestWithParam<Refusal> {
 protected:
  void SetUp() override { setenv("BISQUE_PLUGIN_TIMEOUT", "1", 1); }
  void TearDown() override { unsetenv("BISQUE_PLUGIN_TIMEOUT"); }
  const test::TemporaryCache cache_;
};

TEST_P(BadPlugins, AreRejectedAndLeaveNothing) {
  const auto before = plugins().list().size();
  EXPECT_ERROR(plugins().load(bad(GetParam().name)), GetParam().message);
  EXPECT_EQ(plugins().list().size(), before);
  EXPECT_FALSE(has_op("acme::other"));
  EXPECT_FALSE(has_op("acme::_other_backward"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPlugins,
    testing::Values(
        Refusal{"abi", "libbad_abi.so: is a plugin of ABI 7, expected ABI 1 of bisque " BISQUE_VERSION
                       ": update bisque, or rebuild it with this bisque (cmake --fresh -B build "
                       "-DCMAKE_PREFIX_PATH=PREFIX && cmake --build build)."},
        Refusal{"old_abi", "libbad_old_abi.so: is a plugin of ABI 0, expected ABI 1 of bisque " BISQUE_VERSION
                           ": rebuild it with this bisque (cmake"},
        Refusal{"new_torch",
                "needs torch 99.0 or later, but this is torch " TORCH_VERSION ": update torch, or rebuild"},
        Refusal{"note_abi", "libbad_note_abi.so: is a plugin of ABI 2, expected ABI 1 of bisque"},
        Refusal{"note_torch", "libbad_note_torch.so: needs torch 99.1 or later, but this is torch " TORCH_VERSION},
        Refusal{
            "note_core",
            "libbad_note_core.so: its Modules were built with bisque 9.9 and torch 9.9, but this is " BISQUE_CORE_ABI
            ": rebuild it with this bisque"},
        Refusal{"note_damaged", "libbad_note_damaged.so: is damaged, its notes extend beyond their segment."},
        Refusal{"note_no_number", "libbad_note_no_number.so: is damaged, its note has \"two\", expected a number."},
        Refusal{"missing_symbol",
                "libbad_missing_symbol.so: needs the symbol acme::blur(int), which no library here "
                "defines: link the library that does, or rebuild it with this bisque"},
        Refusal{"missing_symbols",
                "libbad_missing_symbols.so: needs the symbols acme::blur(int), acme::sharpen(char const*), which no"},
        Refusal{"throws_at_start",
                "libbad_throws_at_start.so: a static initialiser of it threw an exception: no license file."},
        Refusal{"crashes_in_entry",
                "libbad_crashes_in_entry.so: its entry bisque_plugin crashes with signal 6 (Aborted), expected one "
                "that returns to the program"},
        Refusal{"crashes_later", "libbad_crashes_later.so: its entry bisque_plugin crashes with signal 6 (Aborted)"},
        Refusal{"crashes",
                "libbad_crashes.so: a static initialiser of it crashes with signal 11 (Segmentation fault), "
                "after it printed \"no license file\", expected one that returns to the program"},
        Refusal{"exits", "libbad_exits.so: a static initialiser of it ends the process with exit code 3, expected"},
        Refusal{"hangs", "libbad_hangs.so: a static initialiser of it does not return within 1 s, expected"},
        Refusal{"cuda_only", "libbad_cuda_only.so: acme::other has a CUDA kernel only, expected one for the CPU too."},
        Refusal{"nameless", "its manifest has no name or version, expected both."},
        Refusal{"taken", "the op aten::relu is taken, expected a name that is not registered."},
        Refusal{"twice", "the op acme::other is taken"}, Refusal{"rejects", "libbad_rejects.so: it needs a Tuesday."},
        Refusal{"schema", "libtorch rejected the schema acme::other(Tensor x -> y."},
        Refusal{"no_namespace", "the op other has no namespace, expected a name like acme::blur."},
        Refusal{"no_op", "a kernel is given for acme::other, which is not an op."},
        Refusal{"gradient",
                "libbad_gradient.so: acme::_other_backward: the argument grad_z refers to nothing in acme::other"},
        Refusal{
            "no_backward",
            "libbad_no_backward.so: acme::other: its gradient acme::_other_backward is not an op, expected one of this "
            "library."},
        Refusal{
            "kernel_cuda_name",
            "libbad_kernel_cuda_name.so: the schema \"acme::other\" is expected to be NAMESPACE::NAME(ARGUMENTS) -> "
            "RESULTS."},
        Refusal{"other_core",
                "its Modules were built with bisque 9.9 and torch 9.9, but this is " BISQUE_CORE_ABI ": rebuild it"},
        Refusal{"no_manifest", "did not provide a manifest."},
        Refusal{"no_entry", "is not a plugin, expected it to export bisque_plugin."},
        Refusal{"throws",
                "libbad_throws.so: its entry bisque_plugin threw an exception, which it must catch: no "
                "license file"},
        Refusal{"throws_int",
                "libbad_throws_int.so: its entry bisque_plugin threw an exception, which it must catch: an "
                "exception of type int"},
        Refusal{"throws_later", "libbad_throws_later.so: its entry bisque_plugin threw an exception"},
        Refusal{"that_is_not_there", "libbad_that_is_not_there.so: cannot be read (No such file or directory)."}),
    [](const auto& info) { return std::string(info.param.name); });

constexpr const char* kInSchema = ", but the schema says (Tensor, Tensor?, bool) -> Tensor.";

class BadKernels : public testing::TestWithParam<Refusal> {};

TEST_P(BadKernels, AreRejectedAndLeaveNothing) {
  const std::string path = bad(std::string("kernel_") + GetParam().name);
  EXPECT_ERROR(plugins().load(path), path + ": acme::other: its " + GetParam().message + kInSchema);
  EXPECT_FALSE(has_op("acme::other"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadKernels,
    testing::Values(Refusal{"cpu_number", "CPU kernel takes (Tensor, Tensor?) -> Tensor"},
                    Refusal{"cpu_type", "CPU kernel takes (Tensor, Tensor?, float) -> Tensor"},
                    Refusal{"cpu_optional", "CPU kernel takes (Tensor, Tensor, bool) -> Tensor"},
                    Refusal{"cpu_results", "CPU kernel takes (Tensor, Tensor?, bool) -> (Tensor, Tensor)"},
                    Refusal{"cpu_result_type", "CPU kernel takes (Tensor, Tensor?, bool) -> int"},
                    Refusal{"cuda_number", "CUDA kernel takes (Tensor, Tensor?) -> Tensor"},
                    Refusal{"cuda_type", "CUDA kernel takes (Tensor, Tensor?, float) -> Tensor"},
                    Refusal{"cuda_results", "CUDA kernel takes (Tensor, Tensor?, bool) -> (Tensor, Tensor)"},
                    Refusal{"cuda_result_type", "CUDA kernel takes (Tensor, Tensor?, bool) -> int"},
                    Refusal{"meta_type", "Meta kernel takes (Tensor, Tensor?, float) -> Tensor"},
                    Refusal{"any_type", "CompositeExplicitAutograd kernel takes (Tensor, Tensor?, float) -> Tensor"},
                    Refusal{"autograd_type", "Autograd kernel takes (Tensor, Tensor?, float) -> Tensor"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Plugins, ATruncatedLibraryIsRejected) {
  const auto path = std::filesystem::temp_directory_path() / ("libcut." + std::to_string(getpid()) + ".so");
  std::filesystem::copy_file(kLibraries + "/libacme_ops.so", path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_ERROR(plugins().load(path), path.string() + ": is truncated, its ");
  std::filesystem::remove(path);
  EXPECT_FALSE(has_op("acme::affine"));
}

// libtorch looks for CUDA once, here before libtorch_cuda is loaded.
TEST(Plugins, CudaIsRejectedAfterABackwardPass) {
  if (dlopen("libtorch_cuda.so", RTLD_LAZY | RTLD_NOLOAD)) GTEST_SKIP() << "the program has libtorch_cuda";
  at::Tensor x = at::ones({2});
  x.set_requires_grad(true);
  (x * 2).sum().backward();
  const std::string message = test::error_of([] { plugins().load_cuda(); });
  for (const char* reason : {"libtorch_cuda cannot be loaded", "does not use the runtime of CUDA 13"}) {
    if (message.find(reason) != std::string::npos) GTEST_SKIP() << message;
  }
  test::expect_contains(message, "CUDA is not available: libtorch looked for CUDA before libtorch_cuda was loaded");
  EXPECT_EQ(test::error_of([] { plugins().load_cuda(); }), message);
}

TEST(Modules, AreMadeByName) {
  EXPECT_ERROR(modules().make("acme.Nothing"), "there is no Module \"acme.Nothing\", expected ");
  EXPECT_ERROR(modules().make("bisque::row_nrom"),
               "there is no op \"bisque::row_nrom\" in libtorch or a loaded plugin, ");
  EXPECT_ERROR(modules().make("bisque::row_nrom"), "bisque::row_norm");
}

struct Scale : Module {
  explicit Scale(double factor) : factor(factor) {}
  double factor;
};

ModuleFactory scale_factory() {
  return [](const Config& config) {
    ConfigReader read("acme.Scale", config);
    const double factor = read.get("factor", 2.0);
    read.get("name", std::string("x"));
    read.get("count", 3);
    read.get("on", true);
    read.done();
    return std::make_shared<Scale>(factor);
  };
}

TEST(ModuleRegistry, MakesChecksAndForgets) {
  ModuleRegistry registry;
  registry.add("acme.Scale", scale_factory());
  EXPECT_EQ(registry.make<Scale>("acme.Scale")->factor, 2.0);
  EXPECT_EQ(registry.make<Scale>("acme.Scale", {{"factor", 0.5}})->factor, 0.5);
  EXPECT_EQ(registry.make<Scale>("acme.Scale", {{"factor", int64_t{4}}})->factor, 4.0);
  EXPECT_ERROR(registry.make("acme.Scale", {{"factr", 1.0}}),
               "acme.Scale has no setting \"factr\", expected one of: factor, name, count, on (nearest: factor).");
  EXPECT_ERROR(registry.make("acme.Scale", {{"factor", std::string("big")}}),
               "acme.Scale: expected factor to be a number, but got a string.");
  EXPECT_ERROR(registry.make("acme.Scale", {{"count", 1.5}}), "expected count to be an integer, but got a number.");
  EXPECT_ERROR(registry.make("acme.Scale", {{"on", int64_t{1}}}), "expected on to be a bool, but got an integer.");
  EXPECT_ERROR((registry.add("acme.Scale", scale_factory()), 0), "the Module name \"acme.Scale\" is taken");
  for (const char* name : {"Scale", ".Scale", "acme."}) {
    EXPECT_ERROR((registry.add(name, scale_factory()), 0), "is expected to be PLUGIN.NAME.");
  }
  struct Other : Module {};
  EXPECT_ERROR(registry.make<Other>("acme.Scale"), "is not of the requested type.");
  registry.remove("acme.Scale");
  EXPECT_FALSE(registry.contains("acme.Scale"));
}

TEST(ModuleRegistry, KnowsDescribedOptionsAlone) {
  ModuleRegistry registry;
  registry.add("acme.Scale", scale_factory());
  EXPECT_FALSE(registry.options("acme.Scale"));
  EXPECT_ERROR(registry.options("acme.Scales"), "there is no Module \"acme.Scales\", expected one of: acme.Scale");
}

// The state of a third-party Module names its plugin.
TEST(ModuleRegistry, StatesNameTheirPlugins) {
  ModuleRegistry registry;
  registry.add("acme.Scale", scale_factory(), "acme 1.0");
  registry.add("own.Scale", scale_factory());
  const auto state = registry.make("acme.Scale")->state_dict();
  EXPECT_EQ(needed_plugins(Dict{{"model", Value(state)}, {"other", 3}}), std::vector<std::string>{"acme 1.0"});
  EXPECT_TRUE(needed_plugins(Value(registry.make("own.Scale")->state_dict())).empty());

  struct Warnings : c10::WarningHandler {
    void process(const c10::Warning& warning) override { text += warning.msg() + "\n"; }
    std::string text;
  } warnings;
  const c10::WarningUtils::WarningHandlerGuard guard(&warnings);
  const std::string bytes = save_to_string(Dict{{"model", Value(state)}});
  load(std::as_bytes(std::span(bytes)));
  EXPECT_EQ(warnings.text,
            "buffer: has the state of Modules of the plugin acme 1.0, which is not loaded, expected it in "
            "BISQUE_PLUGINS or at `--plugin`.\n");

  const test::TempFolder folder;
  for (const char* name : {"net.safetensors", "net.safetensors.index.json"}) {
    const std::string path = folder / name;
    warnings.text.clear();
    save_safetensors(state, path, {{"format", "pt"}});
    EXPECT_EQ(load_safetensors(path).size(), state.size());
    EXPECT_EQ(warnings.text, path +
                                 ": has the state of Modules of the plugin acme 1.0, which is not loaded, expected it "
                                 "in BISQUE_PLUGINS or at `--plugin`.\n");
  }
  EXPECT_EQ(SafetensorsFile::open(folder / "net.safetensors").metadata(),
            (std::map<std::string, std::string>{{"bisque_plugins", "acme 1.0"}, {"format", "pt"}}));

  warnings.text.clear();
  save_safetensors(registry.make("own.Scale")->state_dict(), folder / "own.safetensors");
  EXPECT_TRUE(SafetensorsFile::open(folder / "own.safetensors").metadata().empty());
  save_safetensors(Dict(state), folder / "two.safetensors", {{"bisque_plugins", "bisque_ops 1, acme 1.0, blur 2.1"}});
  load_safetensors(folder / "own.safetensors");
  EXPECT_EQ(warnings.text, "");
  load_safetensors(folder / "two.safetensors");
  EXPECT_NE(warnings.text.find("plugin acme 1.0, which"), std::string::npos);
  EXPECT_NE(warnings.text.find("plugin blur 2.1, which"), std::string::npos);
  EXPECT_EQ(warnings.text.find("bisque_ops"), std::string::npos) << "which is loaded";
}

TEST(ModulePlugin, TellsItsManifestAndRegisters) {
  ModulePlugin plugin;
  plugin.add_module("acme.Scale", scale_factory());
  plugin.add_format("picture", ".xyz", std::function<int(int)>([](int x) { return x + 1; }));
  BisqueManifest manifest{};
  manifest.size = sizeof(manifest);
  ASSERT_EQ(plugin.answer("acme", "1", nullptr, &manifest), 0);
  EXPECT_STREQ(manifest.core_abi, BISQUE_CORE_ABI);
  EXPECT_STREQ(manifest.modules[0], "acme.Scale");
  EXPECT_STREQ(manifest.formats[0], ".xyz (picture)");
  EXPECT_EQ(manifest.formats[1], nullptr);

  BisqueHost host{};  // one that takes no Modules
  std::string sentence;
  host.context = &sentence;
  host.reject = [](void* context, const char* text) {
    *static_cast<std::string*>(context) = text;
    return 5;
  };
  EXPECT_EQ(plugin.answer("acme", "1", &host, nullptr), 5);
  EXPECT_EQ(sentence, "it has Modules or file formats, which this host does not support");
}

TEST(Formats, AreFoundByKindAndExtension) {
  FormatRegistry registry;
  registry.add({"picture", ".xyz", std::any(7)});
  EXPECT_EQ(std::any_cast<int>(registry.find("picture", ".xyz")), 7);
  EXPECT_FALSE(registry.find("mesh", ".xyz").has_value());
  EXPECT_EQ(registry.extensions("picture"), std::vector<std::string>{".xyz"});
  EXPECT_ERROR((registry.add({"picture", ".xyz", std::any(8)}), 0), "the format .xyz of a picture is taken");
  registry.remove("picture", ".xyz");
  EXPECT_FALSE(registry.find("picture", ".xyz").has_value());
}

}  // namespace
}  // namespace bisque
