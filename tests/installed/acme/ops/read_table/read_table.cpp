// A parser as an op: it has no tensor arguments, so one kernel serves all devices.
#include <bisque/core/error.h>
#include <bisque/core/ops/glue.h>

#include <fstream>
#include <sstream>

namespace {

using bisque::op::ScalarType;
using bisque::op::Tensor;

std::vector<std::vector<double>> read_rows(const std::string& path) {
  std::ifstream file(path);
  if (!file) bisque::fail(path, ": cannot be read.");
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(file, line);) {
    std::istringstream numbers(line);
    rows.emplace_back();
    for (double number; numbers >> number;) rows.back().push_back(number);
  }
  return rows;
}

/// The given columns of a file of numbers, each a float64 tensor.
std::vector<Tensor> read_table(const std::string& path, const std::vector<int64_t>& columns) {
  const auto rows = read_rows(path);
  std::vector<Tensor> values;
  for (const int64_t column : columns) {
    Tensor& tensor =
        values.emplace_back(bisque::op::empty_on_cpu({static_cast<int64_t>(rows.size())}, ScalarType::Double));
    for (size_t row = 0; row < rows.size(); ++row) {
      if (column < 0 || static_cast<size_t>(column) >= rows[row].size()) {
        bisque::fail(path, ":", row + 1, ": has ", rows[row].size(), " columns, expected column ", column, ".");
      }
      bisque::op::mutable_data<double>(tensor)[row] = rows[row][static_cast<size_t>(column)];
    }
  }
  return values;
}

const bisque::op::Register table({
    .schema = "acme::read_table(str path, int[] columns) -> Tensor[] values",
    .any = BISQUE_KERNEL(read_table),
});

}  // namespace
