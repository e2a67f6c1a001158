#include <bisque/renderer/takes/array_take.h>

#include <bit>
#include <cstring>

#include <bisque/core/error.h>
#include <bisque/core/serialization/safetensors.h>
#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/npy_header.h>
#include <bisque/renderer/takes/rows.h>
#include <bisque/renderer/takes/text_message.h>

namespace bisque {
namespace {

static_assert(std::endian::native == std::endian::little, "array files are read as little-endian");

// Rows of packed values, and the size of each column's type: 4 (float32) or 8 (float64).
struct PackedRows {
  std::span<const std::byte> bytes;
  int64_t num_rows = 0;
  std::vector<size_t> item_sizes;
};

double load(const std::byte* data, size_t size) {
  if (size == sizeof(float)) {
    float value = 0;
    std::memcpy(&value, data, sizeof(value));
    return value;
  }
  double value = 0;
  std::memcpy(&value, data, sizeof(value));
  return value;
}

// Error: a size of the data that is not that of the rows, which the values are then allocated by.
void check_size(const PackedRows& packed, const std::string& where) {
  size_t row_bytes = 0;
  for (const size_t size : packed.item_sizes) row_bytes += size;
  if (packed.num_rows == 0) fail(where, ": holds no frame.");
  const size_t rows = packed.bytes.size() / row_bytes;
  if (rows != static_cast<size_t>(packed.num_rows) || packed.bytes.size() % row_bytes != 0) {
    fail(where, ": has ", packed.bytes.size(), " bytes of data, expected ", packed.num_rows, " rows of ", row_bytes,
         " bytes.");
  }
}

std::vector<float> unpack(const PackedRows& packed, const std::vector<std::string>& names, const std::string& where) {
  check_size(packed, where);
  std::vector<float> values;
  values.reserve(static_cast<size_t>(packed.num_rows) * names.size());
  const std::byte* data = packed.bytes.data();
  for (int64_t frame = 0; frame < packed.num_rows; ++frame) {
    for (size_t i = 0; i < names.size(); ++i) {
      const double value = load(data, packed.item_sizes[i]);
      data += packed.item_sizes[i];
      if (!fits_float(value)) {
        fail(where, ": frame ", frame, ": ", quoted_text(names[i]), " is ", value, ", expected a finite float32.");
      }
      values.push_back(static_cast<float>(value));
    }
  }
  return values;
}

void check_column_count(const std::vector<std::string>& names, size_t num_columns, const std::string& where) {
  if (names.size() != num_columns) {
    fail(where, ": has ", num_columns, " columns, but ", names.size(), " names are given for them.");
  }
}

size_t item_size(const NpyField& field, const std::string& where) {
  if (field.type == "<f4") return sizeof(float);
  if (field.type == "<f8") return sizeof(double);
  fail(where, ": ", field.name.empty() ? "the array" : quoted_text(field.name), " is of type ", quoted_text(field.type),
       ", expected <f4 or <f8.");
}

}  // namespace

TakeRows parse_npy_take(std::span<const std::byte> bytes, const std::string& where,
                        const std::optional<ColumnNames>& columns, const std::optional<FrameRate>& rate) {
  const NpyHeader header = parse_npy_header(bytes, where);
  PackedRows packed;
  packed.bytes = bytes.subspan(header.data_begin);
  TakeRows rows;
  if (header.structured) {
    if (header.shape.size() != 1) {
      fail(where, ": has ", header.shape.size(), " dimensions, expected 1 with named fields.");
    }
    for (const NpyField& field : header.fields) {
      rows.names.push_back(field.name);
      packed.item_sizes.push_back(item_size(field, where));
    }
    if (columns && columns->names != rows.names)
      fail(where, ": its fields are not those of the file of names beside it.");
  } else {
    const size_t size = item_size(header.fields[0], where);
    if (header.shape.size() != 2) {
      fail(where, ": has ", header.shape.size(), " dimensions, expected 2 (frames and names).");
    }
    if (header.fortran_order) fail(where, ": is in Fortran order, expected C order.");
    if (!columns) {
      fail(where, ": does not name its columns, expected named fields (a structured dtype) or a file ",
           "NAME.names.json beside it.");
    }
    check_column_count(columns->names, static_cast<size_t>(header.shape[1]), where);
    rows.names = columns->names;
    packed.item_sizes.assign(rows.names.size(), size);
  }
  packed.num_rows = header.shape[0];
  check_column_names(rows.names, where);
  rows.values = unpack(packed, rows.names, where);
  place_one_after_another(packed.num_rows, rate || !columns ? rate : columns->rate, rows);
  return rows;
}

TakeRows parse_safetensors_take(std::span<const std::byte> bytes, const std::string& where,
                                const std::optional<FrameRate>& rate) {
  const SafetensorsFile file = SafetensorsFile::parse(bytes, where);
  if (file.tensors().size() != 1 || (!file.find("values") && !file.find("coefficients"))) {
    fail(where, ": holds ", file.tensors().size(),
         " tensors, expected one named \"values\" or \"coefficients\" in a take.");
  }
  const TensorView& tensor = file.tensors()[0];
  if (tensor.dtype != Dtype::F32 && tensor.dtype != Dtype::F64) {
    fail(where, ": tensor ", quoted_text(tensor.name), " is ", dtype_name(tensor.dtype), ", expected F32 or F64.");
  }
  if (tensor.shape.size() != 2) {
    fail(where, ": tensor ", quoted_text(tensor.name), " has ", tensor.shape.size(),
         " dimensions, expected 2 (frames and names).");
  }
  const auto names = file.metadata().find("names");
  if (names == file.metadata().end()) {
    fail(where, ": does not name its columns, expected a JSON list under \"names\" in its __metadata__.");
  }
  TakeRows rows;
  rows.names = parse_column_names(names->second, where + ": names in __metadata__").names;
  check_column_count(rows.names, static_cast<size_t>(tensor.shape[1]), where);
  PackedRows packed{tensor.bytes, tensor.shape[0], {}};
  packed.item_sizes.assign(rows.names.size(), dtype_bits(tensor.dtype) / 8);
  rows.values = unpack(packed, rows.names, where);
  std::optional<FrameRate> own_rate;
  if (const auto fps = file.metadata().find("fps"); fps != file.metadata().end()) {
    own_rate = parse_frame_rate(fps->second, where + ": fps in __metadata__");
  }
  place_one_after_another(packed.num_rows, rate ? rate : own_rate, rows);
  return rows;
}

}  // namespace bisque
