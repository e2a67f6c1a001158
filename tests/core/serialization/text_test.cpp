#include <bisque/core/serialization/text.h>

#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bisque {
namespace {

TEST(Utf8OrLatin1, KeepsUtf8) {
  for (const char* text :
       {"", "abc", "é", "日本", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(utf8_or_latin1(text), text);
  }
}

TEST(Utf8OrLatin1, TakesOtherBytesAsLatin1) {
  EXPECT_EQ(utf8_or_latin1("caf\xE9"), "café");
  EXPECT_EQ(utf8_or_latin1("\xFF"), "ÿ");
}

// Overlong forms, surrogates, code points above 10FFFF, sequences cut short: none is UTF-8.
TEST(Utf8OrLatin1, KnowsIllFormedSequences) {
  for (const char* text : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_NE(utf8_or_latin1(text), text);
  }
}

TEST(LowerCase, OfAsciiLettersAlone) {
  EXPECT_EQ(lower_case("AZaz@[`{09_"), "azaz@[`{09_");
  EXPECT_EQ(lower_case("\xC3\x89\xC0\xFF"), "\xC3\x89\xC0\xFF");
  EXPECT_EQ(lower_case('Q'), 'q');
  EXPECT_EQ(lower_extension("a.B/c.MP4"), ".mp4");
  EXPECT_EQ(lower_extension("a.b/c"), "");
}

TEST(Printable, EscapesWhatWouldSpoilAMessage) {
  EXPECT_EQ(printable("a\n\x01\x7F\"\\é"), "a\\x0A\\x01\\x7F\\x22\\x5Cé");
  EXPECT_EQ(printable(std::string(60, 'x')), std::string(60, 'x'));
  EXPECT_EQ(printable(std::string(61, 'x')), std::string(60, 'x') + "...");
  EXPECT_EQ(printable(std::string(59, 'x') + "é"), std::string(59, 'x') + "...");
  EXPECT_EQ(printable("\xE7ood"), "\\xE7ood");
  EXPECT_EQ(quoted_text("a\"b"), "\"a\\x22b\"");
  EXPECT_EQ(comma_list(std::vector<std::string>{"a", "b\n"}), "a, b\\x0A");
  EXPECT_EQ(comma_list(std::vector<std::string>{}), "");
}

TEST(Escaped, LeavesNoCommandsForATerminal) {
  EXPECT_EQ(escaped("a\n\t\x1B[31m\x7F\"\\é"), "a\\n\\x09\\x1B[31m\\x7F\"\\é");
  EXPECT_EQ(escaped(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escaped("\xC2\x9B\xE2\x80\xAE\xEF\xBB\xBF"), "\\u009B\\u202E\\uFEFF");
  EXPECT_EQ(escaped("x\xED\xA0\x80\xFFy\xE2\x82"), "x\\uD800\\xFFy\\xE2\\x82");
  EXPECT_EQ(escaped("caf\xE9 \x9B\xED\xA0\x80", /*keep_bytes=*/true), "caf\xE9 \\x9B\\uD800");
  EXPECT_EQ(escaped("日本\xF0\x9F\x98\x80"), "日本\xF0\x9F\x98\x80");
}

TEST(Escaped, IsCutBetweenCharacters) {
  EXPECT_EQ(escaped_and_cut("abcdef", 6), "abcdef");
  EXPECT_EQ(escaped_and_cut("abcdefgh", 6), "abc...fgh");
  EXPECT_EQ(escaped_and_cut("abéééééé", 6), "ab...é");
  EXPECT_EQ(first_line("one\ntwo"), "one");
  EXPECT_LT(first_line(std::string(1000, 'x')).size(), 210u);
}

TEST(Text, FoldersAndDigits) {
  EXPECT_EQ(folder_prefix("a/b.c/d"), "a/b.c/");
  EXPECT_EQ(folder_prefix("/d"), "/");
  EXPECT_EQ(folder_prefix("d"), "");
  const std::string bytes("\x00\xA5\x7F", 3);
  EXPECT_EQ(hex_digits(std::as_bytes(std::span(bytes))), "00a57f");
}

}  // namespace
}  // namespace bisque
