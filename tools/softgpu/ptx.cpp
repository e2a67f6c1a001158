#include "ptx.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "ptx_lexer.h"

namespace ptx {

uint32_t type_size(const std::string& t) {
  if (t == "pred" || t == "b8" || t == "u8" || t == "s8") return 1;
  if (t == "b16" || t == "u16" || t == "s16" || t == "f16" || t == "bf16") return 2;
  if (t == "b32" || t == "u32" || t == "s32" || t == "f32" || t == "f16x2" || t == "bf16x2") return 4;
  if (t == "b64" || t == "u64" || t == "s64" || t == "f64") return 8;
  if (t == "b128") return 16;
  return 0;
}

namespace {

class Parser : private Lexer {
 public:
  explicit Parser(const std::string& t) : Lexer(t) {}

  std::unique_ptr<Module> run() {
    mod = std::make_unique<Module>();
    while (tok.k != Token::End) top_level();
    return std::move(mod);
  }

 private:
  std::unique_ptr<Module> mod;
  Function* fn = nullptr;
  int scope = 0, loc_file = 0, loc_line = 0;

  void file_line() {  // .file 1 "path"
    size_t e = std::min(text.find('\n', tok.pos), text.size());
    std::string l = text.substr(tok.pos, e - tok.pos);
    size_t a = l.find('"'), b = l.rfind('"');
    if (a != std::string::npos && b > a) mod->files[atoi(l.c_str() + 5)] = l.substr(a + 1, b - a - 1);
    skip_line();
  }

  // ---- numbers -------------------------------------------------------------
  Operand number() {
    bool neg = accept("-");
    if (!neg) accept("+");
    if (tok.k != Token::Num) fail("expected a number");
    Operand o;
    o.bits = parse_num(tok.s, o.kind);
    if (neg) {
      if (o.kind == Operand::F32)
        o.bits ^= 1u << 31;
      else if (o.kind == Operand::F64)
        o.bits ^= 1ull << 63;
      else
        o.bits = -o.bits;
    }
    next();
    return o;
  }

  // ---- declarations ----------------------------------------------------------
  // after the space token: [.align N] [.ptr ...] [.vN] .type name[dims] [= init]
  Var variable(Space sp, bool ext) {
    Var v;
    v.space = sp;
    v.is_extern = ext;
    uint32_t vec = 1;
    while (tok.k == Token::Ident && tok.s[0] == '.') {
      std::string t = tok.s.substr(1);
      next();
      if (t == "align") {
        v.align = strtoul(tok.s.c_str(), nullptr, 0);
        next();
      } else if (t == "v2")
        vec = 2;
      else if (t == "v4")
        vec = 4;
      else if (t == "ptr" || space_of("." + t) != Space::None || t == "attribute") {
        if (t == "attribute") skip_parens();
      } else {
        v.type = t;
        v.elem = type_size(t);
      }
    }
    if (!v.elem) {
      if (sp == Space::Param)
        v.elem = 8;
      else
        fail("unknown type ." + v.type);
    }
    v.elem *= vec;
    // "._": prototypes name their parameters with a lone underscore
    v.name = tok.s;
    next();
    declarator(v);
    return v;
  }

  void skip_parens() {
    int d = 0;
    do {
      if (is("(")) d++;
      if (is(")")) d--;
      next();
    } while (d > 0);
  }

  void declarator(Var& v) {
    uint64_t n = 1;
    bool array = false, unbounded = false;
    while (accept("[")) {
      array = true;
      if (is("]"))
        unbounded = true;
      else {
        n *= strtoull(tok.s.c_str(), nullptr, 0);
        next();
      }
      expect("]");
    }
    v.size = unbounded ? 0 : n * v.elem;
    if (v.align < v.elem) v.align = array && v.align ? v.align : v.elem;
    if (accept("=")) {
      initialiser(v);
      if (unbounded) v.size = v.init.size() * v.elem;
    }
  }

  void initialiser(Var& v) {
    if (accept("{")) {
      while (!accept("}")) {
        initialiser(v);
        accept(",");
      }
      return;
    }
    Init i;
    if (tok.k == Token::Num || is("-")) {
      i.bits = number().bits;
    } else
      i = symbol_init();
    v.init.push_back(i);
  }

  // sym, generic(sym), sym+4, and the byte form 0xFF00(sym)
  Init symbol_init() {
    Init i;
    i.is_sym = true;
    if (is("generic")) {
      i.generic = true;
      next();
      expect("(");
      i.sym = tok.s;
      next();
      if (is("+") || is("-")) i.add = number().bits;
      expect(")");
    } else {
      i.sym = tok.s;
      next();
    }
    if (is("+") || is("-")) i.add = number().bits;
    return i;
  }

  std::vector<Var> params() {
    std::vector<Var> r;
    expect("(");
    while (!accept(")")) {
      Space sp = space_of(tok.s);
      if (sp == Space::None) fail("expected a parameter");
      next();
      r.push_back(variable(sp, false));
      accept(",");
    }
    return r;
  }

  void top_level() {
    if (tok.k != Token::Ident) {
      if (accept(";")) return;
      fail("unexpected token");
    }
    const std::string s = tok.s;
    if (s == ".file") return file_line();
    if (s == ".version" || s == ".address_size" || s == ".loc") return skip_line();
    if (s == ".target") {
      next();
      mod->target = tok.s;
      return skip_line();
    }
    if (s == ".section") {
      while (!is("{")) next();
      skip_braces();
      return;
    }
    if (s == ".alias") {
      next();
      std::string a = tok.s;
      next();
      expect(",");
      mod->aliases[a] = tok.s;
      next();
      expect(";");
      return;
    }
    if (s == ".pragma") {
      while (!accept(";")) next();
      return;
    }
    bool ext = false;
    while (is(".visible") || is(".weak") || is(".extern") || is(".common")) {
      ext |= is(".extern");
      next();
    }
    if (is(".entry") || is(".func")) return function();
    Space sp = space_of(tok.s);
    if (sp == Space::None) fail("unknown directive");
    next();
    mod->vars.push_back(variable(sp, ext));
    while (accept(",")) {
      Var v = mod->vars.back();
      v.name = tok.s;
      v.init.clear();
      next();
      declarator(v);
      mod->vars.push_back(v);
    }
    expect(";");
  }

  void skip_braces() {
    int d = 0;
    do {
      if (is("{")) d++;
      if (is("}")) d--;
      next();
    } while (d > 0 && tok.k != Token::End);
  }

  // ---- functions -------------------------------------------------------------
  void function() {
    auto f = std::make_unique<Function>();
    fn = f.get();
    loc_file = loc_line = 0;
    f->entry = accept(".entry");
    if (!f->entry) expect(".func");
    while (is(".attribute")) {
      next();
      skip_parens();
    }
    if (!f->entry && is("(")) f->rets = params();
    f->name = tok.s;
    next();
    if (is("(")) f->params = params();
    while (tok.k == Token::Ident) function_directive();
    if (is("{")) {
      next();
      f->has_body = true;
      f->scopes.emplace_back();
      scope = 0;
      body();
    } else
      accept(";");
    mod->funcs.push_back(std::move(f));
    fn = nullptr;
  }

  // .maxntid 128, 1, 1  .minnctapersm 2  .noreturn ...
  void function_directive() {
    std::string d = tok.s;
    next();
    if (d == ".pragma") {
      while (!accept(";")) next();
      return;
    }
    uint64_t n = 1;
    bool any = false;
    while (tok.k == Token::Num) {
      n *= strtoull(tok.s.c_str(), nullptr, 0);
      any = true;
      next();
      if (!accept(",")) break;
    }
    if (any && (d == ".maxntid" || d == ".reqntid")) fn->max_threads = (int)n;
  }

  void body() {
    while (!accept("}")) {
      if (tok.k == Token::End) fail("unexpected end");
      statement();
    }
  }

  void statement() {
    if (is("{")) {
      next();
      int saved = scope;
      fn->scopes.emplace_back();
      fn->scopes.back().parent = saved;
      scope = (int)fn->scopes.size() - 1;
      body();
      scope = saved;
      return;
    }
    if (accept(";")) return;
    if (is(".file")) return file_line();
    if (is(".loc")) {
      sscanf(text.c_str() + tok.pos, ".loc %d %d", &loc_file, &loc_line);
      return skip_line();
    }
    if (is(".pragma")) {
      while (!accept(";")) next();
      return;
    }
    if (is(".extern")) next();
    Space sp = tok.k == Token::Ident ? space_of(tok.s) : Space::None;
    if (sp != Space::None) {
      next();
      return declaration(sp);
    }
    if (tok.k == Token::Ident && label()) return;
    instruction();
  }

  void declare(const Var& v) { fn->scopes[scope].vars[v.name] = v; }

  void declaration(Space sp) {
    Var v = variable(sp, false);
    for (;;) {
      if (sp == Space::Reg && accept("<")) {  // %r<10>
        unsigned n = strtoul(tok.s.c_str(), nullptr, 0);
        next();
        expect(">");
        for (unsigned i = 0; i < n; i++) {
          Var r = v;
          r.name = v.name + std::to_string(i);
          declare(r);
        }
      } else
        declare(v);
      if (!accept(",")) break;
      v.name = tok.s;
      next();
      v.init.clear();
      if (is("[")) declarator(v);
    }
    expect(";");
  }

  // name ':' [ .branchtargets a, b; | .callprototype ...; ]
  bool label() {
    size_t save_p = p;
    Token save = tok;
    std::string name = tok.s;
    next();
    if (!is(":")) {
      p = save_p;
      tok = save;
      return false;
    }
    next();
    if (is(".branchtargets")) {
      next();
      auto& v = fn->branch_targets[name];
      while (!accept(";")) {
        v.push_back(tok.s);
        next();
        accept(",");
      }
    } else if (is(".callprototype")) {
      next();
      auto& pr = fn->protos[name];
      if (is("(")) pr.rets = params();
      next();  // the placeholder "_"
      if (is("(")) pr.params = params();
      while (!accept(";")) next();
    } else
      fn->scopes[scope].labels[name] = (int)fn->code.size();
    return true;
  }

  void instruction() {
    Instr in;
    in.scope = scope;
    in.file = loc_file;
    in.line = loc_line;
    size_t begin = tok.pos;
    if (accept("@")) {
      in.guard_neg = accept("!");
      in.guard = tok.s;
      next();
    }
    if (tok.k != Token::Ident) fail("expected an instruction");
    size_t b = 0;
    for (size_t i = 0; i <= tok.s.size(); i++)
      if (i == tok.s.size() || tok.s[i] == '.') {
        in.op.push_back(tok.s.substr(b, i - b));
        b = i + 1;
      }
    next();
    while (!is(";")) {
      in.args.push_back(operand());
      if (!accept(",")) break;
    }
    in.text = squeeze(text.substr(begin, tok.pos - begin));
    expect(";");
    fn->code.push_back(std::move(in));
  }

  static std::string squeeze(const std::string& s) {
    std::string r;
    for (char c : s) {
      if (isspace((unsigned char)c)) {
        if (!r.empty() && r.back() != ' ') r += ' ';
      } else
        r += c;
    }
    return r;
  }

  Operand operand() {
    Operand o;
    if (accept("!")) {
      o = operand();
      o.negated = true;
      return o;
    }
    if (accept("{")) {
      o.kind = Operand::Vec;
      while (!accept("}")) {
        o.sub.push_back(operand());
        accept(",");
      }
      return o;
    }
    if (accept("(")) {
      o.kind = Operand::List;
      while (!accept(")")) {
        o.sub.push_back(operand());
        accept(",");
      }
      return o;
    }
    if (accept("[")) {
      o = memory();
      expect("]");
      return o;
    }
    if (tok.k == Token::Num || is("-")) return number();
    if (tok.k != Token::Ident) fail("bad operand");
    o.name = tok.s;
    next();
    if (is("+") || is("-")) o.off = (int64_t)number().bits;  // symbol+4
    if (accept("|")) {
      Operand q = operand(), pair;
      pair.kind = Operand::Pair;
      pair.sub = {o, q};
      return pair;
    }
    return o;
  }

  Operand memory() {
    Operand o;
    o.kind = Operand::Mem;
    if (tok.k == Token::Num || is("-")) {
      o.off = (int64_t)number().bits;
      return o;
    }
    o.name = tok.s;
    next();
    if (accept("+"))
      o.off = (int64_t)number().bits;
    else if (is("-"))
      o.off = (int64_t)number().bits;
    return o;
  }
};

}  // namespace

std::unique_ptr<Module> parse(const std::string& text, std::string& error) {
  try {
    return Parser(text).run();
  } catch (const std::exception& e) {
    error = e.what();
    return nullptr;
  }
}

}  // namespace ptx
