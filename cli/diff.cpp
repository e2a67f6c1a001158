// bisque diff: compares two files of tensors.
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <bisque/core/checkpoint/value_text.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

#include "cli/commands.h"
#include "cli/tensor_difference.h"
#include "cli/tensor_file.h"

namespace bisque::cli {
namespace {

constexpr int kFilesDiffer = 3;  // the exit code

/// The subject of a line of the report: its key, which both files share, and the printed name.
template <class T>
struct Entry {
  std::string name;
  T value;
};
template <class T>
using Entries = std::map<std::string, Entry<T>>;

/// Names are sufficient if one file has nothing else; for two nested values only the indices distinguish 0 from "0".
template <class T>
const std::string& key_of(const T& entry, bool by_indices) {
  return by_indices ? entry.indices : entry.name;
}

std::string shortened(const std::string& text) {
  constexpr size_t kMaxBytes = 120;
  return escaped_and_cut(text, kMaxBytes);
}

/// The name of a tensor or value that is not in a container is empty.
std::string line_begin(const std::string& name) { return name.empty() ? "the whole" : shortened(name); }

std::string pair_of(const std::string& a, const std::string& b) {
  const std::string left = shortened(a), right = shortened(b);
  if (left != right) return left + ", and " + right;
  const auto apart =
      std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  return left + " in both as far as shown; they differ from byte " + std::to_string(apart.first - a.begin()) + " on";
}

/// 0 and -0 are equal, as in tensors, and NaNs are.
std::string value_difference_text(const Value& a, const Value& b) {
  const auto *left = a.get_if<double>(), *right = b.get_if<double>();
  if (left && right && *left == *right) return "";
  const std::string left_text = value_text(a), right_text = value_text(b);
  return left_text == right_text ? "" : pair_of(left_text, right_text);
}

/// Adds a line for each key, sorted, with a nonempty text.
template <class T, class Difference>
void compare(const Entries<T>& a, const Entries<T>& b, const Difference& differ, std::string& lines) {
  std::set<std::string> keys;
  for (const auto& entry : a) keys.insert(entry.first);
  for (const auto& entry : b) keys.insert(entry.first);
  for (const std::string& key : keys) {
    const auto left = a.find(key), right = b.find(key);
    const std::string text = left == a.end()    ? "only in the second"
                             : right == b.end() ? "only in the first"
                                                : differ(left->second.value, right->second.value);
    if (text.empty()) continue;
    const std::string& name = left == a.end() ? right->second.name : left->second.name;
    lines += line_begin(name) + ": " + text + "\n";
  }
}

/// Replaces names that refer to two keys, one in each file, by the keys.
template <class T>
void separate_names(Entries<T>& a, Entries<T>& b) {
  std::map<std::string, std::set<std::string>> keys;
  for (const Entries<T>* entries : {&a, &b}) {
    for (const auto& [key, entry] : *entries) keys[entry.name].insert(key);
  }
  for (Entries<T>* entries : {&a, &b}) {
    for (auto& [key, entry] : *entries) {
      if (keys[entry.name].size() > 1) entry.name = key;
    }
  }
}

/// The differences between two files of tensors.
class Comparison {
 public:
  Comparison(const TensorFile& a, const TensorFile& b)
      : a_(a), b_(b), by_indices_(a.is_nested && b.is_nested), budget_(a.num_bytes + b.num_bytes) {}

  /// One line each, or "".
  std::string lines() {
    lines_.clear();
    compare_tensors();
    compare_values();
    compare_containers();
    return lines_;
  }

 private:
  void compare_tensors() {
    const auto entries = [&](const TensorFile& file) {
      Entries<at::Tensor> result;
      for (const auto& entry : file.tensors) result[key_of(entry, by_indices_)] = {entry.name, entry.tensor};
      return result;
    };
    Entries<at::Tensor> left = entries(a_), right = entries(b_);
    separate_names(left, right);
    const auto differ = [&](const at::Tensor& a, const at::Tensor& b) { return tensor_difference(a, b, budget_); };
    compare(left, right, differ, lines_);
  }

  /// Metadata are text; they are compared with the text that `convert` makes of the other file's value.
  void compare_values() {
    const auto entries = [&](const TensorFile& file) {
      Entries<Value> result;
      for (const auto& entry : file.values) {
        const bool is_text = file.is_nested && !by_indices_;
        result[key_of(entry, by_indices_)] = {entry.name, is_text ? Value(metadata_text(entry.value)) : entry.value};
      }
      return result;
    };
    Entries<Value> left = entries(a_), right = entries(b_);
    separate_names(left, right);
    compare(left, right, value_difference_text, lines_);
  }

  void compare_containers() {
    const std::map<std::string, std::string> left(a_.containers.begin(), a_.containers.end());
    for (const auto& [indices, kind] : b_.containers) {
      const auto found = left.find(indices);
      if (found == left.end() || found->second == kind || !by_indices_) continue;
      lines_ += line_begin(indices) + ": a " + found->second + ", and a " + kind + "\n";
    }
  }

  const TensorFile& a_;
  const TensorFile& b_;
  bool by_indices_;
  ByteBudget budget_;
  std::string lines_;
};

/// Errors contain both files.
std::string differences(const std::string& files, const TensorFile& a, const TensorFile& b) {
  try {
    return Comparison(a, b).lines();
  } catch (const c10::Error& error) {
    fail(files, ": ", first_line(error.what_without_backtrace()));
  } catch (const Error& error) {
    fail(files, ": ", error.what());
  }
}

}  // namespace

void add_diff(CLI::App& app) {
  struct Options {
    std::string a, b;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("diff", "Compares two files of tensors; exits with 3 if they differ.");
  command->add_option("first", options->a, "A .pt, .pth, .bin, .ckpt, .safetensors or .safetensors.index.json file")
      ->required();
  command->add_option("second", options->b, "Another file of any of these types")->required();
  command->callback([options] {
    const TensorFile first = read_tensor_file(options->a), second = read_tensor_file(options->b);
    const std::string lines = differences(options->a + " and " + options->b, first, second);
    std::printf("%s", lines.empty() ? "no difference\n" : lines.c_str());
    if (!lines.empty()) throw CLI::RuntimeError(kFilesDiffer);
  });
}

}  // namespace bisque::cli
