// bisque diff: where two files of tensors differ.
#include <ATen/ATen.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include <bisque/core/dtype_name.h>
#include <bisque/core/serialization/text.h>

#include "cli/commands.h"
#include "cli/tensor_file.h"

namespace bisque::cli {
namespace {

constexpr int kFilesDiffer = 3;  // the exit code

/// A dense tensor of numbers that can be subtracted exactly enough: float64, or complex128.
at::Tensor numbers(const at::Tensor& tensor) {
  at::Tensor dense = tensor.is_quantized() ? tensor.dequantize() : tensor;
  if (dense.layout() != at::kStrided) dense = dense.to_dense();
  return dense.to(dense.is_complex() ? at::kComplexDouble : at::kDouble);
}

std::string shape_text(const at::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

/// What differs, or "". NaNs in the same place are equal.
std::string difference(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return "the shape " + shape_text(a) + ", and " + shape_text(b);
  std::string text;
  if (a.scalar_type() != b.scalar_type()) text = dtype_name(a.scalar_type()) + ", and " + dtype_name(b.scalar_type());
  const at::Tensor left = numbers(a), right = numbers(b);
  const at::Tensor same = left.eq(right).logical_or(left.isnan().logical_and(right.isnan()));
  const int64_t others = same.numel() - same.sum().item<int64_t>();
  if (others > 0) {
    // Infinities and NaNs that only one has count as infinitely far.
    at::Tensor apart = (left - right).abs().masked_fill(same, 0);
    const double largest = apart.nan_to_num(HUGE_VAL, HUGE_VAL).max().item<double>();
    char numbers_text[96];
    std::snprintf(numbers_text, sizeof numbers_text, "largest difference %.9g, %lld of %lld differ", largest,
                  static_cast<long long>(others), static_cast<long long>(same.numel()));
    text += (text.empty() ? "" : "; ") + std::string(numbers_text);
  }
  return text;
}

/// Prints a line for each name, sorted, whose text is not "".
template <class Map, class Difference>
size_t compare(const Map& a, const Map& b, const Difference& differ) {
  std::set<std::string> names;
  for (const auto& entry : a) names.insert(entry.first);
  for (const auto& entry : b) names.insert(entry.first);
  size_t count = 0;
  for (const std::string& name : names) {
    const auto left = a.find(name), right = b.find(name);
    const std::string text = left == a.end()    ? "only in the second"
                             : right == b.end() ? "only in the first"
                                                : differ(left->second, right->second);
    if (text.empty()) continue;
    std::printf("%s: %s\n", printable(name).c_str(), text.c_str());
    ++count;
  }
  return count;
}

size_t print_differences(const TensorFile& a, const TensorFile& b) {
  const auto tensors = [](const TensorFile& file) {
    std::map<std::string, at::Tensor> result;
    for (const auto& entry : file.tensors) result.emplace(entry.name, entry.tensor);
    return result;
  };
  const auto values = [](const TensorFile& file) {
    std::map<std::string, std::string> result;
    for (const auto& [name, value] : file.values) result.emplace(name, to_json(value).dump());
    return result;
  };
  return compare(tensors(a), tensors(b), difference) +
         compare(values(a), values(b), [](const std::string& left, const std::string& right) {
           return left == right ? "" : left + ", and " + right;
         });
}

}  // namespace

void add_diff(CLI::App& app) {
  struct Options {
    std::string a, b;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("diff", "Tells where two files of tensors differ; exits with 3 where they do.");
  command->add_option("first", options->a, "A .pt, .pth, .bin, .ckpt, .safetensors or .safetensors.index.json file")
      ->required();
  command->add_option("second", options->b, "Another, of any of these forms")->required();
  command->callback([options] {
    const TensorFile first = read_tensor_file(options->a), second = read_tensor_file(options->b);
    const size_t count = print_differences(first, second);
    if (count > 0) throw CLI::RuntimeError(kFilesDiffer);
    std::printf("no difference\n");
  });
}

}  // namespace bisque::cli
