#include <bisque/core/torch_file/pickle_writer.h>

#include <bit>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/pickle_text.h>

namespace bisque {
namespace {

constexpr size_t kMaxText = 0xFFFFFFFF;

}  // namespace

PickleWriter::PickleWriter() : text_("\x80\x02") {}

std::string PickleWriter::finish() {
  if (!open_.empty()) fail("PickleWriter: finish() comes before the end of what was begun.");
  if (text_.size() == 2) fail("PickleWriter: finish() comes before a value.");
  op('.');
  return std::move(text_);
}

void PickleWriter::none() { op('N'); }
void PickleWriter::boolean(bool value) { op(value ? '\x88' : '\x89'); }

void PickleWriter::integer(int64_t value) {
  if (value >= 0 && value <= 0xFF) {
    op('K');
    number(static_cast<uint8_t>(value));
  } else if (value >= 0 && value <= 0xFFFF) {
    op('M');
    number(static_cast<uint16_t>(value));
  } else if (value >= INT32_MIN && value <= INT32_MAX) {
    op('J');
    number(static_cast<int32_t>(value));
  } else {
    big_integer({reinterpret_cast<const char*>(&value), sizeof value});
  }
}

void PickleWriter::big_integer(std::string_view bytes) {
  bytes = shortest_integer(bytes);
  if (bytes.size() > INT32_MAX) fail("PickleWriter: an int has ", bytes.size(), " bytes, expected less than 2^31.");
  if (bytes.size() <= 0xFF) {
    op('\x8A');
    number(static_cast<uint8_t>(bytes.size()));
  } else {
    op('\x8B');
    number(static_cast<int32_t>(bytes.size()));
  }
  text_ += bytes;
}

void PickleWriter::real(double value) {
  op('G');
  number(__builtin_bswap64(std::bit_cast<uint64_t>(value)));
}

void PickleWriter::str(std::string_view text) {
  if (!is_utf8(text, true)) fail("PickleWriter: the text ", quoted_text(text), " is not UTF-8.");
  if (text.size() > kMaxText) fail("PickleWriter: a text has ", text.size(), " bytes, expected less than 2^32.");
  op('X');
  number(static_cast<uint32_t>(text.size()));
  text_ += text;
}

// Protocol 2 has no bytes; Python encodes them as text and its encoding.
void PickleWriter::bytes(std::string_view bytes) {
  // Python itself writes empty ones as a call of bytes, which its weights-only reader rejects.
  global("c_codecs\nencode\n");
  str(decode_latin1(bytes));
  repeated("latin1");
  text_ += "\x86R";
}

void PickleWriter::byte_array(std::string_view array) {
  global("c__builtin__\nbytearray\n");
  if (array.empty()) {
    op(')');
  } else {
    bytes(array);
    op('\x85');
  }
  op('R');
}

void PickleWriter::complex(double re, double im) {
  global("c__builtin__\ncomplex\n");
  real(re);
  real(im);
  op('\x86');
  op('R');
}

// ---- Containers

void PickleWriter::mark() {
  op('(');
  marked_at_ = text_.size();
}

void PickleWriter::end(Open open, const char* name) {
  if (open_.empty() || open_.back() != open) fail("PickleWriter: ", name, "() ends what was not begun last.");
  open_.pop_back();
}

void PickleWriter::begin_list() {
  begin(Open::List);
  op(']');
  mark();
}

void PickleWriter::end_list() {
  end(Open::List, "end_list");
  op('e');
}

void PickleWriter::begin_tuple() {
  begin(Open::Tuple);
  op('(');
}

void PickleWriter::end_tuple() {
  end(Open::Tuple, "end_tuple");
  op('t');
}

void PickleWriter::begin_set() {
  begin(Open::Set);
  global("c__builtin__\nset\n");
  text_ += "](";
}

void PickleWriter::end_set() {
  end(Open::Set, "end_set");
  text_ += "e\x85R";
}

void PickleWriter::begin_frozen_set() {
  begin(Open::FrozenSet);
  global("c__builtin__\nfrozenset\n");
  text_ += "](";
}

void PickleWriter::end_frozen_set() {
  end(Open::FrozenSet, "end_frozen_set");
  text_ += "e\x85R";
}

void PickleWriter::begin_dict() {
  begin(Open::Dict);
  op('}');
  mark();
}

void PickleWriter::end_dict() {
  end(Open::Dict, "end_dict");
  op('u');
}

void PickleWriter::begin_ordered_dict() {
  begin(Open::OrderedDict);
  empty_ordered_dict();
  mark();
}

void PickleWriter::end_ordered_dict(bool has_metadata) {
  end(Open::OrderedDict, "end_ordered_dict");
  op('u');
  if (!has_metadata) return;
  begin(Open::Metadata);
  op('}');
  repeated("_metadata");
}

void PickleWriter::end_metadata() {
  end(Open::Metadata, "end_metadata");
  text_ += "sb";
}

// ---- The memo

uint32_t PickleWriter::remember() {
  const bool is_open = text_.size() == marked_at_;
  if (is_open) text_.pop_back();  // the mark, which follows
  const uint32_t place = next_memo_++;
  if (place <= 0xFF) {
    op('q');
    number(static_cast<uint8_t>(place));
  } else {
    op('r');
    number(place);
  }
  if (is_open) mark();
  return place;
}

void PickleWriter::again(uint32_t place) {
  if (place >= next_memo_) fail("PickleWriter: again() puts number ", place, ", which remember() did not give.");
  if (place <= 0xFF) {
    op('h');
    number(static_cast<uint8_t>(place));
  } else {
    op('j');
    number(place);
  }
}

void PickleWriter::global(std::string_view line) {
  const auto found = memo_.find(line);
  if (found != memo_.end()) {
    again(found->second);
    return;
  }
  text_ += line;
  memo_.emplace(line, remember());
}

// A text that occurs in many values.
void PickleWriter::repeated(std::string_view text) {
  const auto found = memo_.find(text);
  if (found != memo_.end()) {
    again(found->second);
    return;
  }
  str(text);
  memo_.emplace(text, remember());
}

}  // namespace bisque
