// How a C++ file adds a row to the table of `make bench`: one global Bench, and no other file touched.
#pragma once
#include <functional>

namespace bisque::bench {

/// What the table says of a row.
struct Row {
  const char* name;
  const char* work;
  const char* note = "";
  const char* needs = "";          // the fixture of harness/fixtures.py that must be there, if any
  const char* peer = "";           // what the peer of C++ is, where there is one; Python's is @peer(name)
  const char* recorded_peer = "";  // a peer that cannot be installed, and
  double recorded_ms = 0;          // its figure
};

/// Sets a row up and returns the call that is timed.
using Setup = std::function<void()> (*)();

/// Registers a row.
struct Bench {
  Bench(const Row& row, Setup setup, Setup peer = nullptr);
};

}  // namespace bisque::bench
