#include <bisque/core/serialization/mapped_file.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <bisque/core/error.h>
#include <bisque/core/serialization/download_check.h>

namespace bisque {

OpenFile::OpenFile(const std::string& path)
    // O_NONBLOCK: opening a named pipe must not wait for its writer.
    : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (fd_ < 0) fail(path, ": cannot be opened for reading (", std::strerror(errno), ").");
  try {
    struct stat info;
    if (::fstat(fd_, &info) != 0) fail(path, ": cannot be examined (", std::strerror(errno), ").");
    if (S_ISDIR(info.st_mode)) fail(path, ": is a directory, expected a file.");
    if (!S_ISREG(info.st_mode)) fail(path, ": is a pipe or a device, expected a regular file.");
    if (info.st_size == 0) fail(path, ": is empty.");
    size_ = static_cast<size_t>(info.st_size);
    check_beginning();
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

OpenFile::~OpenFile() { ::close(fd_); }

void OpenFile::check_beginning() const {
  std::array<char, kDownloadCheckBytes> beginning;
  const auto bytes = std::span(beginning).first(std::min(beginning.size(), size_));
  read(0, std::as_writable_bytes(bytes));
  check_download({bytes.data(), bytes.size()}, path_);
}

void OpenFile::read(uint64_t offset, std::span<std::byte> to) const {
  while (!to.empty()) {
    const ssize_t count = ::pread(fd_, to.data(), to.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path_, ": cannot be read (", std::strerror(errno), ").");
    if (count == 0) fail(path_, ": has become shorter than ", offset + to.size(), " bytes while it was read.");
    offset += static_cast<uint64_t>(count);
    to = to.subspan(static_cast<size_t>(count));
  }
}

std::shared_ptr<const MappedFile> MappedFile::open(const OpenFile& file, Mapping mapping) {
  // NORESERVE: pages are copied when they are written, so a file larger than the memory can be mapped.
  const int protection = mapping == Mapping::kCopyOnWrite ? PROT_READ | PROT_WRITE : PROT_READ;
  void* data = ::mmap(nullptr, file.size_, protection, MAP_PRIVATE | MAP_NORESERVE, file.fd_, 0);
  if (data == MAP_FAILED) fail(file.path_, ": cannot be mapped into memory (", std::strerror(errno), ").");
  return std::shared_ptr<const MappedFile>(new MappedFile({static_cast<const std::byte*>(data), file.size_}));
}

MappedFile::~MappedFile() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

}  // namespace bisque
