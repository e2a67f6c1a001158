// The layouts that plugins of version 1 were built with; who changes one raises BISQUE_PLUGIN_ABI.
#include <bisque/core/plugin/abi.h>
#include <gtest/gtest.h>

#include <type_traits>

static_assert(BISQUE_PLUGIN_ABI == 1);
static_assert(std::is_standard_layout_v<BisqueOp> && std::is_trivial_v<BisqueOp>);
static_assert(sizeof(BisqueOp) == 32);
static_assert(offsetof(BisqueOp, size) == 0 && offsetof(BisqueOp, schema) == 8 && offsetof(BisqueOp, shapes) == 16 &&
              offsetof(BisqueOp, backward) == 24);

static_assert(std::is_standard_layout_v<BisqueHost> && std::is_trivial_v<BisqueHost>);
static_assert(sizeof(BisqueHost) == 64);
static_assert(offsetof(BisqueHost, size) == 0 && offsetof(BisqueHost, abi) == 8 &&
              offsetof(BisqueHost, context) == 16 && offsetof(BisqueHost, define_op) == 24 &&
              offsetof(BisqueHost, add_kernel) == 32 && offsetof(BisqueHost, add_module) == 40 &&
              offsetof(BisqueHost, add_format) == 48 && offsetof(BisqueHost, reject) == 56);

static_assert(std::is_standard_layout_v<BisqueManifest> && std::is_trivial_v<BisqueManifest>);
static_assert(sizeof(BisqueManifest) == 88);
static_assert(offsetof(BisqueManifest, size) == 0 && offsetof(BisqueManifest, abi) == 8 &&
              offsetof(BisqueManifest, name) == 16 && offsetof(BisqueManifest, version) == 24 &&
              offsetof(BisqueManifest, torch_target) == 32 && offsetof(BisqueManifest, torch_built) == 40 &&
              offsetof(BisqueManifest, core_abi) == 48 && offsetof(BisqueManifest, cuda_archs) == 56 &&
              offsetof(BisqueManifest, ops) == 64 && offsetof(BisqueManifest, modules) == 72 &&
              offsetof(BisqueManifest, formats) == 80);

TEST(PluginAbi, TheEntryHasItsName) { EXPECT_STREQ(BISQUE_PLUGIN_ENTRY, "bisque_plugin"); }
