// Internal. One end of a socket between a process and its worker: messages of bytes, optionally with a file descriptor.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace bisque::data {

struct Message {
  std::vector<std::byte> bytes;
  int file = -1;  // the receiver closes it
};

class Channel {
 public:
  Channel() = default;
  explicit Channel(int socket) : socket_(socket) {}
  Channel(Channel&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Channel& operator=(Channel&& other) noexcept {
    std::swap(socket_, other.socket_);
    return *this;
  }
  ~Channel() { close(); }

  int socket() const { return socket_; }
  void close();
  /// Returns false if the other end is closed. While the other end does not read, `when_full` (if given) is called
  /// until there is space.
  bool send(std::span<const std::byte> bytes, int file = -1, const std::function<void()>& when_full = {});
  /// Waits for the next message; nullopt if the other end is closed.
  std::optional<Message> receive();

 private:
  int socket_ = -1;
};

}  // namespace bisque::data
