#include <bisque/core/torch_file/pickle_reader.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>

#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/pickle_machine.h>
#include <bisque/core/torch_file/pickle_opcodes.h>
#include <bisque/core/torch_file/pickle_text.h>

namespace bisque {
namespace {

static_assert(std::endian::native == std::endian::little, "the integers of pickles are little-endian");

// Decodes the opcodes' arguments for the machine.
class PickleDecoder {
 public:
  PickleDecoder(std::string_view bytes, const std::string& where, const PickleOptions& options)
      : bytes_(bytes.substr(0, std::min(bytes.size(), options.max_bytes))),
        is_cut_(bytes.size() > options.max_bytes),
        options_(options),
        machine(where, options) {}

  Pickle run();
  size_t num_read() const { return at_; }

  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - at_) reject_end(count);
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }

  /// A little-endian argument.
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  /// An argument preceded by its length.
  template <class Length>
  std::string_view counted() {
    return take(number<Length>());
  }

  /// The byte count that Python reads as a signed number.
  std::string_view signed_counted() {
    const auto count = number<int32_t>();
    if (count < 0) machine.reject("has ", count, " bytes");
    return take(static_cast<uint64_t>(count));
  }

  std::string_view line() {
    const size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) machine.reject("has an argument without the end of its line");
    const std::string_view text = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return text;
  }

  void proto();
  void frame();
  void global();
  void float_line();
  void int_line();
  void long_line();
  void integer(std::string_view bytes);
  void string_line();
  void unicode_line();
  uint64_t index_line();
  void float_number();

 private:
  [[noreturn]] void reject_end(uint64_t count);
  void decimal(std::string_view digits);

  std::string_view bytes_;
  bool is_cut_;  // by max_bytes
  size_t at_ = 0;
  const PickleOptions& options_;

 public:
  PickleMachine machine;
};

void PickleDecoder::reject_end(uint64_t count) {
  if (is_cut_) machine.reject("goes beyond the first ", options_.max_bytes, " bytes, all that a pickle may have");
  machine.reject("needs ", count, " bytes, but ", bytes_.size() - at_, " are left");
}

void PickleDecoder::proto() {
  const auto version = number<uint8_t>();
  if (version > 5) machine.reject("has protocol ", int{version}, ", expected 0 to 5");
}

// The content of a frame is read like everything else; only its length must be present.
void PickleDecoder::frame() {
  const auto size = number<uint64_t>();
  if (size > bytes_.size() - at_) reject_end(size);
}

void PickleDecoder::global() {
  const std::string_view module = line();
  const std::string_view name = line();
  machine.push_global(module, name);
}

void PickleDecoder::float_line() {
  const std::string_view text = line();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    machine.reject("has ", quoted_text(text), ", expected a float in decimal");
  }
  machine.push_float(value);
}

void PickleDecoder::decimal(std::string_view digits) {
  if (digits.size() > options_.max_int_digits) {
    machine.reject("has an int of ", digits.size(), " digits, expected at most ", options_.max_int_digits);
  }
  auto bytes = decode_decimal(digits);
  if (!bytes) machine.reject("has ", quoted_text(digits), ", expected an int in decimal");
  machine.push_integer(bytes->size() > sizeof(int64_t) ? machine.kept(std::move(*bytes)) : *bytes);
}

void PickleDecoder::int_line() {
  const std::string_view text = line();
  if (text == "00" || text == "01") {
    machine.push_bool(text == "01");
  } else {
    decimal(text);
  }
}

void PickleDecoder::long_line() {
  std::string_view text = line();
  if (text.ends_with('L')) text.remove_suffix(1);
  decimal(text);
}

void PickleDecoder::integer(std::string_view bytes) {
  if (bytes.size() > options_.max_int_bytes) {
    machine.reject("has an int of ", bytes.size(), " bytes, expected at most ", options_.max_int_bytes);
  }
  machine.push_integer(bytes);
}

void PickleDecoder::string_line() {
  const std::string_view text = line();
  const char quote = text.empty() ? '\0' : text.front();
  if (text.size() < 2 || (quote != '\'' && quote != '"') || text.back() != quote) {
    machine.reject("has ", quoted_text(text), ", expected a string between quotes");
  }
  auto bytes = decode_string_escapes(text.substr(1, text.size() - 2));
  if (!bytes) machine.reject("has a broken escape in ", quoted_text(text));
  machine.push_text(PickleKind::Str, machine.kept(std::move(*bytes)));
}

void PickleDecoder::unicode_line() {
  const std::string_view text = line();
  auto decoded = decode_raw_unicode_escape(text);
  if (!decoded) machine.reject("has a broken escape in ", quoted_text(text));
  machine.push_text(PickleKind::Str, machine.kept(std::move(*decoded)));
}

uint64_t PickleDecoder::index_line() {
  const std::string_view text = line();
  uint64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size()) {
    machine.reject("has ", quoted_text(text), ", expected a memo index");
  }
  return index;
}

// Big-endian, unlike everything else.
void PickleDecoder::float_number() { machine.push_float(std::bit_cast<double>(__builtin_bswap64(number<uint64_t>()))); }

using Decoder = PickleDecoder;
using Kind = PickleKind;

struct Opcode {
  PickleOp op;
  const char* name;  // the name in Python's pickletools
  void (*run)(Decoder&);
};

void reject_extension(Decoder& d) { d.machine.reject("needs copyreg's table of extensions, which files do not have"); }
void reject_buffer(Decoder& d) {
  d.machine.reject("needs a buffer from outside of the pickle, which files do not have");
}
void reject_instance(Decoder& d) { d.machine.reject("makes an object of a Python 2 class, which is not supported"); }

// All opcodes; STOP ends run().
constexpr Opcode kOpcodes[] = {
    {PickleOp::Proto, "PROTO", [](Decoder& d) { d.proto(); }},
    {PickleOp::Frame, "FRAME", [](Decoder& d) { d.frame(); }},
    // Values
    {PickleOp::None, "NONE", [](Decoder& d) { d.machine.push_none(); }},
    {PickleOp::NewTrue, "NEWTRUE", [](Decoder& d) { d.machine.push_bool(true); }},
    {PickleOp::NewFalse, "NEWFALSE", [](Decoder& d) { d.machine.push_bool(false); }},
    {PickleOp::BinInt, "BININT", [](Decoder& d) { d.machine.push_int(d.number<int32_t>()); }},
    {PickleOp::BinInt1, "BININT1", [](Decoder& d) { d.machine.push_int(d.number<uint8_t>()); }},
    {PickleOp::BinInt2, "BININT2", [](Decoder& d) { d.machine.push_int(d.number<uint16_t>()); }},
    {PickleOp::Int, "INT", [](Decoder& d) { d.int_line(); }},
    {PickleOp::Long, "LONG", [](Decoder& d) { d.long_line(); }},
    {PickleOp::Long1, "LONG1", [](Decoder& d) { d.integer(d.counted<uint8_t>()); }},
    {PickleOp::Long4, "LONG4", [](Decoder& d) { d.integer(d.signed_counted()); }},
    {PickleOp::Float, "FLOAT", [](Decoder& d) { d.float_line(); }},
    {PickleOp::BinFloat, "BINFLOAT", [](Decoder& d) { d.float_number(); }},
    {PickleOp::String, "STRING", [](Decoder& d) { d.string_line(); }},
    {PickleOp::BinString, "BINSTRING", [](Decoder& d) { d.machine.push_text(Kind::Str, d.signed_counted()); }},
    {PickleOp::ShortBinString, "SHORT_BINSTRING",
     [](Decoder& d) { d.machine.push_text(Kind::Str, d.counted<uint8_t>()); }},
    {PickleOp::Unicode, "UNICODE", [](Decoder& d) { d.unicode_line(); }},
    {PickleOp::ShortBinUnicode, "SHORT_BINUNICODE",
     [](Decoder& d) { d.machine.push_text(Kind::Str, d.counted<uint8_t>()); }},
    {PickleOp::BinUnicode, "BINUNICODE", [](Decoder& d) { d.machine.push_text(Kind::Str, d.counted<uint32_t>()); }},
    {PickleOp::BinUnicode8, "BINUNICODE8", [](Decoder& d) { d.machine.push_text(Kind::Str, d.counted<uint64_t>()); }},
    {PickleOp::ShortBinBytes, "SHORT_BINBYTES",
     [](Decoder& d) { d.machine.push_text(Kind::Bytes, d.counted<uint8_t>()); }},
    {PickleOp::BinBytes, "BINBYTES", [](Decoder& d) { d.machine.push_text(Kind::Bytes, d.counted<uint32_t>()); }},
    {PickleOp::BinBytes8, "BINBYTES8", [](Decoder& d) { d.machine.push_text(Kind::Bytes, d.counted<uint64_t>()); }},
    {PickleOp::ByteArray8, "BYTEARRAY8",
     [](Decoder& d) { d.machine.push_text(Kind::ByteArray, d.counted<uint64_t>()); }},
    {PickleOp::Global, "GLOBAL", [](Decoder& d) { d.global(); }},
    {PickleOp::StackGlobal, "STACK_GLOBAL", [](Decoder& d) { d.machine.push_named_global(); }},
    {PickleOp::PersId, "PERSID", [](Decoder& d) { d.machine.push_persistent(d.line()); }},
    {PickleOp::BinPersId, "BINPERSID", [](Decoder& d) { d.machine.push_persistent(); }},
    // Containers
    {PickleOp::EmptyList, "EMPTY_LIST", [](Decoder& d) { d.machine.push_empty(Kind::List); }},
    {PickleOp::List, "LIST", [](Decoder& d) { d.machine.push_marked(Kind::List); }},
    {PickleOp::Append, "APPEND", [](Decoder& d) { d.machine.append(); }},
    {PickleOp::Appends, "APPENDS", [](Decoder& d) { d.machine.append_marked(); }},
    {PickleOp::EmptyTuple, "EMPTY_TUPLE", [](Decoder& d) { d.machine.push_empty_tuple(); }},
    {PickleOp::Tuple, "TUPLE", [](Decoder& d) { d.machine.push_marked(Kind::Tuple); }},
    {PickleOp::Tuple1, "TUPLE1", [](Decoder& d) { d.machine.push_tuple(1); }},
    {PickleOp::Tuple2, "TUPLE2", [](Decoder& d) { d.machine.push_tuple(2); }},
    {PickleOp::Tuple3, "TUPLE3", [](Decoder& d) { d.machine.push_tuple(3); }},
    {PickleOp::EmptyDict, "EMPTY_DICT", [](Decoder& d) { d.machine.push_empty(Kind::Dict); }},
    {PickleOp::Dict, "DICT", [](Decoder& d) { d.machine.push_marked(Kind::Dict); }},
    {PickleOp::SetItem, "SETITEM", [](Decoder& d) { d.machine.set_item(); }},
    {PickleOp::SetItems, "SETITEMS", [](Decoder& d) { d.machine.set_marked(); }},
    {PickleOp::EmptySet, "EMPTY_SET", [](Decoder& d) { d.machine.push_empty(Kind::Set); }},
    {PickleOp::AddItems, "ADDITEMS", [](Decoder& d) { d.machine.add_marked(); }},
    {PickleOp::FrozenSet, "FROZENSET", [](Decoder& d) { d.machine.push_marked(Kind::FrozenSet); }},
    // Calls
    {PickleOp::Reduce, "REDUCE", [](Decoder& d) { d.machine.reduce(); }},
    {PickleOp::NewObj, "NEWOBJ", [](Decoder& d) { d.machine.new_object(false); }},
    {PickleOp::NewObjEx, "NEWOBJ_EX", [](Decoder& d) { d.machine.new_object(true); }},
    {PickleOp::Build, "BUILD", [](Decoder& d) { d.machine.build(); }},
    // Stack and memo
    {PickleOp::Mark, "MARK", [](Decoder& d) { d.machine.mark(); }},
    {PickleOp::Pop, "POP", [](Decoder& d) { d.machine.pop(); }},
    {PickleOp::PopMark, "POP_MARK", [](Decoder& d) { d.machine.pop_mark(); }},
    {PickleOp::Dup, "DUP", [](Decoder& d) { d.machine.duplicate(); }},
    {PickleOp::Get, "GET", [](Decoder& d) { d.machine.get(d.index_line()); }},
    {PickleOp::BinGet, "BINGET", [](Decoder& d) { d.machine.get(d.number<uint8_t>()); }},
    {PickleOp::LongBinGet, "LONG_BINGET", [](Decoder& d) { d.machine.get(d.number<uint32_t>()); }},
    {PickleOp::Put, "PUT", [](Decoder& d) { d.machine.put(d.index_line()); }},
    {PickleOp::BinPut, "BINPUT", [](Decoder& d) { d.machine.put(d.number<uint8_t>()); }},
    {PickleOp::LongBinPut, "LONG_BINPUT", [](Decoder& d) { d.machine.put(d.number<uint32_t>()); }},
    {PickleOp::Memoize, "MEMOIZE", [](Decoder& d) { d.machine.memoize(); }},
    // Not supported
    {PickleOp::Inst, "INST", reject_instance},
    {PickleOp::Obj, "OBJ", reject_instance},
    {PickleOp::Ext1, "EXT1", reject_extension},
    {PickleOp::Ext2, "EXT2", reject_extension},
    {PickleOp::Ext4, "EXT4", reject_extension},
    {PickleOp::NextBuffer, "NEXT_BUFFER", reject_buffer},
    {PickleOp::ReadonlyBuffer, "READONLY_BUFFER", reject_buffer},
    {PickleOp::Stop, "STOP", nullptr},
};

constexpr std::array<const Opcode*, 256> by_byte() {
  std::array<const Opcode*, 256> table{};
  for (const Opcode& opcode : kOpcodes) table[static_cast<uint8_t>(opcode.op)] = &opcode;
  return table;
}

constexpr std::array<const Opcode*, 256> kByByte = by_byte();

Pickle PickleDecoder::run() {
  while (true) {
    machine.begin(at_, "an opcode");
    const auto byte = number<uint8_t>();
    const Opcode* opcode = kByByte[byte];
    if (opcode == nullptr) machine.reject("is ", int{byte}, ", which no pickle protocol has");
    machine.begin(at_ - 1, opcode->name);
    if (opcode->op == PickleOp::Stop) return machine.finish();
    opcode->run(*this);
  }
}

}  // namespace

Pickle take_pickle(std::span<const std::byte>& bytes, const std::string& where, const PickleOptions& options) {
  PickleDecoder decoder({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, where, options);
  Pickle pickle = decoder.run();
  bytes = bytes.subspan(decoder.num_read());
  return pickle;
}

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where, const PickleOptions& options) {
  Pickle pickle = take_pickle(bytes, where, options);
  if (!bytes.empty()) fail(where, ": ", bytes.size(), " bytes follow the pickle, which ends in STOP before them.");
  return pickle;
}

}  // namespace bisque
