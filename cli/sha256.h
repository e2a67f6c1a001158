// A SHA-256 sum of texts and tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bisque::cli {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  /// The bytes of its elements in order, whatever the strides.
  void add(const at::Tensor& tensor);
  /// 64 hexadecimal digits; nothing may be added after it.
  std::string digest();

 private:
  struct Context;
  void add(std::span<const std::byte> bytes);

  std::unique_ptr<Context> context_;
};

}  // namespace bisque::cli
