#include "cli/sha256.h"

#include <openssl/evp.h>

#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

#include "cli/tensor_pieces.h"

namespace bisque::cli {
namespace {

void check_openssl(bool succeeded) {
  if (!succeeded) fail("OpenSSL cannot compute a SHA-256 sum.");
}

}  // namespace

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  check_openssl(context_->digest && EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> bytes) {
  check_openssl(EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()) == 1);
}

void Sha256::add(const at::Tensor& tensor) {
  for_each_piece({plain_numbers(tensor.detach())}, [&](const std::vector<at::Tensor>& pieces) {
    add(std::span(static_cast<const std::byte*>(pieces[0].const_data_ptr()), pieces[0].nbytes()));
  });
}

std::string Sha256::digest() {
  unsigned char digest[32];
  check_openssl(EVP_DigestFinal_ex(context_->digest.get(), digest, nullptr) == 1);
  return hex_digits(std::as_bytes(std::span(digest)));
}

}  // namespace bisque::cli
