#include <bisque/core/data/fetcher.h>

#include <c10/util/Exception.h>

namespace bisque::data {
namespace {

constexpr const char* kGivenUp =
    "; no record could be read for a long time, so the rest of this part of the dataset is skipped.";

}  // namespace

Failure current_failure() {
  Failure failure;
  failure.cause = std::current_exception();
  try {
    throw;
  } catch (const c10::Error& error) {
    failure.message = error.what_without_backtrace();
  } catch (const std::exception& error) {
    failure.message = error.what();
  } catch (...) {
    failure.message = "an exception that is not a std::exception";
  }
  return failure;
}

Outcome TaskRunner::run(Task task, Position& position, int worker) {
  Outcome outcome;
  outcome.worker = worker;
  position.ticket.store(task.ticket);
  try {
    if (!fetcher_) fetcher_ = source_->make_fetcher(start_);
    outcome.batch = fetcher_->fetch(task, position);
    outcome.has_ended = !outcome.batch;
  } catch (const Dropped&) {
    position.ticket.store(-1);
    throw;
  } catch (...) {
    outcome.failure = current_failure();
    outcome.failure->index = position.index.load();
    outcome.has_ended = !fetcher_;  // iter() has failed
    if (fetcher_ && fetcher_->has_given_up()) outcome.failure->message += kGivenUp;
  }
  position.index.store(-1);
  outcome.place = fetcher_ ? fetcher_->place() : start_;
  outcome.task = std::move(task);
  return outcome;
}

}  // namespace bisque::data
