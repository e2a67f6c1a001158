// Cuts PTX text into tokens.
#pragma once
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "ptx.h"

namespace ptx {

struct Token {
  enum K { End, Ident, Num, Str, Punct } k = End;
  std::string s;
  size_t pos = 0;
};

inline bool ident_char(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '%' || c == '.'; }

/// The state space that a token names.
inline Space space_of(const std::string& s) {
  if (s == ".reg") return Space::Reg;
  if (s == ".param") return Space::Param;
  if (s == ".local") return Space::Local;
  if (s == ".shared") return Space::Shared;
  if (s == ".global") return Space::Global;
  if (s == ".const") return Space::Const;
  return Space::None;
}

/// The bits of a number, and whether it is an integer, a float or a double.
inline uint64_t parse_num(const std::string& s, Operand::Kind& kind) {
  kind = Operand::Int;
  if (s.size() == 10 && (s[1] == 'f' || s[1] == 'F')) {
    kind = Operand::F32;
    return strtoull(s.c_str() + 2, nullptr, 16);
  }
  if (s.size() == 18 && (s[1] == 'd' || s[1] == 'D')) {
    kind = Operand::F64;
    return strtoull(s.c_str() + 2, nullptr, 16);
  }
  if (s.size() > 2 && s[0] == '0' && (s[1] == 'b' || s[1] == 'B')) return strtoull(s.c_str() + 2, nullptr, 2);
  if (s.find('.') != std::string::npos) {
    kind = Operand::F64;
    double d = strtod(s.c_str(), nullptr);
    uint64_t b;
    memcpy(&b, &d, 8);
    return b;
  }
  return strtoull(s.c_str(), nullptr, 0);
}

/// Holds the token that comes next; `text` must outlive it.
class Lexer {
 protected:
  explicit Lexer(const std::string& t) : text(t) { next(); }

  [[noreturn]] void fail(const std::string& what) {
    size_t e = text.find('\n', tok.pos);
    throw std::runtime_error(what + " at: " + text.substr(tok.pos, e == std::string::npos ? 60 : e - tok.pos));
  }

  void skip_blank() {
    for (;;) {
      while (p < text.size() && (isspace((unsigned char)text[p]) || !text[p])) p++;
      if (text.compare(p, 2, "//") == 0)
        p = std::min(text.find('\n', p), text.size());
      else if (text.compare(p, 2, "/*") == 0)
        p = std::min(text.find("*/", p) + 2, text.size());
      else
        return;
    }
  }

  void next() {
    skip_blank();
    tok = Token();
    tok.pos = p;
    if (p >= text.size()) return;
    char c = text[p];
    if (c == '"') {
      size_t e = text.find('"', p + 1);
      tok.k = Token::Str;
      tok.s = text.substr(p + 1, e - p - 1);
      p = e + 1;
      return;
    }
    if (ident_char(c)) {
      size_t e = p;
      // "::" glues qualifiers such as shared::cta; a lone ':' ends a label
      // and a directive ends at the next dot: ".reg.b32" is two tokens
      while (e < text.size() && (ident_char(text[e]) || text.compare(e, 2, "::") == 0)) {
        if (c == '.' && e > p && text[e] == '.') break;
        e += text[e] == ':' ? 2 : 1;
      }
      tok.k = isdigit((unsigned char)c) ? Token::Num : Token::Ident;
      tok.s = text.substr(p, e - p);
      p = e;
      return;
    }
    tok.k = Token::Punct;
    tok.s = std::string(1, c);
    p++;
  }

  bool is(const char* s) const { return tok.k != Token::Str && tok.s == s; }
  bool accept(const char* s) {
    if (!is(s)) return false;
    next();
    return true;
  }
  void expect(const char* s) {
    if (!accept(s)) fail(std::string("expected ") + s);
  }
  void skip_line() {
    p = std::min(text.find('\n', tok.pos), text.size());
    next();
  }

  const std::string& text;
  size_t p = 0;
  Token tok;
};

}  // namespace ptx
