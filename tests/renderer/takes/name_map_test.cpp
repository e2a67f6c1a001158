#include <bisque/renderer/takes/name_map.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::string map_text(const std::string& text) {
  std::string result;
  for (const auto& [take, model] : parse_name_map(text, "map.csv")) result += take + ">" + model + ";";
  return result;
}
std::string map_error(const std::string& text) {
  return error_of([&] { parse_name_map(text, "map.csv"); });
}

TEST(NameMap, ReadsPairsWithAnySeparator) {
  EXPECT_EQ(map_text("openMouth,jawOpen\nblink L\tBlink_L\na=b\nc ; d\n"),
            "openMouth>jawOpen;blink L>Blink_L;a>b;c>d;");
  EXPECT_EQ(map_text("\xEF\xBB\xBF# take, model\r\n\r\n  a , b  \r\n"), "a>b;");
  EXPECT_EQ(map_text("\"a,b\",\"c=d\"\na,x\na,y"), "a,b>c=d;a>x;a>y;");
}

TEST(NameMap, RejectsOtherLines) {
  const std::string expected = ", expected a name in the take and one in the model, such as openMouth,jawOpen.";
  EXPECT_EQ(map_error("a,b\nonly\n"), "map.csv: line 2: is \"only\"" + expected);
  EXPECT_EQ(map_error("a,"), "map.csv: line 1: is \"a,\"" + expected);
  EXPECT_EQ(map_error(",b"), "map.csv: line 1: is \",b\"" + expected);
  EXPECT_EQ(map_error("a,b,c"), "map.csv: line 1: is \"a,b,c\"" + expected);
  EXPECT_EQ(map_error("# nothing\n"), "map.csv: holds no pair of names, expected lines such as openMouth,jawOpen.");
}

TEST(NameMap, ReadsAFile) {
  const TempFolder folder;
  EXPECT_EQ(read_name_map(folder.write("m.txt", "a=b")).size(), 1U);
  EXPECT_NE(error_of([] { read_name_map("/nowhere/m.txt"); }).find("/nowhere/m.txt: cannot be opened"),
            std::string::npos);
}

}  // namespace
}  // namespace bisque
