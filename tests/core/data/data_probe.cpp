// Shows samplers, splits and loaders to a Python test in the same process.
#include <ATen/ATen.h>
#include <torch/library.h>

#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/data/data_loader.h>
#include <bisque/core/data/distributed_sampler.h>
#include <bisque/core/data/on_device.h>
#include <bisque/core/data/random_sampler.h>
#include <bisque/core/data/random_split.h>
#include <bisque/core/data/tensor_dataset.h>

namespace bisque::data {
namespace {

using Ints = std::vector<int64_t>;
using Generator = std::optional<at::Generator>;

Ints epochs_of(Sampler<>& sampler, int64_t epochs) {
  Ints all;
  for (; epochs > 0; --epochs) {
    const Ints epoch = sampler.epoch();
    all.insert(all.end(), epoch.begin(), epoch.end());
  }
  return all;
}

Ints random(int64_t size, bool replacement, std::optional<int64_t> num_samples, Generator generator, int64_t epochs) {
  RandomSampler sampler(size, {.replacement = replacement, .num_samples = num_samples, .generator = generator});
  return epochs_of(sampler, epochs);
}

Ints subset(Ints indices, Generator generator, int64_t epochs) {
  SubsetRandomSampler sampler(std::move(indices), generator);
  return epochs_of(sampler, epochs);
}

Ints weighted(std::vector<double> weights, int64_t num_samples, bool replacement, Generator generator, int64_t epochs) {
  WeightedRandomSampler sampler(std::move(weights), num_samples, replacement, generator);
  return epochs_of(sampler, epochs);
}

Ints distributed(int64_t size, int64_t num_replicas, int64_t rank, bool shuffle, int64_t seed, bool drop_last,
                 int64_t epoch) {
  DistributedSampler sampler(
      size, {.num_replicas = num_replicas, .rank = rank, .shuffle = shuffle, .seed = seed, .drop_last = drop_last});
  sampler.set_epoch(epoch);
  return sampler.epoch();
}

std::vector<Ints> split_of(const std::vector<Subset<Ints>>& parts) {
  std::vector<Ints> all;
  for (const auto& part : parts) all.push_back(part.indices());
  return all;
}

DataLoaderOptions options_of(int64_t batch_size, bool drop_last, int64_t num_workers, bool in_processes) {
  return {.batch_size = batch_size,
          .drop_last = drop_last,
          .num_workers = static_cast<int>(num_workers),
          .worker_kind = in_processes ? WorkerKind::kProcess : WorkerKind::kThread};
}

/// The batches of some epochs: x, y, x, y...
std::vector<at::Tensor> load_batches(const at::Tensor& x, const at::Tensor& y, int64_t batch_size, bool shuffle,
                                     bool drop_last, int64_t num_workers, bool in_processes, bool persistent,
                                     const std::vector<Ints>& batches, Generator generator, int64_t epochs) {
  DataLoaderOptions options = options_of(batch_size, drop_last, num_workers, in_processes);
  options.shuffle = shuffle;
  options.persistent_workers = persistent;
  options.generator = generator;
  if (!batches.empty()) options.batch_sampler = std::make_shared<ListSampler<IndexBatch>>(batches);
  const TensorDataset dataset(x, y);
  DataLoader loader(dataset, options);
  std::vector<at::Tensor> all;
  for (; epochs > 0; --epochs) {
    for (auto& [a, b] : loader) {
      all.push_back(a.clone());
      all.push_back(b.clone());
    }
  }
  return all;
}

/// 0 ... count - 1, of which each worker has a run.
struct Runs {
  int64_t count;
  auto iter() const {
    const WorkerInfo* info = get_worker_info();
    const int64_t id = info ? info->id : 0, workers = info ? info->num_workers : 1;
    const int64_t each = (count + workers - 1) / workers;
    return [at = id * each, end = std::min(count, (id + 1) * each)]() mutable -> std::optional<int64_t> {
      return at < end ? std::optional(at++) : std::nullopt;
    };
  }
};

std::vector<at::Tensor> stream(int64_t count, int64_t batch_size, bool drop_last, int64_t num_workers,
                               bool in_processes) {
  DataLoader loader(Runs{count}, options_of(batch_size, drop_last, num_workers, in_processes));
  std::vector<at::Tensor> all;
  for (at::Tensor& batch : loader) all.push_back(batch.clone());
  return all;
}

/// Random numbers that samples draw in process workers.
struct Noise {
  int64_t size() const { return 12; }
  at::Tensor operator[](int64_t) const { return at::rand({3}); }
};

std::vector<at::Tensor> noise(int64_t num_workers) {
  DataLoader loader(Noise(), options_of(2, false, num_workers, true));
  std::vector<at::Tensor> all;
  for (at::Tensor& batch : loader) all.push_back(batch.clone());
  return all;
}

/// Writes the default_collate of the samples in a file to a file.
void collate_file(const std::string& path, const std::string& result) {
  save(default_collate(load(path).as<List>()), result);
}

/// Batches of rows on a device.
std::vector<at::Tensor> load_on_device(const at::Tensor& rows, const std::string& device, int64_t num_workers,
                                       bool in_processes) {
  DataLoaderOptions options = options_of(3, false, num_workers, in_processes);
  options.pin_memory = true;
  const TensorDataset dataset(rows);
  DataLoader loader(dataset, options);
  std::vector<at::Tensor> all;
  for (auto& [batch] : on_device(loader, c10::Device(device))) all.push_back(batch);
  return all;
}

/// Whether all batches of rows are in pinned memory.
bool are_pinned(const at::Tensor& rows, int64_t num_workers, bool in_processes) {
  DataLoaderOptions options = options_of(3, false, num_workers, in_processes);
  options.pin_memory = true;
  const TensorDataset dataset(rows);
  DataLoader loader(dataset, options);
  bool all = true;
  for (auto& [batch] : loader) all = all && batch.is_pinned();
  return all;
}

/// The errors of workers, one for each of two samples: `rows` is on the device, or each sample makes a tensor there.
std::vector<std::string> errors_with_device(const at::Tensor& rows, const std::string& device) {
  struct Rows {
    at::Tensor rows;
    std::optional<c10::Device> device;
    int64_t size() const { return 2; }
    at::Tensor operator[](int64_t i) const { return device ? rows.select(0, i).to(*device) : rows.select(0, i); }
  };
  const Rows dataset{rows, rows.is_cpu() ? std::optional(c10::Device(device)) : std::nullopt};
  DataLoader loader(dataset, options_of(1, false, 1, true));
  std::vector<std::string> errors;
  auto epoch = loader.epoch();
  while (true) {
    try {
      if (!epoch.next()) return errors;
      errors.emplace_back();
    } catch (const LoaderError& error) {
      errors.emplace_back(error.what());
    }
  }
}

TORCH_LIBRARY(bisque_data_probe, m) {
  m.def("random(int size, bool replacement, int? num_samples, Generator? generator, int epochs) -> int[]", random);
  m.def("subset(int[] indices, Generator? generator, int epochs) -> int[]", subset);
  m.def("weighted(float[] weights, int num_samples, bool replacement, Generator? generator, int epochs) -> int[]",
        weighted);
  m.def("distributed(int size, int num_replicas, int rank, bool shuffle, int seed, bool drop_last, int epoch) -> int[]",
        distributed);
  m.def("split(int size, int[] lengths, Generator? generator) -> int[][]",
        [](int64_t size, Ints lengths, Generator generator) {
          return split_of(random_split(Ints(static_cast<size_t>(size)), lengths, generator));
        });
  m.def("split_fractions(int size, float[] fractions, Generator? generator) -> int[][]",
        [](int64_t size, std::vector<double> fractions, Generator generator) {
          return split_of(random_split(Ints(static_cast<size_t>(size)), fractions, generator));
        });
  m.def(
      "load(Tensor x, Tensor y, int batch_size, bool shuffle, bool drop_last, int num_workers, bool in_processes, bool "
      "persistent, int[][] batches, Generator? generator, int epochs) -> Tensor[]",
      load_batches);
  m.def("stream(int count, int batch_size, bool drop_last, int num_workers, bool in_processes) -> Tensor[]", stream);
  m.def("collate_file(str path, str result) -> ()", collate_file);
  m.def("load_on_device(Tensor rows, str device, int num_workers, bool in_processes) -> Tensor[]", load_on_device);
  m.def("are_pinned(Tensor rows, int num_workers, bool in_processes) -> bool", are_pinned);
  m.def("errors_with_device(Tensor rows, str device) -> str[]", errors_with_device);
  m.def("noise(int num_workers) -> Tensor[]", noise);
}

}  // namespace
}  // namespace bisque::data
