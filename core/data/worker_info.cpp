#include <bisque/core/data/worker_info.h>

namespace bisque::data {
namespace {

thread_local const WorkerInfo* info_of_thread = nullptr;

}  // namespace

const WorkerInfo* get_worker_info() { return info_of_thread; }

WorkerInfoScope::WorkerInfoScope(const WorkerInfo& info) { info_of_thread = &info; }
WorkerInfoScope::~WorkerInfoScope() { info_of_thread = nullptr; }

}  // namespace bisque::data
