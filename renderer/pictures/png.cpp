#include <bisque/renderer/pictures/png.h>

#include <spng.h>

#include <cstdlib>
#include <memory>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/mapped_file.h>

namespace bisque {
namespace {

using Context = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

// libspng keeps ancillary chunks (colour profiles, texts) until the end: this limits their memory.
constexpr size_t kMaxChunk = size_t{16} << 20;
constexpr size_t kMaxChunks = size_t{64} << 20;
// Deflate expands one byte to at most 1032.
constexpr int64_t kMaxInflation = 1032;

void check_decoded(int error, const std::string& name) {
  if (error) fail(name, ": cannot be read as PNG (", spng_strerror(error), "), expected a whole PNG file.");
}

void check_encoded(int error, const std::string& name) {
  if (error) fail(name, ": cannot be encoded as PNG (", spng_strerror(error), ").");
}

Context open_decoder(std::span<const std::byte> bytes, const std::string& name) {
  Context context(spng_ctx_new(0), &spng_ctx_free);
  if (!context) throw std::bad_alloc();
  check_decoded(spng_set_chunk_limits(context.get(), kMaxChunk, kMaxChunks), name);
  // By default, a damaged tRNS chunk, and with it the transparency, would be silently dropped.
  check_decoded(spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_ERROR), name);
  check_decoded(spng_set_png_buffer(context.get(), bytes.data(), bytes.size()), name);
  return context;
}

int channels_in_file(uint8_t color_type) {
  switch (color_type) {
    case SPNG_COLOR_TYPE_GRAYSCALE:
      return 1;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
      return 2;
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
      return 4;
    default:
      return 3;
  }
}

// Transparency by a separate chunk: a transparent colour, or a palette with alpha.
bool has_transparency(const Context& context) {
  spng_trns transparency;
  return spng_get_trns(context.get(), &transparency) == 0;
}

void check_size(const spng_ihdr& header, size_t file_size, const std::string& name) {
  const int64_t width = header.width;
  const int64_t height = header.height;
  if (width > kMaxPicturePixels / height) {
    fail(name, ": the PNG header declares ", width, " x ", height, " pixels, expected at most ", kMaxPicturePixels,
         ".");
  }
  const int samples = header.color_type == SPNG_COLOR_TYPE_INDEXED ? 1 : channels_in_file(header.color_type);
  if (width * height * samples * header.bit_depth / 8 / kMaxInflation > static_cast<int64_t>(file_size)) {
    fail(name, ": the PNG header declares ", width, " x ", height, " pixels, more than ", file_size,
         " bytes can hold; the file is truncated or damaged.");
  }
}

}  // namespace

std::vector<std::byte> encode_png(const Picture& picture, const std::string& name) {
  check_picture(picture, name);
  const Context context(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
  if (!context) throw std::bad_alloc();
  spng_ihdr header{};
  header.width = static_cast<uint32_t>(picture.width);
  header.height = static_cast<uint32_t>(picture.height);
  header.bit_depth = 8;
  header.color_type = picture.channels == 4 ? SPNG_COLOR_TYPE_TRUECOLOR_ALPHA : SPNG_COLOR_TYPE_TRUECOLOR;
  check_encoded(spng_set_ihdr(context.get(), &header), name);
  check_encoded(spng_set_srgb(context.get(), 0), name);
  // Of 84 settings tried on a shaded head, this is the second fastest (3.9 ms at 512 x 512, the fastest takes 3.2 ms),
  // with two thirds of the fastest's file size; runs also bound the time for any picture.
  constexpr int kRunsOnly = 3;  // zlib's Z_RLE
  check_encoded(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1), name);
  check_encoded(spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, 1), name);
  check_encoded(spng_set_option(context.get(), SPNG_IMG_COMPRESSION_STRATEGY, kRunsOnly), name);
  check_encoded(spng_set_option(context.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP), name);
  check_encoded(spng_encode_image(context.get(), picture.pixels.data(), picture.pixels.size(), SPNG_FMT_PNG,
                                  SPNG_ENCODE_FINALIZE),
                name);
  size_t size = 0;
  int error = 0;
  const std::unique_ptr<void, decltype(&std::free)> file(spng_get_png_buffer(context.get(), &size, &error), &std::free);
  check_encoded(error, name);
  const auto* begin = static_cast<const std::byte*>(file.get());
  return {begin, begin + size};
}

void write_png(const std::string& path, const Picture& picture) {
  const std::vector<std::byte> bytes = encode_png(picture, path);
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

Picture decode_png(std::span<const std::byte> bytes, const std::string& name) {
  const Context context = open_decoder(bytes, name);
  spng_ihdr header;
  check_decoded(spng_get_ihdr(context.get(), &header), name);
  check_size(header, bytes.size(), name);
  const bool has_alpha = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
                         header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA || has_transparency(context);
  Picture picture;
  picture.width = header.width;
  picture.height = header.height;
  picture.channels = has_alpha ? 4 : 3;
  picture.pixels.resize(static_cast<size_t>(picture.width * picture.height * picture.channels));
  check_decoded(spng_decode_image(context.get(), picture.pixels.data(), picture.pixels.size(),
                                  has_alpha ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8, SPNG_DECODE_TRNS),
                name);
  check_decoded(spng_decode_chunks(context.get()), name);  // up to the end mark, to detect truncated files
  return picture;
}

Picture read_png(const std::string& path) { return decode_png(MappedFile::open(path)->bytes(), path); }

PictureInfo png_info(std::span<const std::byte> bytes, const std::string& name) {
  const Context context = open_decoder(bytes, name);
  spng_ihdr header;
  check_decoded(spng_get_ihdr(context.get(), &header), name);
  const bool indexed = header.color_type == SPNG_COLOR_TYPE_INDEXED;
  PictureInfo info{"PNG", header.width, header.height, channels_in_file(header.color_type), header.bit_depth};
  if (indexed) info.bit_depth = 8;  // of the palette's colours
  if (indexed && has_transparency(context)) info.channels = 4;
  return info;
}

}  // namespace bisque
