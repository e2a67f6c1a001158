#include <bisque/core/torch_file/pickle_reader.h>

#include <string>
#include <utility>
#include <vector>

#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;
using namespace std::string_literals;

std::string pickle_error(const std::string& bytes, const PickleOptions& options = {}) {
  return error_of([&] { read_pickle(bytes_of(bytes), "f", options); });
}

std::string repeated(const std::string& part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

const std::string kOrdered = "ccollections\nOrderedDict\n";

TEST(PickleReader, ReadsNestedValuesAsAnArena) {
  const std::string bytes = "\x80\x02}(X\1\0\0\0aK\1X\1\0\0\0b](K\2NeX\1\0\0\0aK\3u."s;
  const Pickle pickle = read_pickle(bytes_of(bytes), "f");
  const auto items = pickle.items(pickle.root);
  ASSERT_EQ(items.size(), 4U);
  EXPECT_EQ(pickle.text(items[0]), "a");
  EXPECT_EQ(pickle[items[1]].integer, 3);  // the last value in the first place
  EXPECT_EQ(pickle.items(items[3]).size(), 2U);
  EXPECT_EQ(pickle.text(items[0]).data(), bytes.data() + 9);  // a view
}

TEST(PickleReader, TakesOnePickleAfterAnother) {
  const std::string bytes = "K\1.N.";
  auto rest = bytes_of(bytes);
  EXPECT_EQ(take_pickle(rest, "f").kind(0), PickleKind::Int);
  EXPECT_EQ(rest.size(), 2U);
  EXPECT_EQ(take_pickle(rest, "f").kind(0), PickleKind::None);
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(pickle_error("K\1.N."), "f: 2 bytes follow the pickle, which ends in STOP before them.");
}

TEST(PickleReader, RejectsWhatIsNoPickle) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "byte 0: an opcode needs 1 bytes, but 0 are left."},
      {"\xFF"s, "byte 0: an opcode is 255, which no pickle protocol has."},
      {"\x80\x06."s, "byte 0: PROTO has protocol 6, expected 0 to 5."},
      {"N", "byte 1: an opcode needs 1 bytes, but 0 are left."},
      {".", "byte 0: STOP finds 0 values on the stack, expected 1."},
      {"NN.", "byte 2: STOP finds 2 values on the stack, expected 1."},
      {"N(.", "byte 2: STOP leaves a mark open."},
      {"\x95\x09\0\0\0\0\0\0\0N."s, "byte 0: FRAME needs 9 bytes, but 2 are left."},
      {"\x95\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFN."s, "byte 0: FRAME needs 18446744073709551615 bytes, but 2 are left."},
      {"i"s, "byte 0: INST makes an object of a Python 2 class, which is not supported."},
      {"(o", "byte 1: OBJ makes an object of a Python 2 class, which is not supported."},
      {"\x82\1"s, "byte 0: EXT1 needs copyreg's table of extensions, which files do not have."},
      {"\x83\1\1"s, "byte 0: EXT2 needs copyreg's table of extensions, which files do not have."},
      {"\x84\1\1\1\1"s, "byte 0: EXT4 needs copyreg's table of extensions, which files do not have."},
      {"\x97"s, "byte 0: NEXT_BUFFER needs a buffer from outside of the pickle, which files do not have."},
      {"\x98"s, "byte 0: READONLY_BUFFER needs a buffer from outside of the pickle, which files do not have."},
  };
  for (const auto& [bytes, message] : cases) EXPECT_EQ(pickle_error(bytes), "f: " + message);
}

TEST(PickleReader, RejectsBrokenValues) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"X\xFF\xFF\xFF\xFF"s, "byte 0: BINUNICODE needs 4294967295 bytes, but 0 are left."},
      {"\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s,
       "byte 0: BINUNICODE8 needs 18446744073709551615 bytes, but 0 are left."},
      {"\x8E\0\0\0\0\0\0\0\x80"s, "byte 0: BINBYTES8 needs 9223372036854775808 bytes, but 0 are left."},
      {"\x96\1\0\0\0\0\0\0\0"s, "byte 0: BYTEARRAY8 needs 1 bytes, but 0 are left."},
      {"B\2\0\0\0a"s, "byte 0: BINBYTES needs 2 bytes, but 1 are left."},
      {"C\2a"s, "byte 0: SHORT_BINBYTES needs 2 bytes, but 1 are left."},
      {"T\xFF\xFF\xFF\xFF"s, "byte 0: BINSTRING has -1 bytes."},
      {"\x8B\xFF\xFF\xFF\xFF"s, "byte 0: LONG4 has -1 bytes."},
      {"\x8B\xFF\xFF\xFF\x7F"s, "byte 0: LONG4 needs 2147483647 bytes, but 0 are left."},
      {"\x8A\x09"
       "12345678"s,
       "byte 0: LONG1 needs 9 bytes, but 8 are left."},
      {"X\1\0\0\0\xFF."s, "byte 0: BINUNICODE holds a str that is not UTF-8."},
      {"X\2\0\0\0\xC0\x80."s, "byte 0: BINUNICODE holds a str that is not UTF-8."},
      {"\x8C\1\x80."s, "byte 0: SHORT_BINUNICODE holds a str that is not UTF-8."},
      {"U\1\xE4."s, "byte 0: SHORT_BINSTRING holds a str that is not UTF-8."},
      {"I1", "byte 0: INT has an argument without the end of its line."},
      {"I\n.", "byte 0: INT has \"\", expected an int in decimal."},
      {"I1x\n.", "byte 0: INT has \"1x\", expected an int in decimal."},
      {"I0x1\n.", "byte 0: INT has \"0x1\", expected an int in decimal."},
      {"L-L\n.", "byte 0: LONG has \"-\", expected an int in decimal."},
      {"F1.5.\n.", "byte 0: FLOAT has \"1.5.\", expected a float in decimal."},
      {"F1e999\n.", "byte 0: FLOAT has \"1e999\", expected a float in decimal."},
      {"F\n.", "byte 0: FLOAT has \"\", expected a float in decimal."},
      {"Sabc\n.", "byte 0: STRING has \"abc\", expected a string between quotes."},
      {"S'abc\"\n.", "byte 0: STRING has \"'abc\\x22\", expected a string between quotes."},
      {"S'\n.", "byte 0: STRING has \"'\", expected a string between quotes."},
      {"S'\\x1'\n.", "byte 0: STRING has a broken escape in \"'\\x5Cx1'\"."},
      {"S'\\'\n.", "byte 0: STRING has a broken escape in \"'\\x5C'\"."},
      {"V\\u12\n.", "byte 0: UNICODE has a broken escape in \"\\x5Cu12\"."},
      {"V\\U00110000\n.", "byte 0: UNICODE has a broken escape in \"\\x5CU00110000\"."},
      {"J\1\0"s, "byte 0: BININT needs 4 bytes, but 2 are left."},
      {"G\1"s, "byte 0: BINFLOAT needs 8 bytes, but 1 are left."},
  };
  for (const auto& [bytes, message] : cases) EXPECT_EQ(pickle_error(bytes), "f: " + message);
}

TEST(PickleReader, ChecksWhatEachOpcodeIsGiven) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"0", "byte 0: POP finds 0 values on the stack, expected 1."},
      {"1", "byte 0: POP_MARK finds no mark."},
      {"2", "byte 0: DUP finds 0 values on the stack, expected 1."},
      {"N(2", "byte 2: DUP finds 0 values after the mark, expected 1."},
      {"]Na0a", "byte 4: APPEND finds 0 values on the stack, expected 2."},
      {"K\1Na"s, "byte 3: APPEND finds an int, expected a list."},
      {")Na", "byte 2: APPEND finds a tuple, expected a list."},
      {"}(Ne", "byte 3: APPENDS finds a dict, expected a list."},
      {"(Ne", "byte 2: APPENDS finds nothing below its mark."},
      {"]Ne", "byte 2: APPENDS finds no mark."},
      {"N]((Ne", "byte 5: APPENDS finds nothing below its mark."},
      {"]NNs", "byte 3: SETITEM finds a list, expected a dict."},
      {"}Ns", "byte 2: SETITEM finds 2 values on the stack, expected 3."},
      {"}(NNNu", "byte 5: SETITEMS is given 3 values after the mark, expected pairs of key and value."},
      {"](NNu", "byte 4: SETITEMS finds a list, expected a dict."},
      {"(Nd", "byte 2: DICT is given 1 values after the mark, expected pairs of key and value."},
      {"}]Ns", "byte 3: SETITEM is given a list as a key, expected a value that cannot change."},
      {"}}Ns", "byte 3: SETITEM is given a dict as a key, expected a value that cannot change."},
      {"}]\x85Ns"s, "byte 4: SETITEM is given a list within a tuple as a key, expected a value that cannot change."},
      {"}\x8FNs"s, "byte 3: SETITEM is given a set as a key, expected a value that cannot change."},
      {"}\x96\0\0\0\0\0\0\0\0Ns"s,
       "byte 11: SETITEM is given a bytearray as a key, expected a value that cannot change."},
      {"}" + kOrdered + ")RNs",
       "byte 29: SETITEM is given a call of collections.OrderedDict as a key, expected a value that cannot change."},
      {"\x8F(]\x90"s, "byte 3: ADDITEMS is given a list as a key, expected a value that cannot change."},
      {"](N\x90"s, "byte 3: ADDITEMS finds a list, expected a set."},
      {"(]\x91"s, "byte 2: FROZENSET is given a list as a key, expected a value that cannot change."},
      {"t", "byte 0: TUPLE finds no mark."},
      {"N\x86"s, "byte 1: TUPLE2 finds 1 value on the stack, expected 2."},
      {"NN(N\x87"s, "byte 4: TUPLE3 finds 1 value after the mark, expected 3."},
      {"l", "byte 0: LIST finds no mark."},
      {"h\0"s, "byte 0: BINGET has memo index 0, where nothing was put."},
      {"j\xFF\xFF\xFF\xFF"s, "byte 0: LONG_BINGET has memo index 4294967295, where nothing was put."},
      {"g-1\n", "byte 0: GET has \"-1\", expected a memo index."},
      {"gx\n", "byte 0: GET has \"x\", expected a memo index."},
      {"Np-1\n", "byte 1: PUT has \"-1\", expected a memo index."},
      {"Np99999999999999999999\n", "byte 1: PUT has \"99999999999999999999\", expected a memo index."},
      {"Nr\xFF\xFF\xFF\xFF"s, "byte 1: LONG_BINPUT has memo index 4294967295, expected one below 1025 there."},
      {"q\0"s, "byte 0: BINPUT finds 0 values on the stack, expected 1."},
      {"\x94"s, "byte 0: MEMOIZE finds 0 values on the stack, expected 1."},
      {"NK\1\x93"s, "byte 3: STACK_GLOBAL is given None, expected the str of a name."},
      {"]Q", "byte 1: BINPERSID is given a list, expected a tuple, a str or an int as persistent id."},
      {"N)R", "byte 2: REDUCE finds None, expected the global of a function."},
      {kOrdered + "NR", "byte 26: REDUCE is given None, expected a tuple of arguments."},
      {kOrdered + ")R)R",
       "byte 28: REDUCE finds a call of collections.OrderedDict, expected the global of a function."},
      {"N)\x81"s, "byte 2: NEWOBJ finds None, expected the global of a class."},
      {kOrdered + ")}\x92", "byte 27: NEWOBJ_EX gives keyword arguments to collections.OrderedDict, which takes none."},
      {kOrdered + ")N\x92", "byte 27: NEWOBJ_EX is given None, expected a dict of keyword arguments."},
      {"N}b", "byte 2: BUILD finds None, expected an OrderedDict, or an object of an allowed class."},
      {"ctorch\nTensor\n}b",
       "byte 15: BUILD finds the global torch.Tensor, expected an OrderedDict, or an object of an "
       "allowed class."},
      {kOrdered + ")RNb", "byte 28: BUILD is given None, expected a dict of attributes."},
      {kOrdered + ")R}b}b", "byte 30: BUILD finds a call of collections.OrderedDict that has a state already."},
  };
  for (const auto& [bytes, message] : cases) EXPECT_EQ(pickle_error(bytes), "f: " + message);
}

TEST(PickleReader, NamesOnlyWhatIsAllowed) {
  EXPECT_EQ(pickle_error("cos\nsystem\n."),
            "f: byte 0: GLOBAL uses the global os.system, which is not allowed; if you trust it, add that name "
            "to the allowed globals and define its meaning.");
  EXPECT_EQ(pickle_error("\x8C\2os\x8C\6system\x93."s),
            "f: byte 12: STACK_GLOBAL uses the global os.system, which is not allowed; if you trust it, add that name "
            "to the allowed globals and define its meaning.");
  expect_contains(pickle_error("cnumpy\nndarray\n."),
                  "(NumPy's values are not supported: save torch.from_numpy(x), float(x) or int(x))");
  expect_contains(pickle_error("ctorch.storage\n_load_from_bytes\n."),
                  "torch.storage._load_from_bytes, which is not allowed");
  expect_contains(pickle_error("c__builtin__\neval\n."), "builtins.eval, which is not allowed");
  expect_contains(pickle_error("cbuiltins\nset.__class__\n."), "not allowed");
  EXPECT_EQ(pickle_error("cbuiltins\nlist\n)R."),
            "f: byte 16: REDUCE calls builtins.list, which may only be referenced.");
  EXPECT_EQ(pickle_error("cos\nsystem"), "f: byte 0: GLOBAL has an argument without the end of its line.");

  PickleOptions options;
  options.allowed.insert("acme.Thing");
  const std::string bytes = "cacme\nThing\n)\x81}b(K\1e(K\2K\3u.";
  const Pickle pickle = read_pickle(bytes_of(bytes), "f", options);
  EXPECT_EQ(pickle.callee(pickle.root).role, PickleGlobal::Role::Own);
  EXPECT_EQ(pickle.items(pickle.extra(pickle.root).list_items).size(), 1U);
  EXPECT_EQ(pickle.items(pickle.extra(pickle.root).dict_items).size(), 2U);
  EXPECT_NE(pickle.extra(pickle.root).state, kNoNode);
}

TEST(PickleReader, ChecksTheArgumentsOfPythonsConstructors) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"cbuiltins\nset\n(K\1tR", "REDUCE gives an int to builtins.set, expected a list."},
      {"cbuiltins\nset\n(NNtR", "REDUCE gives 2 arguments to builtins.set, expected 0 to 1."},
      {"cbuiltins\nfrozenset\n]]a\x85R", "REDUCE is given a list as a key, expected a value that cannot change."},
      {"cbuiltins\nbytes\nN\x85R", "REDUCE gives 1 arguments to builtins.bytes, expected 0."},
      {"cbuiltins\nbytearray\nK\5\x85R", "REDUCE gives an int to builtins.bytearray, expected bytes."},
      {"cbuiltins\nbytearray\nNN\x86R",
       "REDUCE gives two arguments to builtins.bytearray, expected a str of Latin-1 and \"latin-1\"."},
      {"cbuiltins\ncomplex\nNN\x86R", "REDUCE gives None to builtins.complex, expected a float."},
      {"c_codecs\nencode\nNN\x86R", "REDUCE gives None to _codecs.encode, expected a str."},
      {"c_codecs\nencode\n)R", "REDUCE gives 0 arguments to _codecs.encode, expected 2."},
      {"c_codecs\nencode\nVa\nVrot13\n\x86R",
       "REDUCE gives the encoding \"rot13\" to _codecs.encode, expected \"latin1\"."},
      {"c_codecs\nencode\nV\\u0100\nVlatin1\n\x86R",
       "REDUCE gives _codecs.encode a character that Latin-1 does not have."},
      {kOrdered + "K\1\x85R", "REDUCE gives an int to collections.OrderedDict, expected a dict or a list of pairs."},
      {kOrdered + "]Na\x85R", "REDUCE gives a list to collections.OrderedDict that holds None, expected pairs."},
      {"ccollections\ndefaultdict\nK\1\x85R",
       "REDUCE gives an int to collections.defaultdict, expected the global of a class."},
  };
  for (const auto& [bytes, message] : cases) {
    const std::string error = pickle_error(bytes);
    EXPECT_EQ(error.substr(std::min(error.size(), error.find("REDUCE"))), message) << error;
  }
}

TEST(PickleReader, KeepsItsLimits) {
  const auto error = [](const std::string& bytes, size_t PickleOptions::*limit, size_t value) {
    PickleOptions options;
    options.*limit = value;
    return pickle_error(bytes, options);
  };
  EXPECT_EQ(error("NNN000N.", &PickleOptions::max_stack, 2), "f: byte 2: NONE has more than 2 values on the stack.");
  EXPECT_EQ(error("]]]", &PickleOptions::max_nodes, 2), "f: byte 2: EMPTY_LIST makes more than 2 values.");
  EXPECT_EQ(error("(((", &PickleOptions::max_marks, 2), "f: byte 2: MARK opens more than 2 marks.");
  EXPECT_EQ(error("Nq\2", &PickleOptions::max_memo, 2),
            "f: byte 1: BINPUT has memo index 2, expected one below 2 there.");
  EXPECT_EQ(error("\x8A\3abc.", &PickleOptions::max_int_bytes, 2),
            "f: byte 0: LONG1 has an int of 3 bytes, expected at most 2.");
  EXPECT_EQ(error("L123L\n.", &PickleOptions::max_int_digits, 2),
            "f: byte 0: LONG has an int of 3 digits, expected at most 2.");
  EXPECT_EQ(error("NN00N.", &PickleOptions::max_bytes, 2),
            "f: byte 2: an opcode goes beyond the first 2 bytes, all that a pickle may have.");
}

TEST(PickleReader, EveryTruncationIsAnError) {
  const std::string bytes = "\x80\x04\x95\x12\0\0\0\0\0\0\0}(\x8C\1a\x94]\x94(K\1G\0\0\0\0\0\0\0\0eX\1\0\0\0bNu."s;
  EXPECT_EQ(pickle_error(bytes), "");
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(pickle_error(bytes.substr(0, size)), "") << size;
  }
}

// Input that makes other readers slow, large or overflow their stack.
TEST(PickleReader, TakesLinearTimeAndNoRecursion) {
  constexpr int kMany = 200'000;
  const std::vector<std::string> good{
      "N" + repeated("\x85", kMany) + ".",                    // deep tuples
      "}N" + repeated("\x85", kMany) + "Ns.",                 // as a key
      repeated("]", kMany) + repeated("a", kMany - 1) + ".",  // deep lists
      "N" + repeated("2\x86", 5000) + ".",                    // 2^5000 leaves
      "}N" + repeated("2\x86", 5000) + "Ns.",                 // as a key
      "]q\1" + repeated("h\1a", kMany) + ".",                 // a list in itself
      "]" + repeated("(Ne", kMany) + ".",
      "N" + repeated("(N1", kMany) + ".",
      "]q\1]q\2" + repeated("h\1Na0h\2Na0", 20'000) + "0.",  // growing in turn
      "}" + repeated("NNs", kMany) + ".",
  };
  for (const std::string& bytes : good) EXPECT_EQ(pickle_error(bytes), "");
  std::string keys = "}(";
  for (int i = 0; i < kMany; ++i) keys += "J" + little_endian(static_cast<uint64_t>(i), 4) + "N";
  EXPECT_EQ(pickle_error(keys + "u."), "");
}

}  // namespace
}  // namespace bisque
