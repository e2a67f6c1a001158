// Take files of any format as an op.
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <bisque/ops3d/mesh_tensors/mesh_tensors.h>
#include <bisque/renderer/takes/demo_take.h>
#include <bisque/renderer/takes/large_values.h>
#include <bisque/renderer/takes/read_take.h>

namespace bisque {
namespace {

using Texts = std::vector<std::string>;
using LoadedTake = std::tuple<op::Tensor, Texts, int64_t, int64_t, bool, int64_t, int64_t, std::string, Texts>;

LoadedTake load_take(const std::string& path, const std::optional<std::string>& rate) {
  std::optional<FrameRate> given;
  if (rate) given = parse_frame_rate(*rate, "load_take: rate");
  Take take = path == "demo" ? make_demo_take() : read_take(path, given);
  if (path == "demo" && given) take.rate = *given;
  Texts notes = take.notes;
  if (std::string note = large_values_note(take, known_shape_columns(take)); !note.empty()) notes.push_back(note);
  const auto columns = static_cast<int64_t>(take.names.size());
  return {op::float_rows(take.values, columns),
          take.names,
          take.rate.num,
          take.rate.den,
          take.rate_is_guess,
          take.rows,
          take.filled,
          take.source,
          std::move(notes)};
}

const op::Register load_take_op({
    .schema = "bisque::load_take(str path, str? rate=None) -> (Tensor values, str[] names, int rate_num, int rate_den,"
              " bool rate_is_guess, int rows, int filled, str source, str[] notes)",
    .any = BISQUE_KERNEL(load_take),
});

}  // namespace
}  // namespace bisque
