// The process that loads unknown plugins first, and what is kept of it.
#include <bisque/core/plugin/plugins.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <bisque/tests/core/plugin/temporary_cache.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

namespace fs = std::filesystem;

class Probe : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    setenv("BAD_PLUGIN_MARKS", marks().c_str(), 1);
  }
  void TearDown() override {
    unsetenv("BAD_PLUGIN_MARKS");
    fs::remove_all(folder_);
  }

  fs::path marks() const { return folder_ / "marks"; }
  std::string copy_of(const std::string& path) const {
    const fs::path copy = folder_ / ("lib" + std::to_string(++num_copies_) + ".so");
    fs::copy_file(path, copy, fs::copy_options::overwrite_existing);
    return copy;
  }
  /// Whether the code of the library ran.
  bool ran() const { return fs::remove(marks()); }

  const test::TemporaryCache cache_;
  const fs::path folder_ = fs::temp_directory_path() / ("probe." + std::to_string(getpid()));
  mutable int num_copies_ = 0;
  const std::string crashes_ = std::string(BISQUE_TEST_PLUGINS) + "/libbad_crashes.so";
  const std::string good_ = std::string(BISQUE_TEST_LIBRARIES) + "/libacme_ops.so";
};

TEST_F(Probe, ACrashIsKept) {
  const std::string path = copy_of(crashes_);
  const std::string first = test::error_of([&] { plugins().load(path); });
  EXPECT_TRUE(ran());
  EXPECT_EQ(test::error_of([&] { plugins().load(path); }),
            first.substr(0, first.size() - 1) + " (as found before; `bisque plugins check FILE` tries again).");
  EXPECT_FALSE(ran());
  EXPECT_EQ(test::error_of([&] { Plugins::probe(path); }), first);
  EXPECT_TRUE(ran());
}

TEST_F(Probe, AnotherPathSizeTimeOrContentIsProbedAgain) {
  const std::string path = copy_of(crashes_);
  const auto load = [&](const std::string& file) { EXPECT_NE(test::error_of([&] { plugins().load(file); }), ""); };
  load(path);
  EXPECT_TRUE(ran());
  load(copy_of(crashes_));
  EXPECT_TRUE(ran());
  const auto time = fs::last_write_time(path);
  fs::last_write_time(path, time + std::chrono::seconds(1));
  load(path);
  EXPECT_TRUE(ran());
  std::ofstream(path, std::ios::app) << "x";
  fs::last_write_time(path, time);
  load(path);
  EXPECT_TRUE(ran());
  std::fstream(path, std::ios::in | std::ios::out).seekp(-1, std::ios::end) << "y";
  fs::last_write_time(path, time);
  load(path);
  EXPECT_TRUE(ran());
  load(path);
  EXPECT_FALSE(ran());
}

TEST_F(Probe, ADamagedCacheIsIgnored) {
  const std::string path = copy_of(crashes_);
  const std::string first = test::error_of([&] { plugins().load(path); });
  for (const auto& entry : fs::recursive_directory_iterator(cache_.folder())) {
    if (entry.is_regular_file()) std::ofstream(entry.path()) << "probe 1 |";
  }
  EXPECT_EQ(test::error_of([&] { plugins().load(path); }), first);
}

TEST_F(Probe, NoCacheCanBeWritten) {
  std::ofstream(cache_.folder()) << "a file";
  const std::string path = copy_of(crashes_);
  const std::string first = test::error_of([&] { plugins().load(path); });
  EXPECT_EQ(test::error_of([&] { plugins().load(path); }), first);
}

TEST_F(Probe, ALimitThatIsNoNumberIsRejected) {
  for (const char* limit : {"0", "-3", "1.5", "soon", "99999999999"}) {
    setenv("BISQUE_PLUGIN_TIMEOUT", limit, 1);
    EXPECT_EQ(test::error_of([&] { plugins().load(copy_of(good_)); }),
              "BISQUE_PLUGIN_TIMEOUT is \"" + std::string(limit) + "\", expected a positive number of seconds.");
  }
  unsetenv("BISQUE_PLUGIN_TIMEOUT");
}

TEST_F(Probe, TwoPluginsOfOneNameAreBothNamed) {
  const std::string first = copy_of(good_), second = copy_of(good_);
  plugins().load(first);
  EXPECT_EQ(test::error_of([&] { plugins().load(second); }),
            second + ": a plugin acme_ops is loaded already (" + first + "), expected another name.");
  plugins().retire("acme_ops");
  EXPECT_EQ(test::error_of([&] { plugins().retire("acme_op"); }).substr(0, 42),
            "no plugin acme_op is loaded, expected one ");
}

TEST_F(Probe, AWorldWritableLibraryOrFolderIsOneWarning) {
  struct Warnings : c10::WarningHandler {
    void process(const c10::Warning& warning) override { text += warning.msg(); }
    std::string text;
  } warnings;
  const c10::WarningUtils::WarningHandlerGuard guard(&warnings);
  const auto warning_of = [&](const std::string& path) {
    warnings.text.clear();
    plugins().load(path);
    plugins().retire("acme_ops");
    return warnings.text;
  };
  const std::string path = copy_of(good_);
  const auto message = [&](const std::string& place) {
    return path + ": every user can change this plugin, since " + place +
           " is writable for all, expected `chmod o-w` for it.";
  };
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(warning_of(path), "");
  ::chmod(path.c_str(), 0646);
  EXPECT_EQ(warning_of(path), message(fs::canonical(path)));
  ::chmod(path.c_str(), 0644);
  ::chmod(folder_.c_str(), 0777);
  EXPECT_EQ(warning_of(path), message(fs::canonical(folder_)));
  ::chmod(folder_.c_str(), 01777);  // sticky, as /tmp
  EXPECT_EQ(warning_of(path), "");
}

}  // namespace
}  // namespace bisque
