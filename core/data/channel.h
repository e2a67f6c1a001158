// Internal. One end of a socket between a process and its worker: messages of bytes, each with a file if need be.
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
  int file = -1;  // the receiver's to close
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
  /// False where the other end is gone. While the other end does not read, `when_full` is called, if it is given, until
  /// there is room.
  bool send(std::span<const std::byte> bytes, int file = -1, const std::function<void()>& when_full = {});
  /// The next message, waiting for it; nullopt where the other end is gone.
  std::optional<Message> receive();

 private:
  int socket_ = -1;
};

}  // namespace bisque::data
