#include <bisque/core/serialization/atomic_file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

// Opens the stream of the descriptor, whose position must be kept: opening the name would start at its first byte.
int standard_stream(const std::string& path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  return -1;
}

// The target of symbolic links, which need not exist yet; "" and errno for a cycle of links.
std::string resolve_links(std::string path) {
  constexpr int kMaxLinks = 40;
  for (int links = 0; links < kMaxLinks; ++links) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (real) return real.get();
    std::array<char, PATH_MAX> target;
    const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
    if (length <= 0 || static_cast<size_t>(length) == target.size()) return path;
    const std::string_view next(target.data(), static_cast<size_t>(length));
    path = (next.starts_with('/') ? "" : folder_prefix(path)).append(next);
  }
  errno = ELOOP;
  return "";
}

// Not mkstemp, so the user's umask determines who may read the file.
int open_temporary(const std::string& folder, std::string& name, UnfinishedWork& unfinished) {
  static std::atomic<unsigned> count{0};
  for (;;) {
    name = folder + ".bisque-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".tmp";
    unfinished.set_file(name);
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
}

void sync_folder(const std::string& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;  // the file itself is safe; some file systems cannot open folders
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path), target_(path) {
  if (const int stream = standard_stream(path); stream >= 0) {
    fd_ = ::fcntl(stream, F_DUPFD_CLOEXEC, 0);
    if (fd_ < 0) fail_with_errno("cannot be opened for writing");
    return;
  }
  struct stat info;
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) fail(path, ": is a directory, expected the name of a file to write.");
  if (exists && !S_ISREG(info.st_mode)) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) fail_with_errno("cannot be opened for writing");
    return;
  }
  if (exists && ::access(path.c_str(), W_OK) != 0) fail_with_errno("cannot be written");
  target_ = resolve_links(path);
  if (target_.empty()) fail_with_errno("cannot be written");
  fd_ = open_temporary(folder_prefix(target_), temporary_, unfinished_);
  if (fd_ < 0) fail_with_errno("cannot be written in its folder");
  if (exists) (void)!::fchmod(fd_, info.st_mode & 07777);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with_errno("cannot be written");
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

void AtomicFile::finish(bool sync) {
  if (fd_ < 0) return;
  // Pipes and terminals cannot be flushed to a disk; fsync then fails with EINVAL or EROFS.
  if (sync && ::fsync(fd_) != 0 && !temporary_.empty()) fail_with_errno("cannot be written to disk");
  const int closed = ::close(fd_);
  fd_ = -1;
  if (closed != 0) fail_with_errno("cannot be written");
}

void AtomicFile::commit(bool sync) {
  finish(sync);
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_with_errno("cannot be renamed into place");
  temporary_.clear();
  unfinished_.clear();
  if (sync) sync_folder(folder_prefix(target_));
}

void AtomicFile::fail_with_errno(const char* what) const { fail(path_, ": ", what, " (", std::strerror(errno), ")."); }

}  // namespace bisque
