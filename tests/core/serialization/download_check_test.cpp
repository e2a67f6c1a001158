#include <bisque/core/serialization/download_check.h>

#include <bisque/core/serialization/mapped_file.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::string error_from(const std::string& beginning) {
  return error_of([&] { check_download(beginning, "head.glb"); });
}

TEST(DownloadCheck, FindsHtmlPages) {
  for (const std::string page :
       {"<!DOCTYPE html>", "<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">", "<html>", "<HTML lang=\"en\">",
        "\n\n\t <!DOCTYPE html>", "\xEF\xBB\xBF\r\n<html>", "<head><title>x</title>", "<body>", "<title>404</title>",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC>", "<?xml version=\"1.0\"?><html xmlns=\"x\">",
        "<!-- saved from url=(0014)about:internet -->\n<html>", "<script>location='x'</script>", "<meta charset=x>",
        "<html"}) {
    EXPECT_EQ(error_from(page),
              "head.glb: is an HTML page instead of the file itself; download the file, not the page that shows it.")
        << page;
  }
}

TEST(DownloadCheck, FindsErrorsOfServers) {
  EXPECT_EQ(error_from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code></Error>"),
            "head.glb: is a server's error message (XML) instead of the file itself; download the file again.");
}

TEST(DownloadCheck, FindsGitLfsPointers) {
  for (const std::string version : {"git-lfs.github.com/spec/v1", "hawser.github.com/spec/v1"}) {
    EXPECT_EQ(
        error_from("version https://" + version + "\noid sha256:4d7a\nsize 12345\n"),
        "head.glb: is a Git LFS pointer instead of the file itself; run `git lfs pull` in its repository to fetch "
        "that.");
  }
}

TEST(DownloadCheck, OtherFilesPass) {
  for (const std::string text :
       {"", " ", "<", "<!--", "<!-- never ends", "<?xml version=\"1.0\"?><COLLADA>", "<htmlx>", "<errors>", "<header>",
        "v 0 0 0\n# <html>", "{\"a\": \"<html>\"}", "version https://example.com", "Timecode,BlendShapeCount",
        "PK\x03\x04", "\xEF\xBB\xBFv 0 0 0", "\x89PNG"}) {
    EXPECT_EQ(error_from(text), "") << text;
  }
}

TEST(DownloadCheck, EveryOpenFileIsChecked) {
  const TempFolder folder;
  const std::string page = folder.write("page.bin", "<html>" + std::string(100'000, 'x'));
  EXPECT_EQ(error_of([&] { MappedFile::open(page); }),
            page + ": is an HTML page instead of the file itself; download the file, not the page that shows it.");
  const std::string pointer = folder.write("p", "version https://git-lfs.github.com/spec/v1\n");
  expect_contains(error_of([&] { OpenFile file(pointer); }), "git lfs pull");
}

}  // namespace
}  // namespace bisque
