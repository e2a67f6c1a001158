// Prints {case: result}: tests/core/nn/parity_test.py compares it with what torch.nn does.
#include <iostream>

#include <bisque/tests/core/nn/parity/cases.h>

int main() try {
  bisque::parity::Json results;
  for (const auto& cases :
       {bisque::parity::tree_cases(), bisque::parity::state_cases(), bisque::parity::hook_cases()}) {
    for (const auto& [name, run] : cases) results[name] = run();
  }
  std::cout << results.dump() << std::endl;
  return 0;
} catch (const std::exception& error) {
  std::cerr << "parity: " << error.what() << std::endl;
  return 1;
}
