#include <bisque/renderer/takes/gzip.h>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include <bisque/core/error.h>

namespace bisque {
namespace {

/// zlib's state, freed in the destructor.
class Inflater {
 public:
  explicit Inflater(std::span<const std::byte> input) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) fail("zlib cannot be started.");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));  // zlib only reads it
    stream_.avail_in = static_cast<uInt>(input.size());
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Unpacks into `output`; returns zlib's code and sets `written`.
  int step(std::span<std::byte> output, size_t& written) {
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(output.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    written = output.size() - stream_.avail_out;
    return code;
  }
  size_t bytes_left() const { return stream_.avail_in; }

 private:
  z_stream stream_{};
};

}  // namespace

std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& where, size_t max_bytes) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) {
    fail(where, ": has ", bytes.size(), " bytes of gzip data, expected less than 4 GiB.");
  }
  Inflater inflater(bytes);
  std::vector<std::byte> result;
  std::array<std::byte, 1 << 16> chunk;
  for (;;) {
    size_t written = 0;
    const int code = inflater.step(chunk, written);
    if (written > max_bytes - result.size()) {
      fail(where, ": unpacks to more than ", max_bytes, " bytes, the most that is read.");
    }
    result.insert(result.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(written));
    if (code == Z_STREAM_END) break;
    if (code == Z_BUF_ERROR) fail(where, ": the gzip data is truncated.");
    if (code != Z_OK) fail(where, ": is not a gzip file, or is damaged.");
  }
  if (inflater.bytes_left() > 0) {
    fail(where, ": has ", inflater.bytes_left(), " bytes after the end of its gzip data, expected none.");
  }
  return result;
}

}  // namespace bisque
