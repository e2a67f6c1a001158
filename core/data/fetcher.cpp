#include <bisque/core/data/fetcher.h>

#include <c10/util/Exception.h>

namespace bisque::data {

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
    failure.message = "an exception that is no std::exception";
  }
  return failure;
}

Outcome carry_out(Fetcher& fetcher, Task task, Position& position, int worker) {
  Outcome outcome;
  outcome.worker = worker;
  position.ticket.store(task.ticket);
  try {
    outcome.batch = fetcher.fetch(task, position);
    outcome.has_ended = !outcome.batch;
  } catch (const Dropped&) {
    position.ticket.store(-1);
    throw;
  } catch (...) {
    outcome.failure = current_failure();
    outcome.failure->index = position.index.load();
  }
  position.index.store(-1);
  outcome.consumed = fetcher.consumed();
  outcome.task = std::move(task);
  return outcome;
}

}  // namespace bisque::data
