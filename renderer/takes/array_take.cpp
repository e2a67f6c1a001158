#include <bisque/renderer/takes/array_take.h>

#include <cstring>

#include <bisque/core/error.h>
#include <bisque/core/serialization/npy.h>
#include <bisque/core/serialization/safetensors.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/frame_rate.h>
#include <bisque/renderer/takes/rows.h>

namespace bisque {
namespace {

// The position of a column's value in each row, and its size: 4 (float32) or 8 (float64) bytes.
struct PackedColumn {
  size_t offset = 0;
  size_t size = 0;
};

// Rows of values as in the file; the reader has checked the number of bytes.
struct PackedRows {
  std::span<const std::byte> bytes;
  int64_t num_rows = 0;
  size_t row_bytes = 0;
  std::vector<PackedColumn> columns;
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

// Rows of `num_columns` values of one size.
PackedRows pack_evenly(std::span<const std::byte> bytes, int64_t num_rows, size_t num_columns, size_t size) {
  PackedRows packed{bytes, num_rows, num_columns * size, {}};
  for (size_t i = 0; i < num_columns; ++i) packed.columns.push_back({i * size, size});
  return packed;
}

void unpack(const PackedRows& packed, const std::string& where, TakeTable& table) {
  if (packed.num_rows == 0) fail(where, ": holds no frame.");
  check_table_size(static_cast<size_t>(packed.num_rows), table.names.size(), where);
  table.line_word = "frame";
  table.values.reserve(static_cast<size_t>(packed.num_rows) * table.names.size());
  for (int64_t frame = 0; frame < packed.num_rows; ++frame) {
    const std::byte* row = packed.bytes.data() + static_cast<size_t>(frame) * packed.row_bytes;
    for (const PackedColumn& column : packed.columns) {
      table.values.push_back(value_or_missing(load(row + column.offset, column.size)));
    }
    table.lines.push_back(frame);
  }
}

void check_column_count(const std::vector<std::string>& names, size_t num_columns, const std::string& where) {
  if (names.size() != num_columns) {
    fail(where, ": has ", num_columns, " columns, but ", names.size(), " names are given for them.");
  }
}

void check_is_float(const NpyColumn& column, const std::string& where) {
  if (column.kind == 'f') return;
  fail(where, ": ", column.name.empty() ? "the array" : quoted_text(column.name), " is of type ", column.kind,
       column.size, ", expected f4 or f8 (float32 or float64) in a take.");
}

// One dimension, of named fields.
PackedRows pack_fields(const NpyArray& array, const std::optional<ColumnNames>& columns, const std::string& where,
                       std::vector<std::string>& names) {
  if (array.shape.size() != 1) {
    fail(where, ": has ", array.shape.size(), " dimensions, expected 1 with named fields.");
  }
  PackedRows packed{array.bytes, array.shape[0], array.item_size, {}};
  for (const NpyColumn& column : array.columns) {
    check_is_float(column, where);
    names.push_back(column.name);
    packed.columns.push_back({column.offset, column.size});
  }
  if (columns && columns->names != names) fail(where, ": its fields are not those of the file of names beside it.");
  return packed;
}

// Two dimensions, named by `columns`.
PackedRows pack_plain(const NpyArray& array, const std::optional<ColumnNames>& columns, const std::string& where,
                      std::vector<std::string>& names) {
  check_is_float(array.columns[0], where);
  if (array.shape.size() != 2) {
    fail(where, ": has ", array.shape.size(), " dimensions, expected 2 (frames and names).");
  }
  if (!columns) {
    fail(where, ": does not name its columns, expected named fields (a structured dtype) or a file ",
         "NAME.names.json beside it.");
  }
  check_column_count(columns->names, static_cast<size_t>(array.shape[1]), where);
  names = columns->names;
  return pack_evenly(array.bytes, array.shape[0], names.size(), array.item_size);
}

}  // namespace

TakeTable parse_npy_take(std::span<const std::byte> bytes, const std::string& where,
                         const std::optional<ColumnNames>& columns) {
  const NpyArray array = parse_npy(bytes, where);
  TakeTable table;
  const PackedRows packed = (array.is_structured() ? pack_fields : pack_plain)(array, columns, where, table.names);
  unpack(packed, where, table);
  if (columns) table.rate = columns->rate;
  return table;
}

TakeTable parse_safetensors_take(std::span<const std::byte> bytes, const std::string& where) {
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
  TakeTable table;
  table.names = parse_column_names(names->second, where + ": names in __metadata__").names;
  check_column_count(table.names, static_cast<size_t>(tensor.shape[1]), where);
  unpack(pack_evenly(tensor.bytes, tensor.shape[0], table.names.size(), dtype_bits(tensor.dtype) / 8), where, table);
  if (const auto fps = file.metadata().find("fps"); fps != file.metadata().end()) {
    table.rate = parse_frame_rate(fps->second, where + ": fps in __metadata__");
  }
  return table;
}

}  // namespace bisque
