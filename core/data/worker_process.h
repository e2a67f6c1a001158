// Internal. The main loop of a worker process, and its protocol with the parent.
#pragma once
#include <functional>
#include <memory>

#include <bisque/core/data/channel.h>
#include <bisque/core/data/codec.h>
#include <bisque/core/data/fetcher.h>

namespace bisque::data {

/// From the parent. An epoch: number, base seed, start position, whether the worker initialises. A task: epoch, ticket,
/// count, returned blocks, blocks that the parent cannot map, indices.
enum class ToWorker : uint8_t { kEpoch, kTask };
/// From the worker. A block: id, size, with its file. An outcome: epoch, ticket, kind, place, dropped blocks, then the
/// lent blocks and the batch, or whether its shard has ended with it, index and message of a failure.
enum class FromWorker : uint8_t { kBlock, kOutcome };
enum class OutcomeKind : uint8_t { kBatch, kEnded, kFailed };

void put_place(Encoder& to, const StreamPlace& place);
StreamPlace get_place(Decoder& from);

struct WorkerProcess {
  int id = 0;
  int num_workers = 0;
  std::shared_ptr<const BatchSource> source;
  std::function<void(int)> init;
  Position* position = nullptr;
  int parent = 0;  // its process id
};

/// Serves the parent until it closes the channel, then ends the process.
[[noreturn]] void run_worker_process(const WorkerProcess& worker, Channel channel);

}  // namespace bisque::data
