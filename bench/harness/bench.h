// A C++ file adds a row to the table of `make bench` with one global Bench.
#pragma once
#include <functional>

namespace bisque::bench {

/// The description of a row.
struct Row {
  const char* name;
  const char* work;
  const char* note = "";
  const char* needs = "";          // the required fixture of harness/fixtures.py, if any
  const char* peer = "";           // the C++ peer, if any; a Python peer is @peer(name)
  const char* recorded_peer = "";  // a peer that cannot be installed, and
  double recorded_ms = 0;          // its figure
};

/// Sets up a row and returns the call that is timed.
using Setup = std::function<void()> (*)();

/// Registers a row.
struct Bench {
  Bench(const Row& row, Setup setup, Setup peer = nullptr);
};

}  // namespace bisque::bench
