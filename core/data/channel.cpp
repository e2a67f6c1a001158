#include <bisque/core/data/channel.h>

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace bisque::data {
namespace {

struct Header {
  uint64_t size;
  uint64_t has_file;
};

union FileControl {
  char bytes[CMSG_SPACE(sizeof(int))];
  cmsghdr align;
};

bool read_all(int socket, void* to, size_t size) {
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t got = recv(socket, at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

/// Reads the header, and the file that is sent with it.
bool read_header(int socket, Header& header, int& file) {
  iovec part{&header, sizeof(header)};
  FileControl control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  ssize_t got = 0;
  do {
    got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  if (const cmsghdr* found = CMSG_FIRSTHDR(&message); found && found->cmsg_type == SCM_RIGHTS) {
    std::memcpy(&file, CMSG_DATA(found), sizeof(file));
  }
  const auto read = static_cast<size_t>(got);
  return read_all(socket, reinterpret_cast<char*>(&header) + read, sizeof(header) - read);
}

}  // namespace

void Channel::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

bool Channel::send(std::span<const std::byte> bytes, int file, const std::function<void()>& when_full) {
  Header header{bytes.size(), file >= 0 ? uint64_t{1} : uint64_t{0}};
  size_t done = 0;
  const size_t all = sizeof(header) + bytes.size();
  while (done < all) {
    const size_t of_header = std::min(done, sizeof(header)), of_body = done - of_header;
    iovec parts[2] = {{reinterpret_cast<char*>(&header) + of_header, sizeof(header) - of_header},
                      {const_cast<std::byte*>(bytes.data()) + of_body, bytes.size() - of_body}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    FileControl control{};
    if (file >= 0 && done == 0) {
      message.msg_control = control.bytes;
      message.msg_controllen = sizeof(control.bytes);
      cmsghdr* entry = CMSG_FIRSTHDR(&message);
      entry->cmsg_level = SOL_SOCKET;
      entry->cmsg_type = SCM_RIGHTS;
      entry->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(entry), &file, sizeof(file));
    }
    const ssize_t sent = sendmsg(socket_, &message, MSG_NOSIGNAL | (when_full ? MSG_DONTWAIT : 0));
    if (sent >= 0) {
      done += static_cast<size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      when_full();
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::optional<Message> Channel::receive() {
  Header header{};
  Message message;
  if (!read_header(socket_, header, message.file)) return std::nullopt;
  message.bytes.resize(header.size);
  if (read_all(socket_, message.bytes.data(), message.bytes.size())) return message;
  if (message.file >= 0) ::close(message.file);
  return std::nullopt;
}

}  // namespace bisque::data
