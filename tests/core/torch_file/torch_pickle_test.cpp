#include <bisque/core/torch_file/torch_pickle.h>

#include <string>
#include <utility>
#include <vector>

#include <bisque/core/torch_file/pickle_reader.h>
#include <bisque/core/torch_file/pickle_writer.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;
using namespace std::string_literals;

const std::string kHooks = "ccollections\nOrderedDict\n)R";

std::string storage(const std::string& type = "FloatStorage", const std::string& numel = "I6\n") {
  return "(Vstorage\nctorch\n" + type + "\nV0\nVcpu\n" + numel + "tQ";
}

// A tensor of the storage, offset, sizes and strides, each an opcode or more.
std::string torch_tensor(const std::string& offset, const std::string& sizes, const std::string& strides,
                         const std::string& rest = "\x89" + kHooks, const std::string& of = storage()) {
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + of + offset + sizes + strides + rest + "tR";
}

// The error of the first part of torch that the pickle holds at its root; empty where it has none.
std::string torch_pickle_error(const std::string& opcodes) {
  const std::string bytes = opcodes + ".";
  const Pickle pickle = read_pickle(bytes_of(bytes), "f");
  return error_of([&] { TorchPickle(pickle, "f").describe(pickle.root); });
}

TEST(TorchPickle, ReadsAView) {
  const std::string bytes = torch_tensor("K\1", "K\2K\2\x86", "K\1K\2\x86") + ".";
  const Pickle pickle = read_pickle(bytes_of(bytes), "f");
  const TensorObject object = TorchPickle(pickle, "f").tensor(pickle.root);
  const auto& view = std::get<TensorInfo>(object.tensor);
  EXPECT_EQ(view.dtype, TorchDtype::Float32);
  EXPECT_EQ(view.storage_offset, 1);
  EXPECT_EQ(view.sizes, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(view.strides, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(view.storage.key, "0");
  EXPECT_EQ(view.storage.root_bytes(), 24U);
}

TEST(TorchPickle, RejectsTensorsBeyondTheirStorage) {
  const std::string name = "f: torch._utils._rebuild_tensor_v2: ";
  const std::vector<std::pair<std::string, std::string>> cases{
      {torch_tensor("K\0"s, "K\7\x85", "K\1\x85"), "reaches element 6 of storage \"0\", which has 6."},
      {torch_tensor("K\6", "K\1\x85", "K\1\x85"), "reaches element 6 of storage \"0\", which has 6."},
      {torch_tensor("K\6", ")", ")"), "reaches element 6 of storage \"0\", which has 6."},
      {torch_tensor("K\0"s, "K\2K\3\x86", "K\4K\1\x86"), "reaches element 6 of storage \"0\", which has 6."},
      {torch_tensor("I-1\n", ")", ")"), "argument 2 (storage_offset) is -1, expected at least 0."},
      {torch_tensor("K\0"s, "I-1\n\x85", "K\1\x85"), "argument 3 (size) holds -1, expected at least 0."},
      {torch_tensor("K\0"s, "K\1\x85", "I-1\n\x85"), "argument 4 (stride) holds -1, expected at least 0."},
      {torch_tensor("K\0"s, "K\1\x85", ")"), "has 1 sizes and 0 strides, expected as many."},
      {torch_tensor("K\0"s, "I4294967296\nI4294967296\n\x86", "K\0K\0\x86"s),
       "has sizes whose product is more than 2^63 bytes."},
      {torch_tensor("K\0"s, "I4611686018427387904\n\x85", "K\0\x85"s),
       "has sizes whose product is more than 2^63 bytes."},
      {torch_tensor("K\0"s, "I0\nI4294967296\nI4294967296\n\x87", ")"), "has 3 sizes and 0 strides, expected as many."},
      {torch_tensor("K\0"s, "I0\nI4294967296\nI4294967296\n\x87", "K\1K\1K\1\x87"),
       "has sizes whose product is more than 2^63 bytes."},
      {torch_tensor("K\0"s, "K\3\x85", "I9223372036854775807\n\x85"), "has strides that reach beyond 2^63 bytes."},
      {torch_tensor("I9223372036854775807\n", "K\1\x85", "K\1\x85"), "has strides that reach beyond 2^63 bytes."},
      {torch_tensor("Vx\n", ")", ")"), "argument 2 (storage_offset) is a str, expected an int of 64 bits."},
      {torch_tensor("\x88", ")", ")"), "argument 2 (storage_offset) is a bool, expected an int of 64 bits."},
      {torch_tensor("K\0"s, "K\1", ")"), "argument 3 (size) is an int, expected a tuple of ints."},
      {torch_tensor("K\0"s, "\x88\x85", "K\1\x85"), "argument 3 (size) holds a bool, expected ints of 64 bits."},
      {torch_tensor("K\0"s, "L99999999999999999999L\n\x85", "K\1\x85"),
       "argument 3 (size) holds an int, expected ints of 64 bits."},
      {torch_tensor("K\0"s, ")", ")", "N" + kHooks), "argument 5 (requires_grad) is None, expected a bool."},
      {torch_tensor("K\0"s, ")", ")", "\x89K\1"),
       "argument 6 (backward_hooks) is an int, expected an empty OrderedDict."},
      {torch_tensor("K\0"s, ")", ")", "\x89" + kHooks + "NNs"),
       "has backward hooks, which are not supported, expected none."},
      {torch_tensor("K\0"s, ")", ")", "\x89" + kHooks + "K\1"), "argument 7 (metadata) is an int, expected a dict."},
      {torch_tensor("K\0"s, ")", ")", "\x89" + kHooks + "}Vx\n\x88s"),
       "argument 7 (metadata) holds more than the bools \"conj\" and \"neg\"."},
      {torch_tensor("K\0"s, ")", ")", "\x89" + kHooks + "}Vconj\n\x88s"),
       "is the conjugate of float32, expected a complex dtype."},
      {torch_tensor("K\0"s, ")", ")", "\x89" + kHooks + "NN"), "has 8 arguments, expected 6 to 7."},
      {torch_tensor("K\0"s, ")", ")", "\x89" + kHooks, "N"), "argument 1 (storage) is None, expected a storage."},
      {torch_tensor("K\0"s, ")", ")", "\x89" + kHooks, storage("QInt8Storage")),
       "makes a tensor of qint8, which needs a quantizer."},
  };
  for (const auto& [opcodes, message] : cases) EXPECT_EQ(torch_pickle_error(opcodes), name + message);
  EXPECT_EQ(torch_pickle_error(torch_tensor("K\x19", "K\0K\0\x86"s, "K\5K\1\x86")), "");  // x[4:, 5:] of 4 x 5
  EXPECT_EQ(torch_pickle_error(torch_tensor("K\5", "I1000000\n\x85", "K\0\x85"s)), "");   // expanded
}

TEST(TorchPickle, RejectsBrokenStorages) {
  const auto id = [](const std::string& parts) { return "(" + parts + "tQ"; };
  const std::string f = "ctorch\nFloatStorage\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"P0\n", "f: has a persistent id that is not a tuple, as storages have."},
      {")Q", "f: has a persistent id that does not begin with \"storage\", as all do that are read."},
      {id("Vmodule\n" + f + "NN"),
       "f: has a persistent id that does not begin with \"storage\", as all do that are read."},
      {id("Vstorage\n" + f), "f: has a storage of 2 parts, expected 5 or 6."},
      {id("Vstorage\n" + f + "K\1Vcpu\nK\1"), "f: has a storage whose key or location is not a str, or empty."},
      {id("Vstorage\nNV0\nVcpu\nK\1"), "f: storage \"0\" has None as its type, expected a class."},
      {id("Vstorage\nctorch\nSize\nV0\nVcpu\nK\1"),
       "f: storage \"0\" has the global torch.Size as its type, expected one like torch.FloatStorage."},
      {id("Vstorage\n" + f + "V0\nVcpu\nI-1\n"), "f: storage \"0\" has as its size no non-negative int."},
      {id("Vstorage\n" + f + "V0\nVcpu\nI4611686018427387904\n"),
       "f: storage \"0\" has a size of 4611686018427387904 elements, expected less than 2^63 bytes."},
      {id("Vstorage\n" + f + "V0\nVcpu\nK\6K\1"),
       "f: storage \"0\" has an int as its view, expected None or a tuple of key, offset and size."},
      {id("Vstorage\n" + f + "V0\nVcpu\nK\6(V1\nK\3K\4t"),
       "f: storage \"0\" has a view of 4 elements from 3, but 6 in all."},
  };
  for (const auto& [opcodes, message] : cases) EXPECT_EQ(torch_pickle_error(opcodes), message);
  const std::string two = "](" + storage() + storage("LongStorage") + "e.";
  const Pickle pickle = read_pickle(bytes_of(two), "f");
  EXPECT_EQ(error_of([&] { TorchPickle(pickle, "f").storages(); }),
            "f: storage \"0\" is 6 of float32 on cpu in one place and 6 of int64 on cpu in another.");
}

TEST(TorchPickle, RejectsBrokenPartsOfOtherTensors) {
  const std::string qtensor = "ctorch._utils\n_rebuild_qtensor\n(" + storage("QInt8Storage") + "K\0K\6\x85K\1\x85"s;
  const std::string sparse = "ctorch._utils\n_rebuild_sparse_tensor\n(ctorch.serialization\n_get_layout\n";
  const std::string ints = storage("LongStorage");
  const std::string indices = torch_tensor("K\0"s, "K\2K\2\x86", "K\2K\1\x86", "\x89" + kHooks, ints);
  const std::string three = torch_tensor("K\0"s, "K\3\x85", "K\1\x85");
  const std::string parameter = "ctorch._utils\n_rebuild_parameter\n(";
  const std::vector<std::pair<std::string, std::string>> cases{
      {qtensor + "N\x89" + kHooks + "tR", "_rebuild_qtensor: argument 5 (quantizer_params) is None, expected a tuple."},
      {qtensor + ")\x89" + kHooks + "tR",
       "_rebuild_qtensor: has no quantization scheme first in its quantizer_params."},
      {qtensor + "ctorch\nper_tensor_affine\n\x85\x89" + kHooks + "tR",
       "_rebuild_qtensor: has 1 quantizer_params, expected 3 per tensor."},
      {qtensor + "(ctorch\nper_tensor_affine\nFnan\nK\1t\x89" + kHooks + "tR",
       "_rebuild_qtensor: argument 2 (scale) is nan, expected a finite number."},
      {qtensor + "(ctorch\nper_channel_affine\n]]K\1t\x89" + kHooks + "tR",
       "_rebuild_qtensor: has channels along dimension 1 of 1."},
      {qtensor + "(ctorch\nper_channel_affine\n]]K\0t\x89"s + kHooks + "tR",
       "_rebuild_qtensor: has 0 scales, expected 6, one per channel."},
      {qtensor + "(ctorch\nper_tensor_symmetric\nt\x89" + kHooks + "tR",
       "_rebuild_qtensor: has the quantization scheme per_tensor_symmetric, which torch does not save."},
      {sparse + "Vtorch.x\n\x85R)tR",
       "_get_layout: has the layout \"torch.x\", expected one like \"torch.sparse_coo\"."},
      {sparse + "Vtorch.strided\n\x85R)tR",
       "_rebuild_sparse_tensor: makes a tensor of layout strided, expected a sparse one."},
      {sparse + "Vtorch.sparse_coo\n\x85R)tR", "_rebuild_sparse_tensor: has 0 arguments, expected 3 to 4."},
      {sparse + "Vtorch.sparse_coo\n\x85R(" + indices + three + "K\3K\3\x86ttR",
       "_rebuild_sparse_tensor: has 3 values, expected 2, one per index."},
      {sparse + "Vtorch.sparse_coo\n\x85R(" + three + three + "K\3K\3\x86ttR",
       "_rebuild_sparse_tensor: has indices of float32 with 1 dimensions, expected int64 or int32 with 2."},
      {sparse + "Vtorch.sparse_csr\n\x85R(" + indices + indices + three + "K\3K\3\x86ttR",
       "_rebuild_sparse_tensor: has 2 sizes, which do not fit its values of 1 dimensions."},
      {parameter + "N\x89" + kHooks + "tR", "_rebuild_parameter: argument 1 (data) is None, expected a tensor."},
      {parameter + parameter + three + "\x89" + kHooks + "tR\x89" + kHooks + "tR",
       "_rebuild_parameter: makes a Parameter of a Parameter."},
      {"ctorch\ndevice\nV../x\n\x85R",
       "torch.device: has the device \"../x\", expected one like \"cpu\" or \"cuda:0\", up to 127."},
      {"ctorch\ndevice\nVcuda:128\n\x85R",
       "torch.device: has the device \"cuda:128\", expected one like \"cpu\" or \"cuda:0\", up to 127."},
      {"ctorch\nfloat32\n)R", "f: calls torch.float32, which may only be referenced."},
      {"ctorch\nSize\nK\1\x85R", "torch.Size: argument 1 (sizes) is an int, expected a tuple of ints."},
  };
  for (const auto& [opcodes, message] : cases) expect_contains(torch_pickle_error(opcodes), message);
}

// A Parameter of a Parameter of a ..., each level within the last: no reader's stack may follow it.
TEST(TorchPickle, NestedConstructorsEndInAnError) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += "ctorch._utils\n_rebuild_parameter\n(";
  bytes += torch_tensor("K\0"s, ")", ")");
  for (int i = 0; i < 100'000; ++i) bytes += "\x89NtR";
  PickleOptions options;
  options.max_marks = 200'000;
  bytes += ".";
  const Pickle pickle = read_pickle(bytes_of(bytes), "f", options);
  EXPECT_EQ(error_of([&] { TorchPickle(pickle, "f").describe(pickle.root); }),
            "f: torch._utils._rebuild_parameter: is within more than 4 other tensors.");
}

TEST(PickleWriter, RejectsWhatIsNoValue) {
  EXPECT_EQ(error_of([] { PickleWriter().finish(); }), "PickleWriter: finish() comes before a value.");
  EXPECT_EQ(error_of([] {
              PickleWriter writer;
              writer.begin_list();
              writer.finish();
            }),
            "PickleWriter: finish() comes before the end of what was begun.");
  EXPECT_EQ(error_of([] {
              PickleWriter writer;
              writer.begin_list();
              writer.end_dict();
            }),
            "PickleWriter: end_dict() ends what was not begun last.");
  EXPECT_EQ(error_of([] { PickleWriter().str("\xFF"); }), "PickleWriter: the text \"\\xFF\" is not UTF-8.");
  EXPECT_EQ(error_of([] { PickleWriter().again(0); }),
            "PickleWriter: again() puts number 0, which remember() did not give.");
}

}  // namespace
}  // namespace bisque
