#include <bisque/core/torch_file/pickle.h>

namespace bisque {

const char* kind_name(PickleKind kind) {
  switch (kind) {
    case PickleKind::None:
      return "None";
    case PickleKind::Bool:
      return "a bool";
    case PickleKind::Int:
    case PickleKind::BigInt:
      return "an int";
    case PickleKind::Float:
      return "a float";
    case PickleKind::Complex:
      return "a complex number";
    case PickleKind::Str:
      return "a str";
    case PickleKind::Bytes:
      return "bytes";
    case PickleKind::ByteArray:
      return "a bytearray";
    case PickleKind::List:
      return "a list";
    case PickleKind::Tuple:
      return "a tuple";
    case PickleKind::Set:
      return "a set";
    case PickleKind::FrozenSet:
      return "a frozenset";
    case PickleKind::Dict:
      return "a dict";
    case PickleKind::Global:
      return "a global";
    case PickleKind::Call:
      return "a call";
    case PickleKind::Persistent:
      return "a persistent id";
  }
  return "nothing";
}

}  // namespace bisque
